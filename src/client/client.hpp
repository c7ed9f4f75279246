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

/// A session that goes on: after any loss it connects again and continues where it was. `Resumption` decides, this
/// does. One thread.
class Client {
public:
    /// Opens the first session; its failure is the caller's to judge.
    static Result<Client> connect(Url url, const Patience& patience = {});

    /// Delivers what follows `after`, or what follows from now. An error means that it is not subscribed.
    Result<void> subscribe(std::string_view path, std::optional<wire::Position> after = std::nullopt);
    /// False: there was none. Nothing of it is delivered from now on; the server hears of it in `next`.
    bool unsubscribe(std::string_view path);

    struct Delivery {
        wire::Frame frame;
        std::vector<std::string> paths;  ///< the subscriptions that have not had it yet
    };
    using Happening = std::variant<Delivery, Notice>;
    /// nullopt: nothing by the deadline. A connection that is being made may take `Patience::timeout` beyond it.
    std::optional<Happening> next(Deadline deadline);

    /// Where all subscriptions are; nullopt without a connection or without positions.
    std::optional<wire::Position> position() const { return resumption_.position(); }
    const Url& url() const { return url_; }

private:
    Client(Url url, const Patience& patience) : url_(std::move(url)), patience_(patience) {}
    /// Does one step towards listening. False: the next attempt to connect is not due before the deadline.
    bool advance(Deadline deadline);
    bool is_ready() const { return std::holds_alternative<Resumption::Listen>(resumption_.next()); }
    void collect_notices();
    static std::uint32_t jitter_seed();
    void perform(const Resumption::Connect& step);
    void perform(const Resumption::Subscribe& step);
    void perform(const Resumption::Unsubscribe& step);
    void perform(const Resumption::Listen&) {}
    void lose(const std::string& why);

    Url url_;
    Patience patience_;
    Resumption resumption_;
    std::optional<Session> session_;
    std::vector<Notice> notices_;  ///< bounded: a few a connection, and one a subscription
    Backoff backoff_;
    Deadline next_attempt_{};
    std::mt19937 random_{jitter_seed()};
};

}  // namespace rues::client
