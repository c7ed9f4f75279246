#include "net/http_connection.hpp"

#include <array>
#include <utility>

#include "base/encoding.hpp"
#include "net/slice.hpp"

namespace rues::net {
namespace {

/// Bytes that a connection still reads after its last answer.
constexpr std::size_t kLeaveBytes = 4'194'304;
/// Bytes of a request's body that count as progress. If single bytes did, an upload could go on for years.
constexpr std::size_t kBodyProgress = 4'096;
/// How often a waiting answer checks whether its client has ended its side. The socket reports the end as an event only
/// after everything that the client has pipelined before it was read, so the connection polls.
constexpr std::chrono::milliseconds kLookForEnd{1'000};

/// An IPv4 client of a socket that listens for both families appears as ::ffff:a.b.c.d (RFC 4291 2.5.5.2).
boost::asio::ip::address of_one_family(const boost::asio::ip::address& address) {
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
}

}  // namespace

HttpConnection::HttpConnection(Loop& loop, Socket socket, const Loop::Tcp::endpoint& peer, base::ClientPtr client)
    : SocketConnection(loop, std::move(socket), std::move(client)),
      peer_(of_one_family(peer.address()).to_string()),
      loopback_(of_one_family(peer.address()).is_loopback()),
      handshake_(socket_.handshaking()
                     ? std::make_unique<Handshake>(loop.handshakes(), peer_key(peer.address()), client_)
                     : nullptr),
      reader_(loop.uploads()) {
    if (client_ != nullptr && !client_->is_limited()) proxy_ = client_;
}

std::shared_ptr<HttpConnection> HttpConnection::self() {
    return std::static_pointer_cast<HttpConnection>(shared_from_this());
}

void HttpConnection::begin() {
    if (handshake_ && handshake_->held.resize(1) != base::Taken::yes) return terminate();
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
    handshake_.reset();
    loop_.release_soon(answer_.take_until_sent());
    if (stream_) stream_->body->cancel();
    stream_.reset();
    unread_ = {};
    socket_.close();
    auto on_end = std::exchange(on_end_, {});
    loop_.remove(*this);
    if (on_end) on_end();
}

void HttpConnection::give_way(const std::string& reason) {
    if (!holds(base::Holding::uploads)) return terminate();
    refuse({503, reason});
}

bool HttpConnection::holds(base::Holding holding) const noexcept {
    using enum base::Holding;
    if (holding == uploads) return state_ == State::body || (state_ == State::head && reader_.in_request());
    return holding == unread && unread_.amount() > 0;
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
        if (!reader_.in_request()) return terminate();
        [[fallthrough]];
    case State::body:
        refuse({408, "Request timeout"});
        return;
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

void HttpConnection::on_readable() {
    if (greedy_ && state_ == State::head) return loop_.put_behind(*this);
    read_input();
}

void HttpConnection::go_on() {
    if (!processing_) return read_input();
    processing_ = false;
    process();
}

void HttpConnection::read_input() {
    if (state_ == State::gone) return;
    if (state_ == State::handling || state_ == State::writing)
        return;  // `process` waits again when it is this data's turn
    if (handshake_) return shake_hands();
    const auto [bytes, closed] = socket_.read(loop_.scratch());
    if (closed) return terminate();
    if (socket_.unsent() > 0) wait_writable();
    if (state_ == State::leaving) {
        discarded_ += bytes;
        if (discarded_ > kLeaveBytes) return terminate();
        return wait_readable();
    }
    reader_.put(ByteView(loop_.scratch()).first(bytes));
    if (reader_.reads_secret()) base::wipe(loop_.scratch().first(bytes));
    body_progress_ += bytes;
    if (state_ == State::body && body_progress_ >= kBodyProgress) {
        body_progress_ = 0;
        set_timeout(loop_.limits().body_timeout);
    }
    process();
}

/// Receives the client's part of the handshake. When a step is possible, nothing is read until it has ended.
void HttpConnection::shake_hands() {
    TlsSession& tls = socket_.tls();
    if (tls.receive().closed) return terminate();
    if (!handshake_->place.hold(tls.held_bytes())) {
        if (client_ != nullptr) client_->count_refused(base::Holding::handshakes);
        return terminate();
    }
    if (!tls.may_step()) return wait_readable();
    handshake_->place.run(
        [step = tls.begin_step(), loop = loop_.shared_from_this(), weak = std::weak_ptr(self())]() mutable {
            step();
            loop->post([weak = std::move(weak)] {
                if (const auto alive = weak.lock()) alive->end_step();
            });
        });
}

void HttpConnection::end_step() {
    if (state_ == State::gone) return;
    if (socket_.tls().end_step().closed) return terminate();
    if (socket_.unsent() > 0) wait_writable();
    if (!socket_.handshaking()) {
        handshake_.reset();
        set_timeout(loop_.limits().idle_timeout);
    }
    wait_readable();
}

void HttpConnection::process() {
    if (processing_) return;
    processing_ = true;
    const Slice slice(loop_.limits().slice);
    greedy_ = false;
    while (step()) {
        if (state_ != State::head || !slice.is_over()) continue;
        greedy_ = true;
        if (reader_.has_input()) return loop_.put_behind(*this);
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
    const bool was_idle = !reader_.in_request();
    const auto complete = reader_.read_head(loop_.limits());
    if (was_idle && reader_.in_request()) set_timeout(loop_.limits().head_timeout);
    if (!complete) return refuse(complete.error());
    if (!*complete) return false;
    const HttpParser& parser = reader_.parser();
    const Request& request = parser.request();
    answer_.begin(request, parser.keep_alive());
    if (proxy_ != nullptr) name_client(request);
    reader_.charge(client_);
    if (parser.has_body()) {
        const auto fits = reader_.expect_body(loop_.handler().body_rules(request.method, request.path()));
        if (!fits) return refuse(fits.error());
        if (reader_.reads_secret()) base::wipe(loop_.scratch());  // its first bytes may have come with the head
        if (reader_.awaits_continue()) {
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
    const auto complete = reader_.read_body();
    if (!complete) return refuse(complete.error());
    if (!*complete) return false;
    dispatch();
    return true;
}

/// A proxy appends the address of its client to `X-Forwarded-For`. So the last address that is not a proxy's is the
/// client; what stands before it is anybody's word.
void HttpConnection::name_client(const Request& request) {
    client_ = proxy_;
    for (auto line = request.headers.rbegin(); line != request.headers.rend(); ++line) {
        if (!base::equal_ignoring_case(line->first, "x-forwarded-for")) continue;
        for (std::string_view rest = line->second; !rest.empty();) {
            const auto comma = rest.rfind(',');
            const auto item = base::trimmed(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
            rest = rest.substr(0, comma == std::string_view::npos ? 0 : comma);
            const auto key = base::ClientKey::parse(item);
            if (!key) return;
            if (loop_.clients().is_unlimited(*key)) continue;
            client_ = loop_.clients().of(*key, Loop::coarse_now());
            return;
        }
    }
}

Request HttpConnection::take_request() {
    Request request = reader_.take();
    request.peer = peer_;
    request.loopback = loopback_;
    request.client = client_;
    return request;
}

void HttpConnection::dispatch() {
    Request request = take_request();
    if (const auto key = request.header("sec-websocket-key")) websocket_key_ = *key;
    state_ = State::handling;
    deadline_ = kNever;
    ++serial_;
    const base::ActingFor scope(client_.get());
    loop_.handler().handle(std::move(request), Responder(loop_.shared_from_this(), self(), serial_), loop_.number());
}

/// Answers the request that is being read with a refusal, and ends the connection: nobody knows where the next request
/// begins. Returns false: no step may follow.
bool HttpConnection::refuse(const Refusal& refusal) {
    const Request request = take_request();
    Response response =
        loop_.handler().refusal(refusal.status, refusal.text, refusal.status == 413 ? &request : nullptr);
    response.close = true;
    respond(std::move(response));
    return false;
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

}  // namespace rues::net
