#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "graphql/builder.hpp"

/// The schema that a node serves (vectors/rusk-1.7: gql-sdl) over a chain in memory: enough of its behaviour for the
/// recorded answers about the language itself. The real resolvers are `api`'s.
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

struct CallData {};
struct Archive {};

struct Chain {
    std::vector<Block> blocks;
    std::vector<Transaction> transactions;
    std::size_t batches = 0;  ///< how often a list of blocks was asked for its transactions

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

/// An unsigned argument (GQ 7.5); false when the call has failed.
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

inline void add_ledger_types(SchemaBuilder& to) {
    auto block = to.object<Block>("Block");
    block.field("header", "Header!", [](const Block& v) { return &v.header; });
    block.field("status", "JSON!", [](const Block&) { return Json{"{\"Final\":0}"}; });
    block.field("transactions", "[SpentTransaction!]!", transactions_of_blocks);
    block.field("reward", "Int!", [](const Block&) { return 0; });
    block.field("fees", "Int!", [](const Block&) { return 0; });
    block.field("gasSpent", "Int!", [](const Block&) { return 0; });
    to.object<Pair>("BlockPair").field("json", "JSON!", [](const Pair& v) { return Json{v.json}; });

    auto data = to.object<CallData>("CallData");
    for (const auto name : {"contractId", "fnName", "data"})
        data.field(name, "String!", [](const CallData&) { return ""; });
    to.object<Archive>("ContractEvents").field("json", "JSON!", [](const Archive&) { return Json{"[]"}; });

    auto header = to.object<Header>("Header");
    header.field("version", "Int!", [](const Header&) { return 1; });
    header.field("height", "Int!", &Header::height);
    header.field("prevBlockHash", "String!", [](const Header&) { return ""; });
    header.field("timestamp", "Int!", &Header::timestamp);
    header.field("hash", "String!", &Header::hash);
    for (const auto name : {"stateHash", "generatorBlsPubkey", "txRoot"})
        header.field(name, "String!", [](const Header&) { return ""; });
    header.field("gasLimit", "Int!", [](const Header&) { return 3'000'000'000U; });
    header.field("seed", "String!", [](const Header&) { return ""; });
    header.field("iteration", "Int!", [](const Header&) { return 0; });
    header.field("json", "String!", [](const Header&) { return "{}"; });
    to.scalar("JSON", "A scalar that can represent any JSON value.");
    to.object<Archive>("MoonlightTransfers").field("json", "JSON!", [](const Archive&) { return Json{"[]"}; });
}

inline void add_transaction_types(SchemaBuilder& to) {
    auto spent = to.object<Spent>("SpentTransaction");
    spent.field("tx", "Transaction!", &Spent::tx);
    spent.field("err", "String", [](const Spent&, Out& out) { out.null(); });
    spent.field("gasSpent", "Int!", &Spent::gas_spent);
    spent.field("blockHash", "String!", &Spent::block_hash);
    spent.field("blockHeight", "Int!", &Spent::block_height);
    spent.field("blockTimestamp", "Int!", [](const Spent& v) { return 10 * v.block_height; });
    spent.field("id", "String!", [](const Spent& v) { return std::string_view(v.tx->id); });
    spent.field("raw", "String!", [](const Spent& v) { return std::string_view(v.tx->raw); });

    auto tx = to.object<Transaction>("Transaction");
    tx.field("raw", "String!", &Transaction::raw);
    tx.field("json", "String!", [](const Transaction&) { return "{}"; });
    tx.field("id", "String!", &Transaction::id);
    tx.field("gasLimit", "Int!", &Transaction::gas_limit);
    tx.field("gasPrice", "Int!", [](const Transaction&) { return 1; });
    tx.field("txType", "String!", [](const Transaction&) { return "Moonlight"; });
    tx.field("callData", "CallData", [](const Transaction&, Out& out) { out.null(); });
    tx.field("blobHashes", "[String!]", [](const Transaction&, Out& out) { out.null(); });
    tx.field("isDeploy", "Boolean!", [](const Transaction&) { return false; });
    tx.field("contractId", "String", [](const Transaction&, Out& out) { out.null(); });
    tx.field("memo", "String", [](const Transaction&, Out& out) { out.null(); });
}

inline void add_query_type(SchemaBuilder& to) {
    const auto nothing = [](const Chain&, Out& out) { out.null(); };
    const auto empty_list = [](const Chain&, Out& out) { out.begin_list(), out.end_list(); };
    auto query = to.object<Chain>("Query");
    query.field("block", "Block", block).argument("height", "Float").argument("hash", "String");
    query
        .field("tx", "SpentTransaction",
               [](Call& call, Parents<Chain> chain, Out& out) { out.value(chain[0].find(call.arguments[0].text)); })
        .argument("hash", "String!");
    query.field("transactions", "[SpentTransaction!]!", last_transactions).argument("last", "Int!");
    query.field("blockTxs", "[SpentTransaction!]!", empty_list)
        .argument("last", "Int")
        .argument("range", "[Int!]")
        .argument("contract", "String");
    query.field("blocks", "[Block!]!", blocks).argument("last", "Int").argument("range", "[Int!]");
    query.field("mempoolTxs", "[Transaction!]!", empty_list);
    query
        .field("mempoolTx", "Transaction", [](const Chain&, Out& out) { out.fail("could not convert slice to array"); })
        .argument("hash", "String!");
    query
        .field("lastBlockPair", "BlockPair!",
               [](Call& call, Parents<Chain> chain, Out& out) {
                   out.object(&call.keep(Pair{"[" + std::to_string(chain[0].blocks.size() - 1) + "]"}));
               })
        .describe(
            "Get a pair of two tuples containing the height and hash of the last\nblock and the last finalized block.");
    query.field("fullMoonlightHistory", "MoonlightTransfers", nothing)
        .argument("address", "String!")
        .argument("ord", "String")
        .argument("fromBlock", "Int")
        .argument("toBlock", "Int")
        .describe(
            "Retrieves the events of all historical transactions that have been\naffecting the moonlight balance of "
            "the given address.");
    query.field("moonlightHistory", "MoonlightTransfers", nothing)
        .argument("sender", "String")
        .argument("receiver", "String")
        .argument("fromBlock", "Int")
        .argument("toBlock", "Int")
        .argument("maxCount", "Int")
        .argument("pageCount", "Int")
        .describe(
            "Retrieves raw events from transactions where at least one event within a\ntransaction indicates a "
            "transfer of funds.\n\n"
            "Filter by topic=\"moonlight\" and target=TRANSFER_CONTRACT on events for a\ntx, to get only events from "
            "moonlight "
            "transactions. (Instead of both\nphoenix or moonlight transactions)");
    query.field("transactionsByMemo", "MoonlightTransfers", nothing).argument("memo", "String!");
    query.field("contractEvents", "ContractEvents", nothing)
        .argument("height", "Int")
        .argument("hash", "String")
        .describe("Get contract events by block height or hash.");
    query.field("finalizedEvents", "ContractEvents", nothing)
        .argument("contractId", "String!")
        .argument("limit", "Int")
        .argument("cursor", "String")
        .describe(
            "Get finalized contract events for a given contract ID with cursor based\npagination.\n\n* **limit** "
            "\u2013 Optional page "
            "size (default: 50, maximum: 200). If\nomitted, the first page returns up to 50 events.\n* **cursor** "
            "\u2013 Optional "
            "cursor returned from a previous call. When\nsupplied, results begin strictly after that event, else the "
            "first page\nis provided.");
    query.field("checkBlock", "Boolean!", [](const Chain&) { return false; })
        .argument("height", "Int!")
        .argument("hash", "String!")
        .argument("onlyFinalized", "Boolean")
        .describe(
            "Check if a given block height matches a given block hash.\n\nIf `only_finalized` is set to `true`, only "
            "finalized blocks "
            "will be\nchecked `only_finalized` is set to `false` by default.");
    query.field("nextPhoenix", "Int", nothing)
        .argument("height", "Int!")
        .describe("Get the next block height that contains a Phoenix event after the given\nblock height.");
}

inline Schema chain_schema() {
    SchemaBuilder builder({.wide_integers = true});
    builder.description = "What is known of the chain";
    add_ledger_types(builder);
    add_transaction_types(builder);
    add_query_type(builder);
    auto schema = std::move(builder).build();
    if (!schema) throw std::logic_error(schema.error().text);
    return std::move(*schema);
}

}  // namespace rues::graphql::test
