#include <tuple>

#include "api/legacy/event_message.hpp"
#include "api/legacy/socket.hpp"
#include "api/sessions/subscribing.hpp"
#include "base/encoding.hpp"
#include "wire/frame.hpp"

/// Subscriptions of a socket, and their events.
namespace rues::api::legacy {

bool Socket::open_session(feed::Opening opening) {
    if (session_) return true;
    opening.is_announced = false;  // the client learns of its session by nothing but events
    session_ = context_.hub.open(opening_.loop, *this, std::move(opening));
    return session_.has_value();
}

void Socket::begin_subscriptions(std::vector<wire::Uri> on) {
    feed::Opening opening;
    if (opening_.after) {
        const auto [from, recovered] = context_.hub.resolve(*opening_.after);
        opening.restored = feed::Restored{{}, from, recovered};
        for (auto& uri : on) opening.restored->subscriptions.push_back({std::move(uri), from.seq, {}});
    }
    if (!open_session(std::move(opening))) {
        const NoSession why = no_session(client());
        return close(why.close_code, why.reason);
    }
    // The replays of these subscriptions are delivered after this turn of the loop.
    if (opening_.after) return;
    for (const auto& uri : on) context_.hub.subscribe_here(opening_.loop, *session_, uri, {});
}

void Socket::subscribe(const Asked& asked, Exchange exchange) {
    const auto path = base::trimmed(base::text(asked.data));
    const auto uri = subscription_at(context_, path);
    if (!uri) return std::move(exchange).fail(uri.error());
    feed::SubscribeOptions options{.after = opening_.after};
    if (const auto after = wire::find_header(asked.headers, "rues-after")) {
        const auto position = position_from(*after);
        if (!position) return std::move(exchange).fail(position.error());
        options.after = *position;
    }
    if (!open_session()) return std::move(exchange).fail(no_session(client()).failure);
    auto subscribed = context_.hub.subscribe_here(opening_.loop, *session_, *uri, options);
    if (const auto failure = api::failure_of(subscribed.result)) return std::move(exchange).fail(*failure);
    as_text_ = asked.language == Language::text;
    exchange.extra.emplace_back("rues-position", subscribed.position.to_string());
    if (subscribed.recovered) exchange.extra.emplace_back("rues-recovered", *subscribed.recovered ? "true" : "false");
    exchange.until_sent = std::move(subscribed.hold);
    std::move(exchange).empty(200);
}

void Socket::unsubscribe(const Asked& asked, Exchange exchange) {
    const auto uri = subscription_at(context_, base::trimmed(base::text(asked.data)));
    if (!uri) return std::move(exchange).fail(uri.error());
    if (!session_) return std::move(exchange).fail({ErrorCode::not_subscribed, {}});
    const auto unsubscribed = context_.hub.unsubscribe_here(opening_.loop, *session_, *uri);
    if (const auto failure = api::failure_of(unsubscribed.result)) return std::move(exchange).fail(*failure);
    exchange.extra.emplace_back("rues-position", unsubscribed.position.to_string());
    std::move(exchange).empty(200);
}

/// Takes whole messages only, so a message is never taken in part. It takes none while too much is unsent; then the
/// feed keeps its cursor, and `go_on` tells it when there is room.
std::size_t Socket::write(std::span<const base::ByteView> buffers, bool) {
    std::size_t taken = 0;
    for (base::ByteView rest : buffers) {
        while (!rest.empty()) {
            if (!has_room()) flush();
            if (!has_room() || socket_ == nullptr) {
                wants_events_ = true;
                return taken;
            }
            const auto message = wire::first_message(rest);
            if (message.empty()) return taken + rest.size();  // the feed gives whole messages
            if (auto frame = event_frame(message, as_text_))
                outbox_.push(std::move(frame->head), std::move(frame->data));
            taken += message.size();
            rest = rest.subspan(message.size());
            if (!charge()) {
                close(kTryAgainLater, kTooMuchUnread);
                return taken;
            }
        }
    }
    flush();
    return taken;
}

void Socket::close(std::uint16_t code, std::string_view reason) {
    flush();
    if (socket_ != nullptr) socket_->close(code, reason);
}

}  // namespace rues::api::legacy
