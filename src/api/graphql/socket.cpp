#include "api/graphql/socket.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "api/graphql/operation.hpp"
#include "api/graphql/service.hpp"
#include "api/routes.hpp"
#include "wire/websocket.hpp"

/// Messages of the client, answers and the socket's buffer; graphql_ws_events.cpp has the events of subscriptions.
namespace rues::api::graphql_ws {

std::vector<graphql::Error> one_error(std::string message) {
    return {graphql::Error{std::move(message), {}, {}}};
}

Socket::Socket(const Context& context, std::size_t loop, bool is_understood, Limits limits)
    : context_(context),
      loop_(loop),
      is_understood_(is_understood),
      limits_(limits),
      charged_(*context.graphql_unsent.take(0)) {}

Socket::~Socket() {
    *alive_ = false;
}

void Socket::on_open(net::WebSocket& socket) {
    socket_ = &socket;
    client_ = socket.client();
    unread_ = base::Held(client_, base::Holding::unread);
    if (!is_understood_) return socket.close(close_code::kWrongSubprotocol, "Subprotocol not acceptable");
    init_ = context_.start_timer(loop_, limits_.init_timeout, [this] {
        socket_->close(close_code::kInitTimeout, "Connection initialisation timeout");
    });
}

void Socket::on_text(std::string_view text) {
    auto message = parse(text);
    if (!message) return socket_->close(close_code::kBadMessage, "Invalid message: " + message.error());
    std::visit([this](auto& each) { take(std::move(each)); }, *message);
    pace();
}

void Socket::on_writable() {
    is_blocked_ = false;
    flush();
    charge();
    go_on();
    pace();
}

void Socket::on_closed(bool) {
    socket_ = nullptr;
    init_.reset();
    out_ = {};
    sent_ = 0;
    charge();
    while (!operations_.empty()) end(operations_.begin()->first);
}

void Socket::take(ConnectionInit) {
    if (is_acknowledged_) return socket_->close(close_code::kTooManyInits, "Too many initialisation requests");
    is_acknowledged_ = true;
    init_.reset();
    say(connection_ack());
}

void Socket::take(const Ping& ping) {
    say(pong(ping.payload));
}

void Socket::take(Subscribe subscribe) {
    if (!is_acknowledged_) return socket_->close(close_code::kUnauthorized, "Unauthorized");
    if (named(subscribe.id) != nullptr)
        return socket_->close(close_code::kSubscriberExists,
                              fmt::format("Subscriber for {} already exists", subscribe.id));
    if (operations_.size() >= limits_.operations)
        return say(error(subscribe.id, one_error("too many operations on this socket")));
    const std::uint64_t number = ++numbers_;
    auto& operation = *(operations_[number] = std::make_unique<Operation>(*this, number, std::move(subscribe.id),
                                                                          context_.store.last_seq()));
    ++asked_;
    const bool taken = context_.pool(Pool::query)(
        [&context = context_, work = operation.work, deadline = std::chrono::steady_clock::now() + limits_.deadline,
         max_bytes = limits_.answer_bytes, question = std::move(subscribe.question),
         done = back_here([this, number](Asked asked) { answered(number, std::move(asked)); })]() mutable {
            const auto cancelled = [&] { return work->is_gone || std::chrono::steady_clock::now() >= deadline; };
            done(ask(context, question, max_bytes, cancelled));
        });
    if (!taken) answered(number, {one_error("too many queries wait"), {}, {}, {}});
}

void Socket::take(const Complete& complete) {
    if (const auto* operation = named(complete.id)) end(operation->number);
}

/// Prepares a request and executes it if it is a query. Runs on the query pool.
Socket::Asked Socket::ask(const Context& context, const graphql_http::Question& question, std::size_t max_bytes,
                          const std::function<bool()>& cancelled) {
    Asked out;
    if (cancelled()) {
        out.errors = one_error(graphql_http::kCancelled);
        return out;
    }
    auto options = query::engine_options();
    options.limits.execution.bytes = max_bytes;
    auto prepared = graphql::prepare(context.graphql->subscription_schema(), question.request(), options);
    if (!prepared) {
        out.errors = std::move(prepared.error());
        return out;
    }
    if (prepared->kind() == graphql::OperationNode::Kind::subscription) {
        auto source = query::source_of(*prepared);
        if (!source) {
            out.errors = one_error(std::move(source.error()));
        } else {
            out.source = std::move(*source);
            out.subscription = std::move(*prepared);
        }
        return out;
    }
    const auto snapshot = context.store.snapshot();
    query::Context read(*snapshot);
    out.response = query::answer(*prepared, read, cancelled).envelope();
    if (snapshot->failed()) out.errors = one_error("The store could not be read.");
    return out;
}

void Socket::answered(std::uint64_t number, Asked asked) {
    --asked_;
    // The client may have completed the operation meanwhile.
    if (auto* operation = find(number)) {
        if (!asked.errors.empty()) {
            refuse(*operation, asked.errors);
        } else if (asked.subscription) {
            operation->work->prepared = std::move(asked.subscription);
            operation->work->source = std::move(asked.source);
            begin(*operation);
        } else {
            say(next(operation->id, asked.response));
            say(complete(operation->id));
            end(number);
        }
    }
    pace();
}

// --- output ---

void Socket::say(std::string_view message) {
    std::string frame;
    wire::websocket::append_frame(frame, wire::websocket::Opcode::text, message);
    say_frames(frame);
}

void Socket::say_frames(std::string_view frames) {
    if (is_over_) return;
    out_ += frames;
    flush();
    charge();
}

void Socket::flush() {
    if (socket_ == nullptr || is_blocked_) return;
    const std::array unsent{base::view(out_).subspan(sent_)};
    if (unsent[0].empty()) return;
    const std::size_t taken = socket_->write(unsent, true);
    is_blocked_ = taken < unsent[0].size();
    sent_ += taken;
    if (!is_blocked_) {
        out_ = {};  // an idle socket has no buffer
        sent_ = 0;
    } else if (sent_ >= limits_.high_water) {
        out_.erase(0, sent_);
        sent_ = 0;
    }
}

void Socket::charge() {
    const std::size_t unsent = out_.size() - sent_;
    const std::size_t above = unsent > limits_.high_water ? unsent - limits_.high_water : 0;
    const auto taken = unread_.resize(above);
    if (taken != base::Taken::yes)
        return give_up(wire::websocket::close_code::kPolicy, client_->reason(base::Holding::unread, taken));
    if (!charged_.resize(above)) give_up(1013, "too many unread answers");
}

void Socket::give_up(std::uint16_t code, std::string_view reason) {
    is_over_ = true;
    for (const auto& [number, operation] : operations_) operation->work->is_gone = true;
    out_ = {};
    sent_ = 0;
    unread_.clear();
    (void)charged_.resize(0);
    if (socket_ != nullptr) socket_->close(code, reason);
}

void Socket::pace() {
    if (socket_ == nullptr) return;
    const bool must_pause = !has_room() || asked_ >= limits_.asked;
    if (must_pause == is_paused_) return;
    is_paused_ = must_pause;
    must_pause ? socket_->pause() : socket_->resume();
}

// --- operations ---

Socket::Operation* Socket::find(std::uint64_t number) {
    const auto found = operations_.find(number);
    return found == operations_.end() ? nullptr : found->second.get();
}

Socket::Operation* Socket::named(std::string_view id) {
    const auto found =
        std::ranges::find(operations_, id, [](const auto& each) -> std::string_view { return each.second->id; });
    return found == operations_.end() ? nullptr : found->second.get();
}

void Socket::refuse(Operation& operation, const std::vector<graphql::Error>& errors) {
    say(error(operation.id, errors));
    end(operation.number);
}

void Socket::end(std::uint64_t number) {
    const auto found = operations_.find(number);
    if (found == operations_.end()) return;
    const auto operation = std::move(found->second);
    operations_.erase(found);
    if (operation->retry) --made_;
    operation->work->is_gone = true;
    if (operation->session) context_.hub.closed(loop_, *operation->session, true);
}

void upgrade(const Context& context, Exchange exchange) {
    if (const auto failure = sessions::handshake_failure(context, exchange.request))
        return std::move(exchange).fail(*failure);
    net::Headers headers = common_headers(true);
    const bool is_understood = is_offered(exchange.request);
    if (is_understood) headers.emplace_back("sec-websocket-protocol", kSubprotocol);
    Limits limits;
    limits.deadline = context.graphql->deadline();
    auto socket = std::make_unique<Socket>(context, exchange.loop, is_understood, limits);
    net::UpgradeOptions options;
    options.max_message_bytes = kMaxMessage;
    std::move(exchange).take_responder().upgrade(std::move(headers), std::move(socket), options);
}

}  // namespace rues::api::graphql_ws
