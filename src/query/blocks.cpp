#include <algorithm>
#include <cmath>

#include "query/arguments.hpp"
#include "query/types.hpp"

/// Blocks and headers (docs/reference/graphql.md 3).
namespace rues::query {
namespace {

using graphql::Call;
using graphql::Input;
using graphql::Json;
using graphql::Out;
using graphql::Parents;
using ledger::Header;
using ledger::Label;

constexpr std::uint64_t kMaxBlocks = 200;

/// The JSON of a label (docs/reference/graphql.md 4.2).
std::string label_json(const Label& label) {
    constexpr std::string_view kNames[] = {"Accepted", "Attested", "Confirmed", "Final"};
    return "{\"" + std::string(kNames[static_cast<std::size_t>(label.kind)]) + "\":" + std::to_string(label.value) +
           "}";
}

/// Converts a number to a height as the node does: truncated and saturated; a negative number is the tip.
std::uint64_t height_of(double given, std::uint64_t tip) {
    if (given < 0) return tip;
    constexpr double kEnd = 18'446'744'073'709'551'616.0;
    return given < kEnd ? static_cast<std::uint64_t>(given) : UINT64_MAX;
}

void block(Call& call, Parents<Root>, Out& out) {
    const Input& height = call.arguments[0];
    const Input& hash = call.arguments[1];
    if (height.given() == hash.given()) return out.fail("Specify heigth or hash");  // this is the node's spelling
    Context& context = context_of(call);
    if (height.given()) {
        if (call.spend(1)) out.value(context.block(height_of(height.number, context.tip())));
        return;
    }
    const auto bytes = hex_argument(call, 1, out);
    if (bytes && call.spend(1)) out.value(context.block_of(*bytes));
}

/// Reads `range`. When it is invalid it fails the call and returns nullopt.
std::optional<std::pair<std::uint64_t, std::uint64_t>> range_of(const Call& call, Out& out) {
    const Input& range = call.arguments[1];
    const auto refuse = [&](std::string text) {
        out.fail_rest(call.about(1, std::move(text)));
        return std::nullopt;
    };
    for (const Input& item : range.items)
        if (item.integer < 0)
            return refuse("Failed to parse \"Int\": Invalid number (occurred while parsing \"[Int!]\")");
    if (range.items.size() != 2)
        return refuse("Failed to parse \"[Int!]\": Expected input type \"[Int; 2]\", found [Int; " +
                      std::to_string(range.items.size()) + "].");
    return std::pair(static_cast<std::uint64_t>(range.items[0].integer),
                     static_cast<std::uint64_t>(range.items[1].integer));
}

void blocks(Call& call, Parents<Root>, Out& out) {
    const auto found = chosen_blocks(call, out);
    if (found) out.value(*found);
}

std::vector<const Block*> all_of(Parents<Block> blocks) {
    std::vector<const Block*> out(blocks.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = &blocks[i];
    return out;
}

/// Reads the transactions of all blocks. When that is not possible it fails the call and returns false.
bool have_transactions(Call& call, Parents<Block> blocks, Out& out) {
    std::size_t rows = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i)
        if (!blocks[i].transactions) rows += blocks[i].stored->transactions.size();
    if (!call.spend(rows)) return false;
    if (!context_of(call).read_transactions(all_of(blocks))) return out.fail_rest({kUnreadable}), false;
    return true;
}

void transactions(Call& call, Parents<Block> blocks, Out& out) {
    if (!have_transactions(call, blocks, out)) return;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (!is_whole(*blocks[i].transactions)) {
            out.fail("Cannot find transaction");
            continue;
        }
        out.begin_list();
        for (const auto& each : *blocks[i].transactions) out.object(each.get());
        out.end_list();
    }
}

/// A sum over a block's transactions. It wraps beyond 64 bits, as the node's sum does.
template <std::uint64_t (*part)(const Spent&)>
void sum(Call& call, Parents<Block> blocks, Out& out) {
    if (!have_transactions(call, blocks, out)) return;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (!is_whole(*blocks[i].transactions)) {
            out.fail("Cannot find transaction");
            continue;
        }
        std::uint64_t total = 0;
        for (const auto& each : *blocks[i].transactions) total += part(*each);
        out.unsigned_integer(total);
    }
}

std::uint64_t gas_of(const Spent& spent) {
    return spent.gas_spent;
}

std::uint64_t fee_of(const Spent& spent) {
    const auto& body = spent.transaction.body;
    return body ? spent.gas_spent * body->gas_price() : 0;
}

template <auto member>
auto hex_of() {
    return [](const Header& header) { return base::to_hex(header.*member); };
}

/// The tip and the highest final block (docs/reference/graphql.md 4.4).
void last_block_pair(Call& call, Parents<Root>, Out& out) {
    Context& context = context_of(call);
    if (!call.spend(2)) return;
    const Block* last = context.block(context.tip());
    if (last == nullptr) return out.fail("Cannot find last block");
    const std::int64_t height = context.last_final();
    const Block* final = height < 0 ? nullptr : context.block(static_cast<std::uint64_t>(height));
    if (final == nullptr) return out.fail("could not fetch the last final block by height");
    const auto pair = [](const Block& block) {
        return base::json::array{block.header().height, base::json::hex(block.header().hash)};
    };
    out.object(&context.keep(JsonValue{
        base::json::print(base::json::object{{"last_block", pair(*last)}, {"last_finalized_block", pair(*final)}})}));
}

void check_block(Call& call, Parents<Root>, Out& out) {
    const auto height = unsigned_argument(call, 0, out);
    if (!height || !call.spend(1)) return;
    const std::string_view hash = call.arguments[1].text;
    const Block* block = context_of(call).block(*height);
    if (call.arguments[2].given() && call.arguments[2].boolean) {
        // The node compares texts here, so capital letters do not match (docs/reference/graphql.md 3).
        return out.boolean(block != nullptr && block->is_final() && base::to_hex(block->header().hash) == hash);
    }
    const auto bytes = hex_argument(call, 1, out);
    if (bytes) out.boolean(block != nullptr && base::equal(block->header().hash, *bytes));
}

}  // namespace

std::optional<std::vector<const Block*>> chosen_blocks(Call& call, Out& out) {
    const auto refuse = [&](const char* text) {
        out.fail_rest({text});
        return std::nullopt;
    };
    const bool by_last = call.arguments[0].given();
    const bool by_range = call.arguments[1].given();
    std::uint64_t count = 0;
    if (by_last) {
        const auto last = unsigned_argument(call, 0, out);
        if (!last) return std::nullopt;
        count = *last;
    }
    std::pair<std::uint64_t, std::uint64_t> range;
    if (by_range) {
        const auto given = range_of(call, out);
        if (!given) return std::nullopt;
        range = *given;
    }
    if (by_last == by_range) return refuse("");  // the node's text is empty
    Context& context = context_of(call);
    if (by_last) {
        if (count == 0) return refuse("count must be positive");
        if (count > kMaxBlocks) return refuse("count too large (max 200)");
        range = {context.tip() - std::min(context.tip(), count - 1), context.tip()};
    } else {
        if (range.second < range.first) return refuse("Invalid range");
        if (range.second - range.first >= kMaxBlocks) return refuse("range too large (max 200 blocks)");
    }
    if (!call.spend(range.second - range.first + 1)) return std::nullopt;
    auto found = context.blocks(range.first, range.second);
    if (by_last) std::ranges::reverse(found);
    return found;
}

void add_block_types(graphql::SchemaBuilder& to) {
    auto block = to.object<Block>("Block");
    block.field("header", "Header!", [](const Block& v) { return &v.header(); });
    block.field("status", "JSON!", [](const Block& v, Out& out) { out.json(label_json(v.stored->label)); });
    block.field("transactions", "[SpentTransaction!]!", transactions);
    block.field("reward", "Int!", [](const Block& v) { return ledger::emission(v.header().height); });
    block.field("fees", "Int!", sum<fee_of>);
    block.field("gasSpent", "Int!", sum<gas_of>);

    auto header = to.object<Header>("Header");
    header.field("version", "Int!", &Header::version);
    header.field("height", "Int!", &Header::height);
    header.field("prevBlockHash", "String!", hex_of<&Header::prev_block_hash>());
    header.field("timestamp", "Int!", &Header::timestamp);
    header.field("hash", "String!", hex_of<&Header::hash>());
    header.field("stateHash", "String!", hex_of<&Header::state_hash>());
    header.field("generatorBlsPubkey", "String!", [](const Header& v) { return base::to_base58(v.generator); });
    header.field("txRoot", "String!", hex_of<&Header::txroot>());
    header.field("gasLimit", "Int!", &Header::gas_limit);
    header.field("seed", "String!", hex_of<&Header::seed>());
    header.field("iteration", "Int!", &Header::iteration);
    header.field("json", "String!", [](const Header& v) { return base::json::print(v.to_json_declared()); });
}

void add_block_field(RootFields& to) {
    to.field("block", "Block", block).argument("height", "Float").argument("hash", "String");
}

void add_blocks_field(RootFields& to) {
    to.field("blocks", "[Block!]!", blocks).argument("last", "Int").argument("range", "[Int!]");
}

void add_last_block_pair(RootFields& to) {
    to.field("lastBlockPair", "BlockPair!", last_block_pair)
        .describe(
            "Get a pair of two tuples containing the height and hash of the last\nblock and the last finalized block.");
}

void add_check_block(RootFields& to) {
    to.field("checkBlock", "Boolean!", check_block)
        .argument("height", "Int!")
        .argument("hash", "String!")
        .argument("onlyFinalized", "Boolean")
        .describe(
            "Check if a given block height matches a given block hash.\n\nIf `only_finalized` is set to `true`, only "
            "finalized blocks will be\nchecked `only_finalized` is set to `false` by default.");
}

}  // namespace rues::query
