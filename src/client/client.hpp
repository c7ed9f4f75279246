#pragma once

#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "client/backoff.hpp"
#include "client/resumption.hpp"
#include "client/session.hpp"

namespace rues::client {

/// A session that survives lost connections: after any loss it connects again and continues at its position.
/// `Resumption` decides each step and this class performs it.
///
/// Threads. An object belongs to one thread at a time. It has no thread of its own: it reads, answers pings and
/// connects again only while `subscribe` or `next` runs. Every call blocks until its deadline at most, except that a
/// connection attempt or a command under way may take `Patience::timeout` longer.
///
/// After the first connection no loss is an error: `next` reports it (`Lost`, then `Resumed`) and goes on. A `Gap`
/// names the events that may be missing; no other event is lost or delivered twice.
class Client {
public:
    /// Opens the first session, in one attempt. An error leaves no client; the caller decides whether to try again. Its
    /// kind is that of `Session::open`.
    /// `decodes`: events of contracts come with a payload of JSON where the server can decode it.
    /// `certainty`: of all subscriptions; a server that does not know it delivers events as they are published.
    static Result<Client> connect(Url url, const Patience& patience = {}, bool decodes = false,
                                  const wire::Certainty& certainty = {});

    /// Subscribes to the events after `after`, or from now on, and waits until the server has confirmed it,
    /// `Patience::timeout` at most; meanwhile it connects again if it must. Notices that arise meanwhile come from
    /// `next`. After an error there is no subscription: `invalid` (not an event path, or already subscribed), `refused`
    /// (the server's status and text), `timed_out`.
    Result<void> subscribe(std::string_view path, std::optional<wire::Position> after = std::nullopt);
    /// Ends a subscription: none of its events is delivered from now on. Does not block; the server learns of it in the
    /// next `next` or `subscribe`. False: there was none.
    bool unsubscribe(std::string_view path);

    /// One event and the subscriptions that it is new for.
    struct Delivery {
        wire::Frame frame;
        std::vector<std::string> paths;  ///< matching subscriptions that did not get it before; never empty
    };
    using Happening = std::variant<Delivery, Notice>;
    /// Waits for the next event or notice. nullopt: nothing came by the deadline; call it again. It never fails:
    /// without a server it tries to connect, with growing pauses, as long as it is called. An attempt or a command
    /// under way may take `Patience::timeout` beyond the deadline.
    std::optional<Happening> next(Deadline deadline);

    /// The position that all subscriptions have reached. A client that subscribes with it as `after` misses nothing.
    /// nullopt without a connection or from a server without positions.
    std::optional<wire::Position> position() const { return resumption_.position(); }
    const Url& url() const { return url_; }

private:
    Client(Url url, const Patience& patience, bool decodes, const wire::Certainty& certainty)
        : url_(std::move(url)), patience_(patience), decodes_(decodes), certainty_(certainty) {}
    /// Performs one step towards listening. False: the next attempt to connect is not due before the deadline.
    bool advance(Deadline deadline);
    bool is_ready() const { return std::holds_alternative<Resumption::Listen>(resumption_.next()); }
    void collect_notices();
    void perform(const Resumption::Connect& step);
    void perform(const Resumption::Subscribe& step);
    void perform(const Resumption::Unsubscribe& step);
    void perform(const Resumption::Listen&) {}
    void lose(const std::string& why);

    Url url_;
    Patience patience_;
    bool decodes_;
    wire::Certainty certainty_;
    Resumption resumption_;
    std::optional<Session> session_;
    std::vector<Notice> notices_;  ///< bounded: a few per connection and one per subscription
    Backoff backoff_;
    Deadline next_attempt_{};
    std::mt19937 random_{jitter_seed()};
};

}  // namespace rues::client
