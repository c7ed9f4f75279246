#pragma once

#include <expected>

#include "query/query.hpp"
#include "wire/frame.hpp"
#include "wire/uri.hpp"

/// The GraphQL type `Subscription`, which only the WebSocket offers (docs/reference/differences.md 29). Each of its
/// events comes from the log and can be queried like other objects.
namespace rues::query {

/// An event of the log, decoded from its message.
struct Event {
    std::string position;
    wire::Uri uri;
    std::uint64_t height = 0;
    std::string block_hash;
    std::string origin;  ///< only contract events: transaction or block
    Bytes payload;       ///< only contract events

    /// nullopt when `message` is not a message of this program.
    static std::optional<Event> of(ByteView message);
};

/// The source of a subscription's events.
struct Source {
    /// The URI to subscribe to. For contract events without a topic it is the URI of accepted blocks.
    wire::Uri uri;
    /// The position after which the client wants events; nullopt when the client named none.
    std::optional<wire::Position> after{};
    /// Set for contract events without a topic: each block of `uri` delivers the contract events that precede it in the
    /// log. `contract` selects one contract; nullopt selects all.
    struct Contracts {
        std::optional<std::string> contract;
        /// True when the subscription delivers this event.
        bool wants(const wire::Uri& event) const;
        /// Decides from the filter alone, without the message. May also be true for an event that `wants` rejects.
        bool may_want(const store::EventFilter& event) const;
    };
    std::optional<Contracts> contracts{};
};

/// The node's schema with the type `Subscription` added.
graphql::Schema subscription_schema();
/// The source that a prepared subscription asks for. The error text is for the client.
std::expected<Source, std::string> source_of(const graphql::Prepared& prepared);
/// Answers a subscription for one event. `cancelled` is as for the queries' `answer`.
graphql::Response answer(graphql::Prepared& prepared, const Event& event, Context& context,
                         std::function<bool()> cancelled);

}  // namespace rues::query
