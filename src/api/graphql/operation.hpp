#pragma once

#include "api/graphql/socket.hpp"

namespace rues::api::graphql_ws {

std::vector<graphql::Error> one_error(std::string message);

/// A request that was read on the pool: refused, a query with its answer, or a subscription that begins now.
struct Socket::Asked {
    std::vector<graphql::Error> errors;
    std::string response;
    std::optional<graphql::Prepared> subscription;
    query::Source source;
};

/// Answers to events, made on the pool; with errors the subscription ends.
struct Socket::Made {
    std::string frames;
    std::vector<graphql::Error> errors;
};

/// What a client named with an id: a query, until it is answered, or a subscription.
class Socket::Operation final : public feed::Sink {
public:
    /// What the pool works on; one thread at a time has it.
    struct Work {
        std::string id;
        std::optional<graphql::Prepared> prepared;
        query::Source source;
        std::vector<base::Bytes> messages;
        std::size_t next = 0;       ///< of these, the first that is not answered
        std::uint64_t scanned = 0;  ///< record of the log up to which events of contracts were looked for
        std::atomic<bool> is_gone{false};
    };

    Operation(Socket& socket, std::uint64_t of_number, std::string of_id, std::uint64_t asked_at_seq)
        : number(of_number), id(std::move(of_id)), asked_at(asked_at_seq), socket_(socket) {
        work->id = id;
    }

    void send_text(std::string_view) override {}
    std::size_t write(std::span<const base::ByteView> buffers, bool ends_message) override;
    void close(std::uint16_t code, std::string_view reason) override;

    const std::uint64_t number;
    const std::string id;
    const std::uint64_t asked_at;  ///< last record of the log then
    const std::shared_ptr<Work> work = std::make_shared<Work>();
    std::optional<wire::SessionId> session;
    bool is_busy = false;   ///< the pool has `work`, or will be asked again to take it
    net::Timer retry;       ///< until then
    bool has_more = false;  ///< the feed offered more than was taken
    /// Why the feed gave it up. Told behind what it had taken by then: the position in it is behind that.
    std::optional<std::string> last_words;

private:
    Socket& socket_;
};

}  // namespace rues::api::graphql_ws
