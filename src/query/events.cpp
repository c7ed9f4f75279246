#include <algorithm>

#include "query/arguments.hpp"
#include "query/types.hpp"

/// What contracts emitted (GQ 4.5, rusk-1.7 6.1).
namespace rues::query {
namespace {

using graphql::Call;
using graphql::Input;
using graphql::Out;
using graphql::Parents;
using ledger::ContractEvent;

/// Nothing that was executed is taken back here (decisions 20).
constexpr bool kReverted = false;

base::json::object event_json(const ContractEvent& event) {
    return {{"data", base::json::hex(event.data)},
            {"origin", base::json::hex(event.origin)},
            {"reverted", kReverted},
            {"source", base::json::hex(event.contract)},
            {"topic", event.topic}};
}

/// The events of a block, in the order of the node: as they were executed until the block is final, then by origin
/// (GQ 5.2).
std::optional<std::vector<ContractEvent>> events_of(const Context& context, const Block& block) {
    auto events = context.snapshot().contract_events(block.stored.header.height);
    if (!events) return std::nullopt;
    if (block.stored.label.kind == ledger::Label::Kind::final)
        std::ranges::stable_sort(*events, {}, &ContractEvent::origin);
    return std::move(*events);
}

/// Of the highest block that is not final and has events.
std::optional<std::vector<ContractEvent>> pending_events(Call& call) {
    Context& context = context_of(call);
    for (std::uint64_t height = context.tip();; --height) {
        if (!call.spend(1)) return std::nullopt;
        const Block* block = context.block(height);
        if (block == nullptr) return std::nullopt;
        if (block->stored.label.kind == ledger::Label::Kind::final) return std::vector<ContractEvent>();
        auto events = events_of(context, *block);
        if (!events || !events->empty()) return events;
    }
}

void contract_events(Call& call, Parents<Root>, Out& out) {
    const Input& height = call.arguments[0];
    const Input& hash = call.arguments[1];
    if (height.given() == hash.given()) return out.fail("Specify height or hash");
    Context& context = context_of(call);
    const Block* block = nullptr;
    if (height.given()) {
        if (!call.spend(1)) return;
        if (height.integer >= 0) block = context.block(static_cast<std::uint64_t>(height.integer));
    } else {
        const auto bytes = hex_argument(call, 1, out);
        if (!bytes || !call.spend(1)) return;
        block = context.block_of(*bytes);
    }
    std::optional<std::vector<ContractEvent>> events;
    if (height.given() && height.integer < 0)
        events = pending_events(call);
    else
        events = block != nullptr ? events_of(context, *block) : std::vector<ContractEvent>();
    if (!events) return out.fail(kUnreadable);
    if (!call.spend(events->size())) return;
    base::json::array list;
    list.reserve(events->size());
    for (const auto& event : *events) list.push_back(event_json(event));
    out.object(&context.keep(JsonValue{base::json::print(list)}));
}

void not_kept(Call&, Parents<Root>, Out& out) {
    out.fail("This node keeps no archive");
}

}  // namespace

void add_event_fields(RootFields& to) {
    to.field("contractEvents", "ContractEvents", contract_events)
        .argument("height", "Int")
        .argument("hash", "String")
        .describe("Get contract events by block height or hash.");
    to.field("finalizedEvents", "ContractEvents", not_kept)
        .argument("contractId", "String!")
        .argument("limit", "Int")
        .argument("cursor", "String")
        .describe(
            "Get finalized contract events for a given contract ID with cursor based\npagination.\n\n* **limit** "
            "\u2013 Optional page size (default: 50, maximum: 200). If\nomitted, the first page returns up to 50 "
            "events.\n* **cursor** \u2013 Optional cursor returned from a previous call. When\nsupplied, results begin "
            "strictly after that event, else the first page\nis provided.");
}

}  // namespace rues::query
