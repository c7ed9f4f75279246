#include <algorithm>
#include <charconv>

#include "query/archive_json.hpp"
#include "query/arguments.hpp"
#include "query/types.hpp"

/// Events of contracts (docs/reference/graphql.md 4.5, docs/reference/rusk-1.7.md 6.1).
namespace rues::query {
namespace {

using graphql::Call;
using graphql::Input;
using graphql::Out;
using graphql::Parents;
using ledger::ContractEvent;

constexpr std::int64_t kPage = 50;
constexpr std::int64_t kMaxPage = 200;
constexpr std::string_view kCursorVersion = "v1:";

/// The keys are sorted, as in the node's JSON.
base::json::object event_json(const ContractEvent& event) {
    return {{"data", base::json::hex(event.data)},
            {"origin", base::json::hex(event.origin)},
            {"reverted", kReverted},
            {"source", base::json::hex(event.contract)},
            {"topic", event.topic}};
}

/// Height of the block whose events are requested; nullopt when there is no such block. An Error when the read failed.
base::Result<std::optional<std::uint64_t>> asked_height(Call& call, ByteView hash) {
    const Input& height = call.arguments[0];
    const store::Snapshot& snapshot = context_of(call).snapshot();
    if (!height.given())
        return hash.size() == 32 ? snapshot.height_of(base::to_array<32>(hash)) : std::optional<std::uint64_t>();
    if (height.integer < 0) return snapshot.last_pending_events();
    return static_cast<std::uint64_t>(height.integer);
}

void contract_events(Call& call, Parents<Root>, Out& out) {
    if (call.arguments[0].given() == call.arguments[1].given()) return out.fail("Specify height or hash");
    std::optional<Bytes> hash;
    if (call.arguments[1].given()) {
        hash = hex_argument(call, 1, out);
        if (!hash) return;
    }
    if (!call.spend(1)) return;
    const auto height = asked_height(call, hash.value_or(Bytes()));
    if (!height) return out.fail(kUnreadable);
    base::json::array list;
    if (*height) {
        const auto events = context_of(call).snapshot().listed_events(**height);
        if (!events) return out.fail(kUnreadable);
        if (!call.spend(events->size())) return;
        list.reserve(events->size());
        for (const auto& event : *events) list.push_back(event_json(event));
    }
    out.object(&context_of(call).keep(JsonValue{base::json::print(list)}));
}

std::string cursor_of(const store::FinalEvent& event) {
    return base::to_base64(base::view(std::string(kCursorVersion) + std::to_string(event.row)));
}

/// The row that a cursor names; nullopt when it is not one of our cursors.
std::optional<std::uint64_t> row_of(std::string_view cursor) {
    const auto bytes = base::from_base64(cursor);
    if (!bytes) return std::nullopt;
    std::string_view text = base::text(*bytes);
    if (!text.starts_with(kCursorVersion)) return std::nullopt;
    text.remove_prefix(kCursorVersion.size());
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t row = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), row);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(row, 0));
}

void finalized_events(Call& call, Parents<Root>, Out& out) {
    const std::string_view id = call.arguments[0].text;
    if (id.size() != 64) return out.fail("Invalid contract_id");
    std::uint64_t after = 0;
    if (const Input& cursor = call.arguments[2]; cursor.given()) {
        const auto row = row_of(cursor.text);
        if (!row) return out.fail("Invalid cursor");
        after = *row;
    }
    const Input& limit = call.arguments[1];
    const auto count =
        static_cast<std::size_t>(limit.given() ? std::clamp<std::int64_t>(limit.integer, 1, kMaxPage) : kPage);
    if (!call.spend(count)) return;
    // The node compares texts, and its ids are in lower case.
    const auto contract = base::array_from_hex<32>(id);
    base::Result<store::FinalEvents> page;
    if (contract && base::to_hex(*contract) == id)
        page = context_of(call).snapshot().final_events(*contract, after, count);
    if (!page) return out.fail(kUnreadable);
    base::json::array events;
    for (const auto& event : page->events) events.push_back(json_of(event));
    const auto cursor = [&](bool last) -> base::json::value {
        if (page->events.empty()) return nullptr;
        return boost::json::string(cursor_of(last ? page->events.back() : page->events.front()));
    };
    out.object(
        &context_of(call).keep(JsonValue{base::json::print(base::json::object{{"endCursor", cursor(true)},
                                                                              {"events", std::move(events)},
                                                                              {"hasNextPage", page->more},
                                                                              {"startCursor", cursor(false)}})}));
}

/// Searches heights above the given one, which may be negative.
void next_phoenix(Call& call, Parents<Root>, Out& out) {
    const std::int64_t height = call.arguments[0].integer;
    if (!call.spend(1)) return;
    const auto next = context_of(call).snapshot().next_phoenix(height < 0 ? 0 : static_cast<std::uint64_t>(height) + 1);
    next ? out.value(*next) : out.fail(kUnreadable);
}

}  // namespace

void add_event_fields(RootFields& to) {
    to.field("contractEvents", "ContractEvents", contract_events)
        .argument("height", "Int")
        .argument("hash", "String")
        .describe("Get contract events by block height or hash.");
    to.field("finalizedEvents", "ContractEvents", finalized_events)
        .argument("contractId", "String!")
        .argument("limit", "Int")
        .argument("cursor", "String")
        .describe(
            "Get finalized contract events for a given contract ID with cursor based\npagination.\n\n* **limit** "
            "\u2013 Optional page size (default: 50, maximum: 200). If\nomitted, the first page returns up to 50 "
            "events.\n* **cursor** \u2013 Optional cursor returned from a previous call. When\nsupplied, results begin "
            "strictly after that event, else the first page\nis provided.");
}

void add_next_phoenix(RootFields& to) {
    to.field("nextPhoenix", "Int", next_phoenix)
        .argument("height", "Int!")
        .describe("Get the next block height that contains a Phoenix event after the given\nblock height.");
}

}  // namespace rues::query
