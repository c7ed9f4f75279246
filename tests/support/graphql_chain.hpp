#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "graphql/builder.hpp"
#include "query/query.hpp"

/// The node's schema with other resolvers: over a chain in memory that behaves like a node as far as the recorded
/// answers about the language itself need it.
namespace rues::graphql::test {

struct Transaction {
    std::string id;
    std::uint64_t gas_limit = 100'000'000;
    std::string raw = "00";
};

struct Spent {
    const Transaction* tx = nullptr;
    std::uint64_t gas_spent = 11'000'000;
    std::uint64_t block_height = 0;
    std::string block_hash;
};

struct Header {
    std::uint64_t height = 0;
    std::string hash;
    std::uint64_t timestamp = 0;
};

struct Block {
    Header header;
    std::vector<Spent> spent;
};

struct Pair {
    std::string json;
};

struct Chain {
    std::vector<Block> blocks;
    std::vector<Transaction> transactions;
    std::size_t batches = 0;  ///< number of reads of transactions for a list of blocks

    explicit Chain(std::size_t height, std::size_t transactions_a_block = 1) {
        blocks.resize(height + 1);
        transactions.resize(height * transactions_a_block);
        for (std::size_t i = 0; i <= height; ++i) {
            blocks[i].header = {i, number(i, 'b'), 10 * i};
            for (std::size_t k = 0; i > 0 && k < transactions_a_block; ++k) {
                Transaction& tx = transactions[(i - 1) * transactions_a_block + k];
                tx.id = number((i - 1) * transactions_a_block + k, 't');
                blocks[i].spent.push_back({&tx, 11'000'000 + k, i, blocks[i].header.hash});
            }
        }
    }

    const Spent* find(std::string_view id) const {
        for (std::size_t i = 0; i < transactions.size(); ++i)
            if (transactions[i].id == id)
                return &blocks[1 + i / blocks[1].spent.size()].spent[i % blocks[1].spent.size()];
        return nullptr;
    }

    static std::string number(std::size_t i, char fill) {
        std::string digits = std::to_string(i);
        return std::string(64 - digits.size(), fill) + digits;
    }
};

/// An unsigned argument (docs/reference/graphql.md 7.5); false when the call has failed.
inline bool take_unsigned(const Call& call, std::size_t argument, Out& out, std::uint64_t& to) {
    const std::int64_t value = call.arguments[argument].integer;
    if (value < 0) return out.fail_rest(call.about(argument, "Failed to parse \"Int\": Invalid number")), false;
    to = static_cast<std::uint64_t>(value);
    return true;
}

inline void block(Call& call, Parents<Chain> chain, Out& out) {
    const Input& height = call.arguments[0];
    const Input& hash = call.arguments[1];
    if (height.given() == hash.given()) return out.fail("Specify heigth or hash");
    const auto& blocks = chain[0].blocks;
    const Block* found = nullptr;
    for (const Block& each : blocks) {
        const double tip = static_cast<double>(blocks.size());
        const double wanted = height.number < 0 ? tip + height.number : height.number;
        if (height.given() ? static_cast<double>(each.header.height) == wanted : each.header.hash == hash.text)
            found = &each;
    }
    out.value(found);
}

inline void blocks(Call& call, Parents<Chain> chain, Out& out) {
    const auto& all = chain[0].blocks;
    std::size_t first = 0;
    std::size_t end = all.size();
    if (const Input& range = call.arguments[1]; range.given()) {
        if (range.items.size() != 2)
            return out.fail(call.about(1, "Failed to parse \"[Int!]\": Expected input type \"[Int; 2]\", found [Int; " +
                                              std::to_string(range.items.size()) + "]."));
        if (range.items[0].integer > range.items[1].integer) return out.fail("Invalid range");
        first = static_cast<std::size_t>(range.items[0].integer);
        end = std::min(end, static_cast<std::size_t>(range.items[1].integer) + 1);
    } else {
        std::uint64_t last = 0;
        if (!take_unsigned(call, 0, out, last)) return;
        if (last > 200) return out.fail("count too large (max 200)");
        first = end - std::min<std::size_t>(last, end);
    }
    out.begin_list();
    for (std::size_t i = first; i < end; ++i) out.object(&all[i]);
    out.end_list();
}

inline void transactions_of_blocks(Call& call, Parents<Block> blocks, Out& out) {
    ++call.context<Chain>().batches;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        out.begin_list();
        for (const Spent& each : blocks[i].spent) out.object(&each);
        out.end_list();
    }
}

inline void last_transactions(Call& call, Parents<Chain> chain, Out& out) {
    std::uint64_t last = 0;
    if (!take_unsigned(call, 0, out, last)) return;
    out.begin_list();
    for (auto block = chain[0].blocks.rbegin(); block != chain[0].blocks.rend(); ++block)
        for (const Spent& each : block->spent)
            if (last != 0) --last, out.object(&each);
    out.end_list();
}

/// Replaces the resolvers of fields of a type that is already declared.
template <typename T>
class Rebound {
public:
    Rebound(Schema& schema, std::string_view type) : type_(const_cast<Type&>(*schema.type(type))) {}
    template <typename F>
    void field(std::string_view name, F read) {
        Type scratch;
        ObjectBuilder<T>(scratch).field(std::string(name), {}, std::move(read));
        const auto found = std::ranges::find(type_.fields, name, &Field::name);
        if (found == type_.fields.end()) throw std::logic_error("no field " + std::string(name));
        found->resolve = std::move(scratch.fields.front().resolve);
    }

private:
    Type& type_;
};

inline void bind_ledger_types(Schema& to) {
    Rebound<Block> block(to, "Block");
    block.field("header", [](const Block& v) { return &v.header; });
    block.field("status", [](const Block&) { return Json{"{\"Final\":0}"}; });
    block.field("transactions", transactions_of_blocks);
    for (const auto name : {"reward", "fees", "gasSpent"}) block.field(name, [](const Block&) { return 0; });
    Rebound<Pair>(to, "BlockPair").field("json", [](const Pair& v) { return Json{v.json}; });

    Rebound<Header> header(to, "Header");
    header.field("version", [](const Header&) { return 1; });
    header.field("height", &Header::height);
    header.field("timestamp", &Header::timestamp);
    header.field("hash", &Header::hash);
    for (const auto name : {"prevBlockHash", "stateHash", "generatorBlsPubkey", "txRoot", "seed"})
        header.field(name, [](const Header&) { return ""; });
    header.field("gasLimit", [](const Header&) { return 3'000'000'000U; });
    header.field("iteration", [](const Header&) { return 0; });
    header.field("json", [](const Header&) { return "{}"; });
}

inline void bind_transaction_types(Schema& to) {
    Rebound<Spent> spent(to, "SpentTransaction");
    spent.field("tx", &Spent::tx);
    spent.field("err", [](const Spent&, Out& out) { out.null(); });
    spent.field("gasSpent", &Spent::gas_spent);
    spent.field("blockHash", &Spent::block_hash);
    spent.field("blockHeight", &Spent::block_height);
    spent.field("blockTimestamp", [](const Spent& v) { return 10 * v.block_height; });
    spent.field("id", [](const Spent& v) { return std::string_view(v.tx->id); });
    spent.field("raw", [](const Spent& v) { return std::string_view(v.tx->raw); });

    Rebound<Transaction> tx(to, "Transaction");
    tx.field("raw", &Transaction::raw);
    tx.field("json", [](const Transaction&) { return "{}"; });
    tx.field("id", &Transaction::id);
    tx.field("gasLimit", &Transaction::gas_limit);
    tx.field("gasPrice", [](const Transaction&) { return 1; });
    tx.field("txType", [](const Transaction&) { return "Moonlight"; });
    tx.field("isDeploy", [](const Transaction&) { return false; });
    for (const auto name : {"callData", "blobHashes", "contractId", "memo"})
        tx.field(name, [](const Transaction&, Out& out) { out.null(); });
}

inline void bind_query_type(Schema& to) {
    Rebound<Chain> query(to, "Query");
    query.field("block", block);
    query.field("tx",
                [](Call& call, Parents<Chain> chain, Out& out) { out.value(chain[0].find(call.arguments[0].text)); });
    query.field("transactions", last_transactions);
    query.field("blocks", blocks);
    for (const auto name : {"blockTxs", "mempoolTxs"})
        query.field(name, [](const Chain&, Out& out) { out.begin_list(), out.end_list(); });
    query.field("mempoolTx", [](const Chain&, Out& out) { out.fail("could not convert slice to array"); });
    query.field("lastBlockPair", [](Call& call, Parents<Chain> chain, Out& out) {
        out.object(&call.keep(Pair{"[" + std::to_string(chain[0].blocks.size() - 1) + "]"}));
    });
    query.field("checkBlock", [](const Chain&) { return false; });
    for (const auto name : {"fullMoonlightHistory", "moonlightHistory", "transactionsByMemo", "contractEvents",
                            "finalizedEvents", "nextPhoenix"})
        query.field(name, [](const Chain&, Out& out) { out.null(); });
}

inline Schema chain_schema() {
    Schema out = query::schema();
    for (Type& type : out.types) {
        if (type.introspection) continue;
        // The real resolvers must not see objects of this chain.
        for (Field& field : type.fields)
            field.resolve = [](Call&, Out& rest) { rest.fail_rest({"not in this chain"}); };
    }
    bind_ledger_types(out);
    bind_transaction_types(out);
    bind_query_type(out);
    return out;
}

}  // namespace rues::graphql::test
