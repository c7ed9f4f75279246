#include <fmt/chrono.h>
#include <fmt/format.h>

#include "app/cli.hpp"
#include "app/ledger_reads.hpp"
#include "app/output.hpp"
#include "app/terminal_json.hpp"
#include "base/decimal.hpp"
#include "client/amount.hpp"
#include "client/answer_json.hpp"

namespace rues::app {
namespace {

using base::json::object;
using client::number_in;
using client::text_in;

struct BlockOptions {
    NodeOption node;
    std::string name = "latest";
    bool json = false;
};

constexpr std::uint64_t kHighest = 1ULL << 53;  // GraphQL takes heights as Float

std::optional<BlockName> block_name(std::string_view text) {
    if (text == "latest") return BlockName();
    if (const auto hash = hash_of(text)) return BlockName(*hash);
    const auto height = base::parse_decimal(text);
    if (height && *height <= kHighest) return BlockName(*height);
    return std::nullopt;
}

/// `final`, `accepted`: the block's label (docs/reference/graphql.md 4.2).
std::string status_of(const object& block) {
    const auto* status = block.if_contains("status");
    const auto* label = status == nullptr ? nullptr : status->if_object();
    return label == nullptr || label->empty() ? "unknown" : base::to_lower_ascii(label->begin()->key());
}

std::string dusk_in(const object& block, std::string_view key) {
    return client::dusk(number_in(block, key).value_or(0)) + " DUSK";
}

bool is_shielded(const object& spent) {
    const auto* tx = spent.if_contains("tx");
    return tx != nullptr && tx->is_object() && text_in(tx->get_object(), "txType") == "Phoenix";
}

/// A node may say anything, and `fmt::gmtime` throws for years that it cannot write.
std::string time_text(std::uint64_t seconds) {
    constexpr std::uint64_t kEndOfYear9999 = 253'402'300'799;
    if (seconds > kEndOfYear9999) return fmt::format("{} s after 1970", seconds);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

void print_block(const object& block) {
    const object& header = block.at("header").get_object();
    const auto text = [&](std::string_view key) { return text_in(header, key).value_or("unknown"); };
    const auto number = [&](std::string_view key) { return number_in(header, key).value_or(0); };
    const auto* list = block.if_contains("transactions");
    const auto count = list != nullptr && list->is_array() ? list->get_array().size() : 0;
    put_fact("height", std::to_string(number("height")));
    put_fact("hash", text("hash"));
    put_fact("time", time_text(number("timestamp")));
    put_fact("status", status_of(block));
    put_fact("gas", fmt::format("{} of {}", number_in(block, "gasSpent").value_or(0), number("gasLimit")));
    put_fact("fees", dusk_in(block, "fees"));
    put_fact("reward", dusk_in(block, "reward"));
    put_fact("generator", text("generatorBlsPubkey"));
    put_fact("parent", text("prevBlockHash"));
    put_fact("state hash", text("stateHash"));
    put_fact("transactions", std::to_string(count));
    for (std::size_t i = 0; i < count; ++i) {
        const auto* spent = list->get_array()[i].if_object();
        if (spent == nullptr) continue;
        const auto error = text_in(*spent, "err");
        put("  {}  gas {}{}{}\n", printable(text_in(*spent, "id").value_or("")),
            number_in(*spent, "gasSpent").value_or(0), is_shielded(*spent) ? ", shielded" : "",
            error ? ", error: " + printable(*error) : "");
    }
}

int run(const BlockOptions& options) {
    const auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    const auto name = block_name(options.name);
    if (!name)
        return complain(kWrongUse,
                        fmt::format("`{}` is not a height, a hash of 64 hex digits, or latest", options.name));
    const auto block = find_block(*url, *name);
    if (!block) return complain(exit_code_of(block.error()), block.error().text);
    if (!*block) return complain(kFailed, "the chain has no block " + options.name);
    if (options.json)
        put("{}\n", terminal_json(**block));
    else
        print_block(**block);
    return kDone;
}

}  // namespace

void add_block(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<BlockOptions>();
    auto* command = program.add_subcommand("block", "Print a block and its transactions");
    command->add_option("BLOCK", options->name, "Height, hash, or latest [latest]")->type_name("");
    add_node(*command, options->node);
    command->add_flag("--json", options->json, "Print one JSON object, as GraphQL has it");
    command->footer(
        "Examples:\n  rues block\n  rues block 1 --json\n\nExit codes: 0 done, 1 unknown, refused or unreachable, 2 "
        "wrong use");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
