// The part of HttpConnection that answers requests, and that hands the socket over when it becomes another connection.
#include <utility>

#include "net/http_connection.hpp"
#include "net/push_connection.hpp"
#include "net/websocket_connection.hpp"

namespace rues::net {
namespace {

/// Pause of a stream whose executor was full; the next sweep after it tries again.
constexpr std::chrono::milliseconds kExecutorRest{100};

}  // namespace

void HttpConnection::answer(std::uint64_t serial, std::optional<Response> response) {
    if (state_ != State::handling || serial != serial_) {
        if (response) loop_.release_soon(std::move(response->until_sent));
        return;
    }
    on_end_ = {};
    deadline_ = kNever;
    if (!response) response = loop_.handler().refusal(500, "Internal server error", nullptr);
    respond_in_bounds(std::move(*response));
}

/// Counts a large answer among the bytes that the client has not read. Otherwise each of many small requests could keep
/// an answer of some MiB here. An answer that other answers share takes no memory of its own.
void HttpConnection::respond_in_bounds(Response response) {
    if (response.body.size() > kStreamLowWater) {
        if (const auto refusal = hold_unread(response.body.size())) {
            loop_.release_soon(std::move(response.until_sent));
            response = loop_.handler().refusal(refusal->status, refusal->text, nullptr);
        }
    }
    respond(std::move(response));
}

/// The refusal says that the client, or all clients together, hold too much. The limit of one client does not apply to
/// the first answer that it holds.
std::optional<Refusal> HttpConnection::hold_unread(std::size_t bytes) {
    if (client_ == nullptr) return std::nullopt;
    unread_ = base::Held(client_, base::Holding::unread);
    const auto taken = unread_.resize(bytes, true);
    if (taken == base::Taken::yes) return std::nullopt;
    return Refusal{taken == base::Taken::client_is_full ? 429U : 503U, client_->reason(base::Holding::unread, taken)};
}

void HttpConnection::respond(Response response) {
    answer_.write(std::move(response), is_last(), loop_.date());
    state_ = State::writing;
    flush();
}

/// Whether the connection ends after the answer that is being written, whatever client and handler say.
bool HttpConnection::is_last() const noexcept {
    return loop_.draining() || serial_ >= loop_.limits().max_requests;
}

void HttpConnection::stream(std::uint64_t serial, Response head, std::shared_ptr<BodyStream> body) {
    if (state_ != State::handling || serial != serial_) return;
    on_end_ = {};
    if (!answer_.frame_without_length(head)) return respond(std::move(head));
    if (const auto refusal = hold_unread(2 * kStreamLowWater)) {  // what is unsent, and a piece
        answer_.frame_with_length();
        body->cancel();
        return respond(loop_.handler().refusal(refusal->status, refusal->text, nullptr));
    }
    stream_ = std::make_unique<Stream>(std::move(head), std::move(body), false, Time{});
    renew_stream();
    watch_for_reset();
    if (!ask_for_piece()) give_up_stream(503, "too many requests wait");
}

/// Returns whether the executor took the request; if not, the sweep tries again.
bool HttpConnection::ask_for_piece() {
    const std::weak_ptr<HttpConnection> weak = self();
    stream_->asked = stream_->body->ask(
        [to = loop_.shared_from_this()](std::move_only_function<void()> task) { to->post_in_turn(std::move(task)); },
        [weak, serial = serial_](Piece piece) {
            if (const auto alive = weak.lock()) alive->take_piece(serial, std::move(piece));
        });
    const Time retry = std::chrono::steady_clock::now() + kExecutorRest;
    deadline_ = stream_->asked ? stream_->limit : std::min(retry, stream_->limit);
    return stream_->asked;
}

void HttpConnection::renew_stream() {
    set_timeout(loop_.limits().body_timeout);
    stream_->limit = deadline_;
}

void HttpConnection::take_piece(std::uint64_t serial, Piece piece) {
    if (!stream_ || serial != serial_) return;
    stream_->asked = false;
    const bool failed = piece.then == Piece::Then::failure;
    if (state_ == State::handling) {
        if (failed) return give_up_stream(500, "Internal server error");
        answer_.write_head(stream_->head, is_last(), loop_.date());
        state_ = State::writing;
    }
    if (failed) {
        answer_.cut();
    } else if (!piece.bytes.empty()) {
        renew_stream();
        answer_.write_part(std::move(piece.bytes));
    }
    if (piece.then == Piece::Then::end) answer_.write_end();
    if (piece.then != Piece::Then::more) stream_.reset();
    flush();
}

/// Answers with a refusal instead of the stream. REQUIRES: no byte of the answer was sent.
void HttpConnection::give_up_stream(unsigned status, std::string_view text) {
    stream_->body->cancel();
    stream_.reset();
    answer_.frame_with_length();
    respond(loop_.handler().refusal(status, text, nullptr));
}

void HttpConnection::flush() {
    const auto [bytes, closed] = answer_.send_to(socket_);
    if (closed) return terminate();
    if (stream_) {
        if (bytes > 0) renew_stream();
        if (!stream_->asked && answer_.size() < kStreamLowWater) ask_for_piece();
    } else if (bytes > 0 || deadline_ == kNever) {
        set_timeout(loop_.limits().body_timeout);
    }
    if (answer_.size() > 0 || socket_.unsent() > 0) return wait_writable();
    if (!stream_) finish_answer();
}

void HttpConnection::on_writable() {
    if (state_ == State::gone) return;
    if (state_ == State::writing) return flush();
    if (socket_.flush().closed) return terminate();  // bytes that TLS itself has to send
    if (socket_.unsent() > 0) wait_writable();
}

void HttpConnection::finish_answer() {
    unread_ = {};
    loop_.release_soon(answer_.take_until_sent());
    const auto after = answer_.after();
    if (after == AnswerWriter::After::reset) {
        socket_.reset();
        return terminate();
    }
    if (after == AnswerWriter::After::end || loop_.draining()) {
        state_ = State::leaving;
        reader_.take_input();  // nobody parses it any more
        socket_.finish_writing();
        set_timeout(kLeaveTimeout);
        return wait_readable();
    }
    state_ = State::head;
    answer_ = {};
    set_timeout(loop_.limits().idle_timeout);
    process();
}

void HttpConnection::upgrade(std::uint64_t serial, const Headers& extra, std::unique_ptr<WebSocketHandler> handler,
                             UpgradeOptions options) {
    if (state_ != State::handling || serial != serial_) return;
    if (const auto refusal = count_for_client())
        return respond(loop_.handler().refusal(refusal->status, refusal->text, nullptr));
    hand_over(std::make_shared<WebSocketConnection>(loop_, std::move(socket_), client_, std::move(handler), options,
                                                    switching_head(websocket_key_, extra, loop_.date()),
                                                    reader_.take_input()));
}

void HttpConnection::push(std::uint64_t serial, Response head, std::unique_ptr<PushHandler> handler) {
    if (state_ != State::handling || serial != serial_) return;
    if (!answer_.frame_without_length(head)) return respond(std::move(head));
    if (const auto refusal = count_for_client()) {
        answer_.frame_with_length();
        return respond(loop_.handler().refusal(refusal->status, refusal->text, nullptr));
    }
    answer_.write_head(head, true, loop_.date());
    hand_over(
        std::make_shared<PushConnection>(loop_, std::move(socket_), client_, std::move(answer_), std::move(handler)));
}

/// Moves the connection from the account of a proxy to that of its client, because from an upgrade on it serves this
/// client alone. The refusal says that the client has too many connections.
std::optional<Refusal> HttpConnection::count_for_client() {
    if (proxy_ == nullptr || client_ == proxy_) return std::nullopt;
    const auto taken = client_->take(base::Holding::connections, 1);
    if (taken != base::Taken::yes) return Refusal{429, client_->reason(base::Holding::connections, taken)};
    proxy_->give_back(base::Holding::connections, 1);
    proxy_ = nullptr;
    return std::nullopt;
}

/// REQUIRES: `to` has the socket.
void HttpConnection::hand_over(std::shared_ptr<Connection> to) {
    state_ = State::gone;
    const auto kept = shared_from_this();
    loop_.replace(*this, to);
    // In a task of its own, because the handler of the request is still on the stack.
    loop_.post([&loop = loop_, to = std::move(to), client = client_]() mutable {
        loop.in_turn(std::move(client), [to = std::move(to)] { to->begin(); });
    });
}

}  // namespace rues::net
