#include "query/subscriptions.hpp"

#include "base/encoding.hpp"
#include "query/arguments.hpp"
#include "query/types.hpp"
#include "wire/topics.hpp"

namespace rues::query {
namespace {

using graphql::Call;
using graphql::Input;
using graphql::Out;
using graphql::Parents;

void block(Call& call, Parents<Event> events, Out& out) {
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!call.spend(1)) return;
        const auto hash = base::from_hex(events[i].block_hash);
        const Block* found = hash ? context_of(call).block_of(*hash) : nullptr;
        found != nullptr ? out.object(found) : out.fail(kUnreadable);
    }
}

void transaction(Call& call, Parents<Event> events, Out& out) {
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!call.spend(1)) return;
        const auto id = base::array_from_hex<32>(events[i].uri.entity.value_or(""));
        if (!id) return out.fail(kUnreadable);
        const auto found = context_of(call).transactions({&*id, 1});
        if (!found || found->front() == nullptr) return out.fail(kUnreadable);
        out.object(found->front());
    }
}

/// Reads an argument of 32 bytes in hex, and returns it as URIs write it.
std::expected<std::optional<std::string>, std::string> hash_in(const Input& given, std::string_view name) {
    if (!given.given()) return std::nullopt;
    const auto bytes = decode_hex(given.text);
    if (!bytes) return std::unexpected(bytes.error());
    if (bytes->size() != 32) return std::unexpected(std::string(name) + " is 64 hex digits");
    return base::to_hex(*bytes);
}

std::expected<Source, std::string> contracts_source(std::span<const Input> arguments) {
    auto contract = hash_in(arguments[0], "contractId");
    if (!contract) return std::unexpected(contract.error());
    const Input& topic = arguments[1];
    if (!topic.given())
        return Source{{wire::Component::blocks, std::nullopt, std::string(wire::topic::kAccepted)},
                      {},
                      Source::Contracts{std::move(*contract)}};
    if (topic.text.empty()) return std::unexpected("topic is empty");
    return Source{{wire::Component::contracts, std::move(*contract), std::string(topic.text)}};
}

}  // namespace

std::optional<Event> Event::of(ByteView message) {
    auto frame = wire::Frame::parse(wire::without_websocket_header(message));
    if (!frame) return std::nullopt;
    const auto text = [&](std::string_view name) { return std::string(frame->header(name).value_or("")); };
    auto uri = wire::Uri::of_location(text("Content-Location"));
    const auto height = base::parse_u64(text("Rues-Height"));
    if (!uri || !height) return std::nullopt;
    return Event{text("Rues-Position"),   std::move(*uri),     *height,
                 text("Rues-Block-Hash"), text("Rusk-Origin"), std::move(frame->payload)};
}

bool Source::Contracts::wants(const wire::Uri& event) const {
    return event.component == wire::Component::contracts && (!contract || event.entity == contract);
}

bool Source::Contracts::may_want(const store::EventFilter& event) const {
    return event.component == wire::Component::contracts && event.tie != store::Tie::retraction &&
           (!contract || event.entity == wire::text_hash(*contract));
}

graphql::Schema subscription_schema() {
    auto to = declared();
    auto accepted = to.object<Event>("BlockAccepted", "A block that was accepted.");
    accepted.field("position", "String!", &Event::position).describe("Position of the event in the log.");
    accepted.field("block", "Block!", block);
    auto executed = to.object<Event>("TransactionExecuted", "A transaction that was executed.");
    executed.field("position", "String!", &Event::position).describe("Position of the event in the log.");
    executed.field("transaction", "SpentTransaction!", transaction);
    auto emitted = to.object<Event>("ContractEvent", "An event that a contract emitted.");
    emitted.field("position", "String!", &Event::position).describe("Position of the event in the log.");
    emitted.field("blockHeight", "Int!", &Event::height);
    emitted.field("blockHash", "String!", &Event::block_hash);
    emitted.field("contractId", "String!", [](const Event& e) { return e.uri.entity; });
    emitted.field("topic", "String!", [](const Event& e) { return std::string_view(e.uri.topic); });
    emitted.field("origin", "String!", &Event::origin)
        .describe("The transaction in which it was emitted, or the block, in hex.");
    emitted.field("data", "String!", [](const Event& e) { return base::to_hex(e.payload); })
        .describe("The payload, in hex.");

    const auto itself = [](const Event& event) { return &event; };
    constexpr auto kAfter = "Deliver only events after this position; stored events come first.";
    auto root = to.object<Event>("Subscription");
    root.field("blockAccepted", "BlockAccepted!", itself).argument("after", "String", std::nullopt, kAfter);
    root.field("transactionExecuted", "TransactionExecuted!", itself)
        .argument("id", "String", std::nullopt, "Only this transaction; delivered at once if it is already executed.")
        .argument("after", "String", std::nullopt, kAfter);
    root.field("contractEvent", "ContractEvent!", itself)
        .argument("contractId", "String", std::nullopt, "Only events of this contract.")
        .argument("topic", "String", std::nullopt, "Only events with this topic.")
        .argument("after", "String", std::nullopt, kAfter);
    to.subscription = "Subscription";
    return built(std::move(to));
}

std::expected<Source, std::string> source_of(const graphql::Prepared& prepared) {
    const graphql::Field* field = prepared.source_field();
    if (field == nullptr) return std::unexpected("the field of the subscription is skipped");
    const auto arguments = prepared.source_arguments();
    std::expected<Source, std::string> out;
    if (field->name == "blockAccepted") {
        out = Source{{wire::Component::blocks, std::nullopt, std::string(wire::topic::kAccepted)}};
    } else if (field->name == "transactionExecuted") {
        auto id = hash_in(arguments[0], "id");
        if (!id) return std::unexpected(id.error());
        out = Source{{wire::Component::transactions, std::move(*id), std::string(wire::topic::kExecuted)}};
    } else {
        out = contracts_source(arguments);
    }
    const Input& after = arguments.back();
    if (!out || !after.given()) return out;
    out->after = wire::Position::parse(after.text);
    if (!out->after) return std::unexpected("a position must be 16 hex digits, a hyphen and a decimal number");
    return out;
}

graphql::Response answer(graphql::Prepared& prepared, const Event& event, Context& context,
                         std::function<bool()> cancelled) {
    return graphql::execute_subscription_event(prepared, &event, {nullptr, &context, std::move(cancelled)});
}

}  // namespace rues::query
