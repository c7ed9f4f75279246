#include <algorithm>

#include "api/legacy/socket.hpp"
#include "base/endian.hpp"
#include "wire/websocket.hpp"

/// Answers of a socket: what waits to be sent, feeders, and the bytes that all of it holds.
namespace rues::api::legacy {

Socket::Pending* Socket::find(std::uint64_t request) {
    const auto found = pending_.find(request);
    return found == pending_.end() || found->second.is_answered ? nullptr : &found->second;
}

void Socket::answered(std::uint64_t request, net::Response response, const std::string& failure) {
    const auto type = net::find(response.headers, "content-type");
    Said said{response.status, failure, std::string(type.value_or("")), passed_on(response.headers)};
    base::Bytes data = std::move(response.body);
    base::append(data, response.shared_body.bytes);
    push(request, said, std::move(data), true, std::move(response.until_sent));
}

void Socket::watch(std::uint64_t request, std::move_only_function<void()> on_end) {
    if (auto* pending = find(request)) {
        pending->on_end = std::move(on_end);
    } else {
        context_.on_loop(opening_.loop, std::move(on_end));
    }
}

/// Queues a frame of an answer. The request is in progress until its last frame is sent.
void Socket::push(std::uint64_t request, const Said& said, base::Bytes data, bool is_last,
                  std::shared_ptr<void> until_sent) {
    Pending* const pending = find(request);
    if (pending == nullptr) return;
    Frame frame = frame_of(pending->caller, said, std::move(data));
    outbox_.push(std::move(frame.head), std::move(frame.data), {is_last ? request : 0, std::move(until_sent)});
    if (is_last) finish(*pending);
    if (!charge()) close(kTryAgainLater, kTooMuchUnread);
    flush_soon();
}

void Socket::finish(Pending& pending) {
    pending.is_answered = true;
    request_bytes_ -= std::exchange(pending.bytes, 0);
    pending.on_end = {};
    if (const auto feeding = std::move(pending.feeding)) collected_bytes_ -= feeding->collected.size();
}

void Socket::fail(std::uint64_t request, const Failure& failure) {
    answered(request, render(failure, false, link_->failures), failure.text());
}

// --- bodies that are made while they are sent ---

void Socket::stream(std::uint64_t request, net::Response head, std::shared_ptr<net::BodyStream> body, bool by_item) {
    Pending* const pending = find(request);
    if (pending == nullptr) return body->cancel();
    pending->feeding = std::make_unique<Feeding>(std::move(body), std::move(head), by_item);
    ask(request, *pending);
    if (pending->feeding->retry) fail(request, {ErrorCode::overloaded, "too many requests wait"});
}

/// Asks for the next piece of a body, now or, when the pool is full, a little later.
void Socket::ask(std::uint64_t request, Pending& pending) {
    Feeding& feeding = *pending.feeding;
    if (feeding.is_asked || feeding.retry) return;
    feeding.is_asked = feeding.body->ask(
        [link = link_](std::move_only_function<void()> task) { link->context.on_loop(link->loop, std::move(task)); },
        [link = link_, request](net::Piece piece) {
            if (link->socket != nullptr) link->socket->take_piece(request, std::move(piece));
        });
    if (feeding.is_asked) return;
    feeding.retry = context_.start_timer(opening_.loop, limits_.pool_retry, [this, request] {
        if (auto* waiting = find(request); waiting != nullptr && waiting->feeding) {
            waiting->feeding->retry.reset();
            go_on();
        }
    });
}

void Socket::take_piece(std::uint64_t request, net::Piece piece) {
    Pending* const pending = find(request);
    if (pending == nullptr || !pending->feeding) return;
    Feeding& feeding = *pending->feeding;
    feeding.is_asked = false;
    if (piece.then == net::Piece::Then::failure)
        return fail(request, {ErrorCode::internal, "the body of an answer could not be made"});
    const bool is_last = piece.then == net::Piece::Then::end;
    if (feeding.by_item) {
        take_items(request, feeding, piece.bytes);
        if (is_last) end_items(request, *pending);
    } else {
        base::append(feeding.collected, piece.bytes);
        collected_bytes_ += piece.bytes.size();
        if (!charge()) return fail(request, {ErrorCode::overloaded, "too many large answers are being sent"});
        if (is_last) {
            auto head = std::move(feeding.head);
            collected_bytes_ -= feeding.collected.size();
            head.body = std::exchange(feeding.collected, {});
            answered(request, std::move(head), {});
        } else {
            ask(request, *pending);
        }
    }
    flush_soon();
}

/// Each item of a feeder becomes a Message of its own.
void Socket::take_items(std::uint64_t request, const Feeding& feeding, base::ByteView items) {
    const auto type = net::find(feeding.head.headers, "content-type");
    const Said said{feeding.head.status, {}, std::string(type.value_or("")), passed_on(feeding.head.headers)};
    base::Reader reader(items);
    while (const auto length = reader.take<std::uint32_t>()) {
        const auto item = reader.take_bytes(*length);
        if (!item) return;
        push(request, said, base::to_bytes(*item), false);
    }
}

/// The last Message of a feeder says that it is the last one. Rusk 0.7 to 1.0 sent nothing there.
void Socket::end_items(std::uint64_t request, Pending& pending) {
    if (pending.caller.language == Language::old) {
        finish(pending);
        pending_.erase(request);
        return pace();
    }
    Said said;
    said.status = 204;
    push(request, said, {}, true);
}

// --- sending ---

void Socket::flush_soon() {
    if (is_flushing_ || socket_ == nullptr) return;
    is_flushing_ = true;
    context_.on_loop(opening_.loop, [link = link_] {
        if (link->socket == nullptr) return;
        link->socket->is_flushing_ = false;
        link->socket->go_on();
    });
}

void Socket::on_writable() {
    is_blocked_ = false;
    go_on();
}

void Socket::flush() {
    if (socket_ == nullptr) return;
    const std::size_t before = outbox_.size();
    std::vector<OnceSent> sent;
    if (!is_blocked_) is_blocked_ = !outbox_.write_to(*socket_, sent);
    for (const auto& one : sent) pending_.erase(one.request);
    charge();
    watch_progress(outbox_.size() < before);
    pace();
}

/// Sends, and lets feeders and the feed continue in turn as long as there is room.
void Socket::go_on() {
    flush();
    for (std::size_t left = pending_.size(); left > 0 && has_room() && !pending_.empty(); --left) {
        auto each = pending_.upper_bound(last_fed_);
        if (each == pending_.end()) each = pending_.begin();
        last_fed_ = each->first;
        if (each->second.feeding) ask(each->first, each->second);
    }
    if (session_ && wants_events_ && has_room()) {
        wants_events_ = false;
        context_.hub.writable(opening_.loop, *session_);
    }
}

/// Counts what this socket holds above the high water in the account of its client, and in `Limits::legacy_bytes` of
/// the context. False: all sockets together hold too much, or the client does. The client's socket is then closed, and
/// what it has not read is freed.
bool Socket::charge() {
    const std::size_t held = outbox_.size() + request_bytes_ + collected_bytes_;
    const std::size_t above = held > limits_.high_water ? held - limits_.high_water : 0;
    const auto taken = unread_.resize(above);
    if (taken == base::Taken::yes) return charged_.resize(above);
    outbox_.clear();
    if (auto* const socket = std::exchange(socket_, nullptr)) {  // nothing may follow a message that was cut
        socket->close(wire::websocket::close_code::kPolicy,
                      opening_.request.client->reason(base::Holding::unread, taken));
    }
    return false;
}

/// A feeder holds one of a few places while it is sent, so its client must go on reading.
void Socket::watch_progress(bool has_progressed) {
    const bool is_feeding =
        std::ranges::any_of(pending_, [](const auto& each) { return each.second.feeding != nullptr; });
    if (!is_feeding || !is_blocked_) return stall_.reset();
    if (stall_ && !has_progressed) return;
    stall_ = context_.start_timer(opening_.loop, limits_.stall,
                                  [this] { close(kTryAgainLater, "the items of a feeder are not read"); });
}

}  // namespace rues::api::legacy
