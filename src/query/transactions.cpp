#include <algorithm>

#include "query/arguments.hpp"
#include "query/types.hpp"

/// Transactions of blocks and of the mempool (docs/reference/graphql.md 3).
namespace rues::query {
namespace {

using graphql::Call;
using graphql::Out;
using graphql::Parents;
using ledger::UncheckedTransaction;

constexpr std::uint64_t kMaxTransactions = 200;

void tx(Call& call, Parents<Root>, Out& out) {
    const auto bytes = hex_argument(call, 0, out);
    if (!bytes || !call.spend(1)) return;
    if (bytes->size() != 32) return out.null();
    const auto id = base::to_array<32>(*bytes);
    const auto found = context_of(call).transactions({&id, 1});
    found ? out.value(found->front()) : out.fail(kUnreadable);
}

void transactions(Call& call, Parents<Root>, Out& out) {
    const auto last = unsigned_argument(call, 0, out);
    if (!last) return;
    if (*last > kMaxTransactions) return out.fail("last too large (max 200)");
    if (*last == 0) return out.fail("count must be positive");
    Context& context = context_of(call);
    if (!call.spend(*last)) return;
    const auto ids = context.snapshot().last_transactions(static_cast<std::size_t>(*last));
    if (!ids) return out.fail(kUnreadable);
    const auto found = context.transactions(*ids);
    if (!found) return out.fail(kUnreadable);
    if (std::ranges::find(*found, nullptr) != found->end()) return out.fail("Cannot find transaction");
    out.value(*found);
}

/// A transaction without a call counts as a call of the transfer contract.
bool targets(const Spent& spent, ByteView contract) {
    const auto& body = spent.transaction.body;
    const auto* called = body ? body->call() : nullptr;
    return base::equal(called != nullptr ? called->contract : ledger::kTransferContract, contract);
}

void block_transactions(Call& call, Parents<Root>, Out& out) {
    const auto blocks = chosen_blocks(call, out);
    if (!blocks) return;
    std::optional<Bytes> contract;
    if (call.arguments[2].given()) {
        contract = hex_argument(call, 2, out);
        if (!contract) return;
        // The node drops the connection instead.
        if (contract->size() != 32) return out.fail("Invalid contract id length");
    }
    std::size_t rows = 0;
    for (const Block* block : *blocks) rows += block->stored->transactions.size();
    if (!call.spend(rows)) return;
    if (!context_of(call).read_transactions(*blocks)) return out.fail(kUnreadable);
    out.begin_list();
    for (const Block* block : *blocks)
        for (const auto& each : *block->transactions)
            if (each && (!contract || targets(*each, *contract))) out.object(each.get());
    out.end_list();
}

void mempool_transactions(Call& call, Parents<Root>, Out& out) {
    const auto* all = context_of(call).mempool();
    if (all == nullptr) return out.fail(kUnreadable);
    if (!call.spend(all->size())) return;
    out.begin_list();
    for (const Transaction& each : *all) out.object(&each);
    out.end_list();
}

void mempool_transaction(Call& call, Parents<Root>, Out& out) {
    const auto bytes = hex_argument(call, 0, out);
    if (!bytes || !call.spend(1)) return;
    if (bytes->size() != 32) return out.fail("could not convert slice to array");
    out.value(context_of(call).pooled(base::to_array<32>(*bytes)));
}

/// A field that is read from the transaction's block. Each block is read once, even for many transactions.
template <typename Read>
auto of_block(const char* missing, Read read) {
    return [missing, read](Call& call, Parents<Spent> spent, Out& out) {
        if (!call.spend(spent.size())) return;
        for (std::size_t i = 0; i < spent.size(); ++i) {
            const Block* block = context_of(call).block(spent[i].height);
            block != nullptr ? out.value(read(block->header())) : out.fail(missing);
        }
    };
}

/// A field that is read from the transaction's own bytes.
template <typename Read>
auto of_body(Read read) {
    return [read](const Transaction& tx, Out& out) { tx.body ? out.value(read(*tx.body)) : out.fail(kUnreadable); };
}

std::string raw_of(const Transaction& tx) {
    return base::to_hex(ledger::in_aegis_envelope(tx.raw));
}

std::optional<std::vector<std::string>> blob_hashes(const UncheckedTransaction& tx) {
    if (tx.blobs() == nullptr) return std::nullopt;
    std::vector<std::string> out;
    for (const auto& blob : tx.blobs()->list) out.push_back(base::to_hex(blob.hash));
    return out;
}

std::optional<std::string> deployed_contract(const UncheckedTransaction& tx) {
    if (tx.deploy() == nullptr) return std::nullopt;
    return base::to_hex(ledger::contract_id(*tx.deploy()));
}

/// Here blob hashes do not count as a memo (docs/reference/graphql.md 3).
std::optional<std::string> memo(const UncheckedTransaction& tx) {
    const auto* memo = std::get_if<ledger::Memo>(&tx.data());
    return memo != nullptr ? std::optional(base::to_hex(memo->bytes)) : std::nullopt;
}

}  // namespace

void add_transaction_types(graphql::SchemaBuilder& to) {
    auto call = to.object<ledger::Call>("CallData");
    call.field("contractId", "String!", [](const ledger::Call& v) { return base::to_hex(v.contract); });
    call.field("fnName", "String!", &ledger::Call::fn_name);
    call.field("data", "String!", [](const ledger::Call& v) { return base::to_hex(v.fn_args); });

    auto spent = to.object<Spent>("SpentTransaction");
    spent.field("tx", "Transaction!", [](const Spent& v) { return &v.transaction; });
    spent.field("err", "String", &Spent::error);
    spent.field("gasSpent", "Int!", &Spent::gas_spent);
    spent.field("blockHash", "String!", of_block("Cannot find block hash by height", [](const ledger::Header& header) {
                    return base::to_hex(header.hash);
                }));
    spent.field("blockHeight", "Int!", &Spent::height);
    spent.field("blockTimestamp", "Int!",
                of_block("Cannot find block header", [](const ledger::Header& header) { return header.timestamp; }));
    spent.field("id", "String!", [](const Spent& v) { return base::to_hex(v.transaction.id); });
    spent.field("raw", "String!", [](const Spent& v) { return raw_of(v.transaction); });

    auto tx = to.object<Transaction>("Transaction");
    tx.field("raw", "String!", raw_of);
    tx.field("json", "String!",
             of_body([](const UncheckedTransaction& v) { return base::json::print(v.to_json_declared()); }));
    tx.field("id", "String!", [](const Transaction& v) { return base::to_hex(v.id); });
    tx.field("gasLimit", "Int!", of_body([](const UncheckedTransaction& v) { return v.gas_limit(); }));
    tx.field("gasPrice", "Int!", of_body([](const UncheckedTransaction& v) { return v.gas_price(); }));
    tx.field("txType", "String!", of_body([](const UncheckedTransaction& v) -> std::string_view {
                 return v.moonlight() != nullptr ? "Moonlight" : "Phoenix";
             }));
    tx.field("callData", "CallData", of_body([](const UncheckedTransaction& v) { return v.call(); }));
    tx.field("blobHashes", "[String!]", of_body(blob_hashes));
    tx.field("isDeploy", "Boolean!", of_body([](const UncheckedTransaction& v) { return v.deploy() != nullptr; }));
    tx.field("contractId", "String", of_body(deployed_contract));
    tx.field("memo", "String", of_body(memo));
}

void add_transaction_fields(RootFields& to) {
    to.field("tx", "SpentTransaction", tx).argument("hash", "String!");
    to.field("transactions", "[SpentTransaction!]!", transactions).argument("last", "Int!");
    to.field("blockTxs", "[SpentTransaction!]!", block_transactions)
        .argument("last", "Int")
        .argument("range", "[Int!]")
        .argument("contract", "String");
}

void add_mempool_fields(RootFields& to) {
    to.field("mempoolTxs", "[Transaction!]!", mempool_transactions);
    to.field("mempoolTx", "Transaction", mempool_transaction).argument("hash", "String!");
}

}  // namespace rues::query
