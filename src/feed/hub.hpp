#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/log.hpp"
#include "store/store.hpp"
#include "wire/session_id.hpp"
#include "wire/uri.hpp"

/// Sessions, what they subscribed to, and the way of committed events to them.
namespace rues::feed {

using base::ByteView;

/// A session's way out, given by whoever owns the socket. Used only on the session's loop.
class Sink {
public:
    virtual ~Sink() = default;
    virtual void send_text(std::string_view text) = 0;
    /// See net::WebSocket::write.
    virtual std::size_t write(std::span<const ByteView> buffers, bool ends_message) = 0;
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
};

/// Runs a task on a loop's thread / on a pool that may block. Any thread.
struct Executors {
    std::function<void(std::size_t loop, std::move_only_function<void()>)> on_loop;
    std::function<void(std::move_only_function<void()>)> on_pool;
};

struct Limits {
    std::size_t max_sessions_per_loop = 65'536;
    std::size_t max_subscriptions = 10'000;       ///< a session
    std::size_t tail_bytes = 8 << 20;             ///< recent events kept in memory, shared by all sessions
    std::size_t catch_up_bytes = 256 << 10;       ///< one read of the log
    std::uint64_t catch_up_distance = 1'000'000;  ///< events behind the head; farther: closed with 1013
};

enum class SubscribeResult { ok, unknown_session, not_subscribed, too_many, busy };

/// Callable from any thread unless said otherwise.
class Hub {
public:
    static std::unique_ptr<Hub> create(const store::Store& store, std::size_t loops, Executors executors, Limits limits,
                                       const base::ByteArray<16>& id_key, base::Log log);
    virtual ~Hub() = default;

    /// Opens a session on `loop` and sends its id as the first message. Loop thread. nullopt: too many sessions.
    virtual std::optional<wire::SessionId> open(std::size_t loop, Sink& sink) = 0;
    /// The socket takes bytes again. Loop thread.
    virtual void writable(std::size_t loop, const wire::SessionId& id) = 0;
    /// The socket is gone; `sink` is not used any more. Loop thread.
    virtual void closed(std::size_t loop, const wire::SessionId& id) = 0;

    /// `done` is called on the session's loop, after the change was applied, with the position from which events are
    /// covered.
    using OnSubscribed = std::move_only_function<void(SubscribeResult, wire::Position)>;
    virtual void subscribe(const wire::SessionId& id, wire::Uri uri, OnSubscribed done) = 0;
    virtual void unsubscribe(const wire::SessionId& id, wire::Uri uri, OnSubscribed done) = 0;

    /// The log grew. Chain thread, in log order.
    virtual void appended(store::LogBatch batch) = 0;

    virtual std::size_t sessions() const noexcept = 0;
};

}  // namespace rues::feed
