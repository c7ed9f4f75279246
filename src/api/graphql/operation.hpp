#pragma once

#include "api/graphql/socket.hpp"

namespace rues::api::graphql_ws {

std::vector<graphql::Error> one_error(std::string message);

/// The pool's result for a request: errors, the response to a query, or a subscription that can begin.
struct Socket::Asked {
    std::vector<graphql::Error> errors;
    std::string response;
    std::optional<graphql::Prepared> subscription;
    query::Source source;
};

/// Answers to events, made on the pool. If there are errors, the subscription ends.
struct Socket::Made {
    std::string frames;
    std::vector<graphql::Error> errors;
};

/// An operation that the client named with an id: a query until it is answered, or a subscription until it ends.
class Socket::Operation final : public feed::Sink {
public:
    /// The part of an operation that the pool uses. The loop and the pool never use it at the same time, except
    /// `is_gone`.
    struct Work {
        std::string id;
        std::optional<graphql::Prepared> prepared;
        query::Source source;
        std::vector<base::Bytes> messages;
        std::size_t next = 0;              ///< the first of `messages` that is not answered
        std::uint64_t scanned = 0;         ///< last record of the log that was searched for events of contracts
        std::atomic<bool> is_gone{false};  ///< set by the loop when the operation ended; the pool then stops early
    };

    Operation(Socket& socket, std::uint64_t of_number, std::string of_id, std::uint64_t asked_at_seq)
        : number(of_number), id(std::move(of_id)), asked_at(asked_at_seq), socket_(socket) {
        work->id = id;
    }

    void send_text(std::string_view) override {}
    std::size_t write(std::span<const base::ByteView> buffers, bool ends_message) override;
    void close(std::uint16_t code, std::string_view reason) override;
    base::Client* client() const noexcept override { return socket_.client_.get(); }

    const std::uint64_t number;
    const std::string id;
    const std::uint64_t asked_at;  ///< last record of the log when the request came
    const std::shared_ptr<Work> work = std::make_shared<Work>();
    std::optional<wire::SessionId> session;
    bool is_busy = false;   ///< the pool has `work`, or `retry` will offer it again
    net::Timer retry;       ///< runs while the pool was full
    bool has_more = false;  ///< `feed` offered more than this took
    /// Why `feed` ended the subscription. The client gets it after the events that were taken before, because the
    /// position in it comes after theirs.
    std::optional<std::string> last_words;

private:
    Socket& socket_;
};

}  // namespace rues::api::graphql_ws
