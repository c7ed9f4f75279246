#pragma once

#include <expected>

#include "query/query.hpp"
#include "wire/frame.hpp"
#include "wire/uri.hpp"

/// The type `Subscription`, which only the WebSocket has (decisions 29): events of the log, each with what a query can
/// ask of it.
namespace rues::query {

/// An event of the log as its message says it.
struct Event {
    std::string position;
    wire::Uri uri;
    std::uint64_t height = 0;
    std::string block_hash;
    std::string origin;  ///< of a contract event: transaction or block
    Bytes payload;       ///< of a contract event

    /// nullopt: not a message of this program.
    static std::optional<Event> of(ByteView message);
};

/// Where a subscription's events come from.
struct Source {
    /// What to subscribe to. Without a topic of a contract it is the blocks.
    wire::Uri uri;
    std::optional<wire::Position> after{};
    /// The events are those of contracts that stand in the log up to each of these blocks: of this one, or of all.
    struct Contracts {
        std::optional<std::string> contract;
        bool wants(const wire::Uri& event) const;
        /// The same without reading the event; true of some that are not wanted.
        bool may_want(const store::EventFilter& event) const;
    };
    std::optional<Contracts> contracts{};
};

/// The node's schema and `Subscription`.
graphql::Schema subscription_schema();
/// What a prepared subscription asks for; the error is for the client.
std::expected<Source, std::string> source_of(const graphql::Prepared& prepared);
/// The answer to one event.
graphql::Response answer(graphql::Prepared& prepared, const Event& event, Context& context,
                         std::function<bool()> cancelled);

}  // namespace rues::query
