#include "net/http_connection.hpp"

#include <fmt/format.h>

#include <array>

#include "net/push_connection.hpp"
#include "net/websocket_connection.hpp"

namespace rues::net {
namespace {

/// Pipelined requests of one connection that are handled before other connections get their turn.
constexpr int kRequestsPerTurn = 32;
/// How long, and how many bytes, a connection still reads after its last answer.
constexpr std::chrono::milliseconds kLeaveTimeout{2'000};
constexpr std::size_t kLeaveBytes = 4'194'304;
/// Bytes of a request's body that count as progress. If single bytes did, an upload could go on for years.
constexpr std::size_t kBodyProgress = 4'096;
/// Pause of a stream whose executor was full; the next sweep after it tries again.
constexpr std::chrono::milliseconds kExecutorRest{100};
/// How often a waiting answer checks whether its client has ended its side. The socket reports the end as an event only
/// after everything that the client has pipelined before it was read, so the connection polls.
constexpr std::chrono::milliseconds kLookForEnd{1'000};

/// An IPv4 client of a socket that listens for both families appears as ::ffff:a.b.c.d (RFC 4291 2.5.5.2).
boost::asio::ip::address of_one_family(const boost::asio::ip::address& address) {
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
}

}  // namespace

HttpConnection::HttpConnection(Loop& loop, Socket socket, const Loop::Tcp::endpoint& peer)
    : loop_(loop),
      socket_(std::move(socket)),
      peer_(of_one_family(peer.address()).to_string()),
      loopback_(of_one_family(peer.address()).is_loopback()),
      upload_(loop.uploads()) {}

std::shared_ptr<HttpConnection> HttpConnection::self() {
    return std::static_pointer_cast<HttpConnection>(shared_from_this());
}

void HttpConnection::begin() {
    set_timeout(socket_.handshaking() ? loop_.limits().handshake_timeout : loop_.limits().idle_timeout);
    wait_readable();
}

void HttpConnection::drain() {
    // A request that is complete, or is being uploaded, is still answered; `finish_answer` ends the connection then.
    if (state_ == State::head) return terminate();
    end_waiting();
}

void HttpConnection::terminate() {
    if (state_ == State::gone) return;
    state_ = State::gone;
    deadline_ = kNever;
    loop_.release_soon(std::move(until_sent_));
    if (stream_) stream_->body->cancel();
    stream_.reset();
    socket_.close();
    auto on_end = std::exchange(on_end_, {});
    loop_.remove(*this);
    if (on_end) on_end();
}

/// Tells the owner of a waiting answer to wait no longer. It may answer from inside this call, or later.
void HttpConnection::end_waiting() {
    if (auto on_end = std::exchange(on_end_, {})) on_end();
}

void HttpConnection::set_timeout(std::chrono::milliseconds after) {
    deadline_ = Loop::coarse_now() + after;
}

void HttpConnection::on_deadline(Time now) {
    if (stream_ && now < stream_->limit) {  // the executor was full
        ask_for_piece();
        return;
    }
    switch (state_) {
    case State::head:
        if (parser_ == nullptr) return terminate();
        return refuse({408, "Request timeout"});
    case State::body:
        return refuse({408, "Request timeout"});
    case State::handling:
        if (stream_) return give_up_stream(503, "the answer was not ready in time");
        set_timeout(kLookForEnd);
        if (socket_.has_ended()) end_waiting();
        return;
    case State::writing:
    case State::leaving:
    case State::gone:
        return terminate();
    }
}

void HttpConnection::wait_readable() {
    if (awaiting_read_) return;
    awaiting_read_ = true;
    socket_.when_readable([self = self()](const boost::system::error_code& error) {
        self->awaiting_read_ = false;
        if (!error) self->on_readable();
    });
}

void HttpConnection::on_readable() {
    if (state_ == State::gone) return;
    if (state_ == State::handling || state_ == State::writing)
        return;  // `process` waits again when it is this data's turn
    const bool shook_hands = socket_.handshaking();
    const auto [bytes, closed] = socket_.read(loop_.scratch());
    if (closed) return terminate();
    if (shook_hands && !socket_.handshaking()) set_timeout(loop_.limits().idle_timeout);
    if (socket_.unsent() > 0) wait_writable();
    if (state_ == State::leaving) {
        discarded_ += bytes;
        if (discarded_ > kLeaveBytes) return terminate();
        return wait_readable();
    }
    base::append(input_, ByteView(loop_.scratch()).first(bytes));
    body_progress_ += bytes;
    if (state_ == State::body && body_progress_ >= kBodyProgress) {
        body_progress_ = 0;
        set_timeout(loop_.limits().body_timeout);
    }
    process();
}

void HttpConnection::process() {
    if (processing_) return;
    processing_ = true;
    int requests = 0;
    while (step()) {
        if (state_ == State::head && !input_.empty() && ++requests == kRequestsPerTurn) {
            loop_.post([self = self()] {
                self->processing_ = false;
                self->process();
            });
            return;
        }
    }
    processing_ = false;
    if (state_ == State::head || state_ == State::body) wait_readable();
}

/// Returns whether another step may follow without more input.
bool HttpConnection::step() {
    if (state_ == State::head) return step_head();
    if (state_ == State::body) return step_body();
    return false;
}

bool HttpConnection::step_head() {
    if (parser_ == nullptr) {
        // Blank lines before a request are skipped (RFC 9112 2.2).
        const auto first =
            std::ranges::find_if(input_, [](std::byte b) { return b != std::byte{'\r'} && b != std::byte{'\n'}; });
        if (first == input_.end()) {
            input_ = Bytes{};  // an idle connection owns no buffer
            return false;
        }
        input_.erase(input_.begin(), first);
        parser_ = std::make_unique<HttpParser>(loop_.limits());
        set_timeout(loop_.limits().head_timeout);
    }
    ByteView rest = input_;
    const auto complete = parser_->put_head(rest);
    if (!complete) {
        refuse(complete.error());
        return false;
    }
    if (!*complete) return false;
    input_.erase(input_.begin(), input_.end() - static_cast<std::ptrdiff_t>(rest.size()));
    const Request& request = parser_->request();
    framing_ = {request.minor_version == 0, parser_->keep_alive()};
    head_only_ = request.method == "HEAD";
    if (parser_->has_body()) {
        if (const auto fits = parser_->limit_body(loop_.handler().body_limit(request.method, request.path())); !fits) {
            refuse(fits.error());
            return false;
        }
        if (input_.empty() && parser_->expects_continue()) {
            constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
            const std::array buffers{base::view(kContinue)};
            // Nothing else is unsent, so the kernel has room for it. If it does not fit, the client is gone.
            if (socket_.write(buffers).bytes != kContinue.size() || socket_.unsent() > 0) {
                terminate();
                return false;
            }
        }
    }
    state_ = State::body;
    body_progress_ = 0;
    set_timeout(loop_.limits().body_timeout);
    return true;
}

bool HttpConnection::step_body() {
    ByteView rest = input_;
    const auto complete = parser_->put_body(rest);
    if (!complete) {
        refuse(complete.error());
        return false;
    }
    input_.erase(input_.begin(), input_.end() - static_cast<std::ptrdiff_t>(rest.size()));
    if (!*complete) {
        // Otherwise each of the clients could keep a body of the largest size here, one byte short of complete.
        if (!upload_.grow_to(parser_->request().body.size())) refuse({503, "too many uploads at once"});
        return false;
    }
    dispatch();
    return true;
}

Request HttpConnection::take_request() {
    Request request = parser_->take();
    request.peer = peer_;
    request.loopback = loopback_;
    return request;
}

void HttpConnection::dispatch() {
    Request request = take_request();
    parser_.reset();
    upload_.clear();
    if (const auto key = request.header("sec-websocket-key")) websocket_key_ = *key;
    if (input_.empty()) input_ = Bytes{};
    state_ = State::handling;
    deadline_ = kNever;
    ++serial_;
    Responder responder(std::make_shared<Responder::Target>(loop_.shared_from_this(), self(), serial_));
    loop_.handler().handle(std::move(request), std::move(responder), loop_.number());
}

void HttpConnection::refuse(const Refusal& refusal) {
    std::optional<Request> head;
    if (refusal.status == 413) head = take_request();
    Response response = loop_.handler().refusal(refusal.status, refusal.text, head ? &*head : nullptr);
    // The start of the next request is not known any more.
    parser_.reset();
    upload_.clear();
    response.close = true;
    respond(std::move(response));
}

void HttpConnection::answer(std::uint64_t serial, std::optional<Response> response) {
    if (state_ != State::handling || serial != serial_) {
        if (response) loop_.release_soon(std::move(response->until_sent));
        return;
    }
    on_end_ = {};
    deadline_ = kNever;
    if (!response) response = loop_.handler().refusal(500, "Internal server error", nullptr);
    respond(std::move(*response));
}

void HttpConnection::respond(Response response) {
    begin_answer(response);
    if (!head_only_ && !has_no_body(response.status)) {
        out_.push(std::move(response.body));
        out_.push(std::move(response.shared_body));
    }
    flush();
}

void HttpConnection::begin_answer(Response& response) {
    framing_.keep_alive =
        framing_.keep_alive && !response.close && !loop_.draining() && serial_ < loop_.limits().max_requests;
    const std::string head = response_head(response, framing_, loop_.date());
    Bytes first;
    const bool joined = response.body_size() <= SendQueue::kSmall;  // a small body goes into the same buffer
    first.reserve(head.size() + (joined ? response.body_size() : 0));
    base::append(first, base::view(head));
    out_.push(std::move(first));
    until_sent_ = std::move(response.until_sent);
    state_ = State::writing;
}

/// Frames an answer whose length is not known. Returns whether a body follows.
bool HttpConnection::frame_without_length(Response& head) {
    framing_.end = framing_.http_1_0 ? Framing::End::close : Framing::End::chunk;
    if (framing_.http_1_0) framing_.keep_alive = false;
    head.body = {};
    head.shared_body = {};
    return !head_only_ && !has_no_body(head.status);
}

void HttpConnection::stream(std::uint64_t serial, Response head, std::shared_ptr<BodyStream> body) {
    if (state_ != State::handling || serial != serial_) return;
    on_end_ = {};
    if (!frame_without_length(head)) return respond(std::move(head));
    stream_ = std::make_unique<Stream>(std::move(head), std::move(body), false, Time{});
    renew_stream();
    watch_for_reset();
    if (!ask_for_piece()) give_up_stream(503, "too many requests wait");
}

void HttpConnection::watch(std::uint64_t serial) {
    if (state_ == State::handling && serial == serial_) watch_for_reset();
}

void HttpConnection::watch(std::uint64_t serial, std::move_only_function<void()> on_end) {
    if (state_ != State::handling || serial != serial_) return loop_.post(std::move(on_end));
    on_end_ = std::move(on_end);
    watch_for_reset();
    set_timeout(kLookForEnd);
    if (loop_.draining()) loop_.post([self = self()] { self->end_waiting(); });
}

/// Ends the connection when the client resets it. While an answer or a piece is awaited nothing is read or written, so
/// nothing else would notice.
void HttpConnection::watch_for_reset() {
    if (awaiting_reset_) return;
    awaiting_reset_ = true;
    socket_.when_broken([weak = std::weak_ptr(self())](const boost::system::error_code& error) {
        const auto alive = error ? nullptr : weak.lock();
        if (alive == nullptr) return;
        alive->awaiting_reset_ = false;
        if (alive->stream_ || alive->state_ == State::handling) alive->terminate();
    });
}

/// Returns whether the executor took the request; if not, the sweep tries again.
bool HttpConnection::ask_for_piece() {
    const std::weak_ptr<HttpConnection> weak = self();
    stream_->asked = stream_->body->ask(loop_, [weak, serial = serial_](Piece piece) {
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
    cut_ = piece.then == Piece::Then::failure;
    if (state_ == State::handling) {
        if (cut_) return give_up_stream(500, "Internal server error");
        begin_answer(stream_->head);
    }
    const bool chunked = framing_.end == Framing::End::chunk;
    if (!piece.bytes.empty() && !cut_) {
        renew_stream();
        if (chunked) out_.push(fmt::format("{:x}\r\n", piece.bytes.size()));
        out_.push(std::move(piece.bytes));
        if (chunked) out_.push("\r\n");
    }
    if (chunked && piece.then == Piece::Then::end) out_.push("0\r\n\r\n");
    if (piece.then != Piece::Then::more) stream_.reset();
    flush();
}

/// Answers with a refusal instead of the stream. REQUIRES: no byte of the answer was sent.
void HttpConnection::give_up_stream(unsigned status, std::string_view text) {
    stream_->body->cancel();
    stream_.reset();
    framing_.end = Framing::End::length;
    cut_ = false;
    respond(loop_.handler().refusal(status, text, nullptr));
}

void HttpConnection::flush() {
    const auto [bytes, closed] = out_.empty() ? socket_.flush() : out_.write_to(socket_);
    if (closed) return terminate();
    if (stream_) {
        if (bytes > 0) renew_stream();
        if (!stream_->asked && out_.size() < kStreamLowWater) ask_for_piece();
    } else if (bytes > 0 || deadline_ == kNever) {
        set_timeout(loop_.limits().body_timeout);
    }
    if (!out_.empty() || socket_.unsent() > 0) return wait_writable();
    if (!stream_) finish_answer();
}

void HttpConnection::wait_writable() {
    if (awaiting_write_) return;
    awaiting_write_ = true;
    socket_.when_writable([self = self()](const boost::system::error_code& error) {
        self->awaiting_write_ = false;
        if (!error) self->on_writable();
    });
}

void HttpConnection::on_writable() {
    if (state_ == State::gone) return;
    if (state_ == State::writing) return flush();
    if (socket_.flush().closed) return terminate();  // bytes that TLS itself has to send
    if (socket_.unsent() > 0) wait_writable();
}

void HttpConnection::finish_answer() {
    loop_.release_soon(std::move(until_sent_));
    if (cut_ && framing_.end == Framing::End::close) {
        socket_.reset();  // an orderly end would look like the end of the body
        return terminate();
    }
    if (cut_ || !framing_.keep_alive || loop_.draining()) {
        state_ = State::leaving;
        input_ = Bytes{};
        socket_.finish_writing();
        set_timeout(kLeaveTimeout);
        return wait_readable();
    }
    state_ = State::head;
    framing_ = {};
    head_only_ = false;
    set_timeout(loop_.limits().idle_timeout);
    process();
}

void HttpConnection::upgrade(std::uint64_t serial, const Headers& extra, std::unique_ptr<WebSocketHandler> handler,
                             UpgradeOptions options) {
    if (state_ != State::handling || serial != serial_) return;
    hand_over(std::make_shared<WebSocketConnection>(loop_, std::move(socket_), std::move(handler), options,
                                                    switching_head(websocket_key_, extra, loop_.date()),
                                                    std::move(input_)));
}

void HttpConnection::push(std::uint64_t serial, Response head, std::unique_ptr<PushHandler> handler) {
    if (state_ != State::handling || serial != serial_) return;
    if (!frame_without_length(head)) return respond(std::move(head));
    framing_.keep_alive = false;
    hand_over(std::make_shared<PushConnection>(loop_, std::move(socket_), response_head(head, framing_, loop_.date()),
                                               framing_.end == Framing::End::chunk, std::move(head.until_sent),
                                               std::move(handler)));
}

/// REQUIRES: `to` has the socket.
void HttpConnection::hand_over(std::shared_ptr<Connection> to) {
    state_ = State::gone;
    const auto kept = shared_from_this();
    loop_.replace(*this, to);
    // In a task of its own, because the handler of the request is still on the stack.
    loop_.post([to = std::move(to)] { to->begin(); });
}

}  // namespace rues::net
