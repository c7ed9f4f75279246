#include "api/legacy/socket.hpp"

#include "api/api.hpp"
#include "api/legacy/requests.hpp"
#include "api/legacy/targets.hpp"
#include "wire/websocket.hpp"

/// Requests of a socket. socket_answers.cpp has its output, socket_events.cpp its subscriptions.
namespace rues::api::legacy {
namespace {

constexpr std::uint16_t kInternalError = 1011;  // with which Rusk closed after a bad message

base::json::object target_json(const Caller& caller) {
    return {{"type", wire::legacy::name_of(caller.type)}, {"name", caller.target}};
}

}  // namespace

Socket::Socket(const Context& context, Opening opening, Limits limits)
    : context_(context),
      limits_(limits),
      link_(std::make_shared<Link>(context, opening.loop, *opening.failures, this)),
      opening_(std::move(opening)),
      charged_(*context.legacy_bytes.take(0)),
      unread_(opening_.request.client, base::Holding::unread) {}

Socket::~Socket() {
    link_->socket = nullptr;
    link_->is_gone = true;
}

void Socket::on_open(net::WebSocket& socket) {
    socket_ = &socket;
    link_->thread = std::this_thread::get_id();
    if (!opening_.on.empty()) begin_subscriptions(std::exchange(opening_.on, {}));
}

void Socket::on_text(std::string_view text) {
    take(opening_.target ? read_old_text(*opening_.target, text) : read_text(text), text.size());
}

void Socket::on_binary(base::ByteView bytes) {
    take(opening_.target ? read_old_binary(*opening_.target, bytes) : read_binary(bytes), bytes.size());
}

void Socket::on_drain() {
    // Answers come from inside these calls, and change the map.
    std::vector<std::move_only_function<void()>> waiting;
    for (auto& [number, pending] : pending_) {
        if (pending.on_end) waiting.push_back(std::exchange(pending.on_end, {}));
    }
    for (auto& on_end : waiting) on_end();
    flush();
    if (session_) context_.hub.drain(opening_.loop, *session_);
}

void Socket::on_closed(bool) {
    socket_ = nullptr;
    link_->socket = nullptr;
    link_->is_gone = true;
    stall_.reset();
    outbox_.clear();
    if (const auto session = std::exchange(session_, std::nullopt)) context_.hub.closed(opening_.loop, *session, true);
    auto ended = std::exchange(pending_, {});
    request_bytes_ = collected_bytes_ = 0;
    charge();
    for (auto& [number, pending] : ended) {
        if (pending.feeding) pending.feeding->body->cancel();
        if (pending.on_end) pending.on_end();
    }
}

void Socket::take(std::expected<Asked, std::string> asked, std::size_t bytes) {
    if (!asked)
        return close(opening_.target ? kInternalError : wire::websocket::close_code::kInvalidText, asked.error());
    const std::uint64_t number = ++numbers_;
    Pending& pending = pending_[number];
    const bool wants_binary = asked->language != Language::old && wire::wants_binary(asked->headers);
    pending.caller = {asked->language, asked->type, asked->target, asked->topic, std::exchange(asked->echo, {})};
    if (wants_binary) pending.caller.data_type = "application/octet-stream";
    pending.bytes = bytes;
    request_bytes_ += bytes;
    Exchange exchange(opening_.request, recipient_of(link_, number), opening_.loop, *opening_.failures);
    exchange.cross_origin = false;
    if (charge()) {
        handle(std::move(*asked), std::move(exchange));
    } else {
        request_bytes_ -= std::exchange(pending.bytes, 0);
        std::move(exchange).fail({ErrorCode::overloaded, "too many large requests are in progress"});
    }
    pace();
}

/// Makes the checks that come before any route. Nothing in the headers matters to an echo.
void Socket::handle(Asked asked, Exchange exchange) {
    exchange.has_old_errors = asked.language == Language::old;
    if (!asked.problem.empty()) return std::move(exchange).fail({ErrorCode::invalid_input, asked.problem});
    const bool is_debugger = asked.type == TargetType::debugger && asked.language != Language::old;
    if (is_debugger) {
        if (!opening_.may_debug) return std::move(exchange).fail({ErrorCode::forbidden, {}});
        if (is_echo(asked.target, asked.topic)) {
            if (asked.language == Language::text) return std::move(exchange).text(asked.written);
            return std::move(exchange).send(200, "application/octet-stream", base::to_bytes(asked.data));
        }
    }
    if (const auto failure = failure_of_headers(context_, asked)) return std::move(exchange).fail(*failure);
    if (is_debugger) {
        if (is_status(asked.target, asked.topic)) return report(std::move(exchange));
        return std::move(exchange).fail({ErrorCode::unsupported, {}});
    }
    const bool is_subscription = asked.type == TargetType::host && asked.target == kSubscriptions;
    if (is_subscription && asked.language != Language::old) {
        if (asked.topic == "subscribe") return subscribe(asked, std::move(exchange));
        if (asked.topic == "unsubscribe") return unsubscribe(asked, std::move(exchange));
        return std::move(exchange).fail({ErrorCode::unsupported, {}});
    }
    // The session of `Rues-Watch` is that of this socket.
    const bool watches = asked.language != Language::old && wire::find_header(asked.headers, "rues-watch");
    const auto session = watches && open_session() ? session_ : std::nullopt;
    legacy::dispatch(context_, std::move(asked), std::move(exchange), session);
}

/// The answer to the topic `status` of a debugger.
void Socket::report(Exchange exchange) {
    base::json::array in_progress;
    for (const auto& [number, pending] : pending_) {
        if (pending.is_answered) continue;
        in_progress.push_back(
            base::json::object{{"target", target_json(pending.caller)}, {"topic", pending.caller.topic}});
    }
    base::json::object out{
        {"requests", base::json::object{{"read", numbers_}, {"in_progress", std::move(in_progress)}}},
        {"subscriptions", base::json::array{}},
        {"unsent_bytes", outbox_.size()}};
    if (!session_) return std::move(exchange).json(out);
    context_.hub.inspect(base::to_bytes(*session_), [out = std::move(out), exchange = std::move(exchange)](
                                                        const std::optional<feed::Report>& session) mutable {
        if (session) {
            auto& subscriptions = out["subscriptions"].as_array();
            for (const auto& uri : session->subscriptions) subscriptions.push_back(boost::json::string(uri));
            out["subscription_count"] = session->subscription_count;
            out["state"] = session->state;
            out["position"] = session->cursor.to_string();
            out["lag"] = session->lag;
        }
        std::move(exchange).json(out);
    });
}

/// Pauses or resumes reading from the client.
void Socket::pace() {
    if (socket_ == nullptr) return;
    const bool must_pause = pending_.size() >= limits_.requests || request_bytes_ >= limits_.bytes || !has_room();
    if (must_pause == is_paused_) return;
    is_paused_ = must_pause;
    must_pause ? socket_->pause() : socket_->resume();
}

}  // namespace rues::api::legacy
