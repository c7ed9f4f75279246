#include "net/websocket_connection.hpp"

#include <algorithm>
#include <array>

#include "net/slice.hpp"

namespace rues::net {
namespace {

constexpr std::uint8_t kMaxUnansweredPings = 2;
/// How long a close waits for the end of the message being written, and then for the client's end.
constexpr std::chrono::milliseconds kCloseTimeout{5'000};
/// Bytes of an incomplete message that count against the budget of uploads only above this.
constexpr std::size_t kFreeOfBudget = 65'536;
/// Bytes of an incomplete message that count in the account of its client only above this.
constexpr std::size_t kFreeMessage = 1'024;
/// Bytes of a message in the budget that must arrive between two pings. If single bytes did, it could hold its part of
/// the budget for years.
constexpr std::size_t kUploadProgress = 4'096;
/// Bytes of a message, or of many small fragments, that are taken between two looks at the slice.
constexpr std::size_t kPiece = 4'096;
constexpr std::uint16_t kTryAgainLater = 1013;

}  // namespace

using wire::websocket::Opcode;
namespace close_code = wire::websocket::close_code;

WebSocketConnection::WebSocketConnection(Loop& loop, Socket socket, base::ClientPtr client,
                                         std::unique_ptr<WebSocketHandler> handler, UpgradeOptions options,
                                         std::string first, Bytes input)
    : SocketConnection(loop, std::move(socket), std::move(client)),
      handler_(std::move(handler)),
      rare_(std::make_unique<Rare>()),
      max_message_bytes_(static_cast<std::uint32_t>(std::min<std::size_t>(options.max_message_bytes, UINT32_MAX))),
      binary_(options.binary) {
    rare_->first_bytes = first.size();
    rare_->control = std::move(first);
    rare_->input = std::move(input);
}

void expect_write(const WebSocket* socket) noexcept {
    constexpr std::size_t kCacheLine = 64;
    // Only the address matters here, not the type.
    const auto* const begin = reinterpret_cast<const char*>(socket);
    for (std::size_t at = 0; at < sizeof(WebSocketConnection); at += kCacheLine) __builtin_prefetch(begin + at, 1);
    __builtin_prefetch(begin + sizeof(WebSocketConnection) - 1, 1);  // the object need not begin at a cache line
}

std::shared_ptr<WebSocketConnection> WebSocketConnection::self() {
    return std::static_pointer_cast<WebSocketConnection>(shared_from_this());
}

WebSocketConnection::Rare& WebSocketConnection::rare() {
    if (rare_ == nullptr) rare_ = std::make_unique<Rare>();
    return *rare_;
}

void WebSocketConnection::forget_rare() noexcept {
    if (rare_ != nullptr && rare_->control.empty() && rare_->pong.empty() && rare_->close_frame.empty() &&
        rare_->input.empty() && !rare_->reader)
        rare_.reset();
}

void WebSocketConnection::begin() {
    if (phase_ == Phase::gone) return;
    opened_ = true;
    if (phase_ == Phase::open) deadline_ = std::chrono::steady_clock::now() + loop_.limits().ping_interval;
    corked_ = true;  // the 101 and the first messages of the handler leave in one packet
    handler_->on_open(*this);
    corked_ = false;
    flush_control();
    if (blocked_) wait_for_room();
    if (loop_.draining()) drain();
    settle();
}

void WebSocketConnection::drain() {
    if (phase_ != Phase::open || !opened_) return;  // `begin` sees that the loop drains
    handler_->on_drain();
    close(close_code::kRestart, "Service restart");
}

Connection::Turn WebSocketConnection::turn() const noexcept {
    return blocked_ ? Turn::late : Turn::in_turn;
}

void WebSocketConnection::terminate() {
    if (phase_ == Phase::gone) return;
    phase_ = Phase::gone;
    deadline_ = kNever;
    socket_.close();
    const auto kept = shared_from_this();
    release_handler();
    loop_.remove(*this);
}

void WebSocketConnection::give_way(const std::string& reason) {
    if (phase_ != Phase::open || !opened_) return terminate();
    start_closing(close_code::kPolicy, reason);
}

/// Counts every WebSocket as a session, because this room does not know which ones are.
bool WebSocketConnection::holds(base::Holding holding) const noexcept {
    using enum base::Holding;
    if (holding == messages) return rare_ != nullptr && rare_->message.amount() > 0;
    if (holding == unread) return blocked_;
    return holding == sessions || holding == subscriptions || holding == journal;
}

void WebSocketConnection::release_handler() {
    const auto handler = std::move(handler_);
    if (handler != nullptr && opened_) handler->on_closed(by_client_);
    socket_.leave_lane();  // until here the handler may name the lane
}

Lane WebSocketConnection::lane() {
    return handler_ != nullptr ? socket_.join(loop_.lanes()) : kNoLane;
}

void WebSocketConnection::use_lane(bool use) {
    uses_lane_ = use;
    settle_lane();
}

void WebSocketConnection::stopped_in_lane() {
    mid_message_ = blocked_ = true;
    wait_for_room();
}

/// Opens or closes the lane. Called at once where the lane may have to be closed; where it may be opened, a later call
/// is early enough.
void WebSocketConnection::settle_lane() {
    if (socket_.lane() == kNoLane) return;
    const bool has_to_say = phase_ != Phase::open || broken_ || mid_message_ || blocked_ || control_waits();
    if (uses_lane_ && !has_to_say) {
        socket_.open_lane();
    } else {
        socket_.close_lane();
    }
}

void WebSocketConnection::on_deadline(Time now) {
    if (phase_ != Phase::open) return terminate();
    if (heard_) unanswered_ = 0;
    heard_ = false;
    if (rare_ != nullptr && rare_->upload) {
        const std::size_t held = rare_->reader->held_bytes();
        if (held - std::exchange(rare_->upload_before, held) < kUploadProgress && !paused_ && !input_waits())
            return start_closing(close_code::kPolicy, "A message makes no progress");
    }
    // The answer may be in the input that waits.
    if (unanswered_ == kMaxUnansweredPings && !paused_ && !input_waits()) return terminate();
    deadline_ = now + loop_.limits().ping_interval;
    ping();
    settle();
}

void WebSocketConnection::ping() {
    // A ping behind unsent bytes would measure how fast the client reads, not whether it is alive.
    if (mid_message_ || blocked_ || paused_ || input_waits() || control_waits() || socket_.unsent() > 0) return;
    wire::websocket::append_frame(rare().control, Opcode::ping, {});
    ++unanswered_;
    flush_control();
}

void WebSocketConnection::on_readable() {
    if (phase_ == Phase::gone) return;
    if (phase_ == Phase::open) {
        if (paused_ || input_waits()) return;  // `settle` waits again
        if (greedy_) return loop_.put_behind(*this);
    }
    read_input();
}

void WebSocketConnection::go_on() {
    if (phase_ == Phase::gone) return;
    if (phase_ == Phase::open && (paused_ || input_waits())) return settle();
    read_input();
}

void WebSocketConnection::read_input() {
    const auto [bytes, closed] = socket_.read(loop_.scratch());
    heard_ = heard_ || bytes > 0;
    if (closed) return terminate();
    if (socket_.unsent() > 0) wait_for_room();
    if (phase_ == Phase::open) take_messages(ByteView(loop_.scratch()).first(bytes));
    settle();
}

void WebSocketConnection::take_messages(ByteView input) {
    Slice slice(loop_.limits().slice);
    bool is_over = false;
    while (phase_ == Phase::open && !broken_ && !paused_ && !is_over && !input.empty()) {
        ByteView piece = input.first(std::min(input.size(), kPiece));
        const std::size_t offered = piece.size();
        auto message = next_message(piece);
        if (!message) return start_closing(message.error().close_code, message.error().reason);
        if (*message) take(**message);
        const std::size_t taken = offered - piece.size();
        input = input.subspan(taken);
        is_over = slice.is_over_after(taken);
    }
    greedy_ = is_over;
    if (phase_ == Phase::open && !input.empty()) {
        rare().input = base::to_bytes(input);
        if (is_over) loop_.put_behind(*this);
    }
    flush_control();
}

std::expected<std::optional<wire::websocket::Message>, wire::websocket::Problem> WebSocketConnection::next_message(
    ByteView& input) {
    auto& reader = rare().reader;
    if (!reader) {
        const std::size_t own = max_message_bytes_;
        const Limits& limits = loop_.limits();
        reader.emplace(wire::websocket::Sender::client, own > 0 ? own : limits.max_frame_bytes,
                       own > 0 ? own : limits.max_message_bytes, binary_);
    }
    auto message = reader->next(input);
    if (!message || reader->between_messages()) {
        reader.reset();
        rare().upload.reset();
        rare().message = {};
        rare().upload_before = 0;
    } else if (const auto problem = charge_upload()) {
        return std::unexpected(*problem);
    }
    return message;
}

/// Counts the incomplete message among the uploads. Otherwise each of the clients could keep a message of the largest
/// size here, one byte short of complete. The problem says that all clients together hold
/// too much. A client that itself holds too much is closed with the reason.
std::optional<wire::websocket::Problem> WebSocketConnection::charge_upload() {
    const std::size_t held = rare().reader->held_bytes();
    auto& upload = rare().upload;
    auto& message = rare().message;
    if (held > kFreeMessage && client_ != nullptr) {
        if (message.amount() == 0) message = base::Held(client_, base::Holding::messages);
        const auto taken = message.resize(held);
        if (taken != base::Taken::yes) {
            start_closing(taken == base::Taken::client_is_full ? close_code::kPolicy : kTryAgainLater,
                          client_->reason(base::Holding::messages, taken));
            return std::nullopt;
        }
    }
    if (held <= kFreeOfBudget) return std::nullopt;
    if (!upload) upload.emplace(loop_.uploads());
    if (upload->grow_to(held)) return std::nullopt;
    return wire::websocket::Problem{kTryAgainLater, "Too many large messages at once"};
}

void WebSocketConnection::take(const wire::websocket::Message& message) {
    switch (message.kind) {
    case Opcode::text:
        return handler_->on_text(message.payload);
    case Opcode::ping:
        return answer_ping(message.payload);
    case Opcode::close:
        by_client_ = phase_ == Phase::open;
        return start_closing(message.close_code, message.payload);  // docs/reference/differences.md 6: echoed
    case Opcode::binary:
        return handler_->on_binary(base::view(message.payload));
    case Opcode::pong:
    case Opcode::continuation:
        return;
    }
}

void WebSocketConnection::answer_ping(std::string_view payload) {
    Rare& to = rare();
    constexpr std::size_t kHeader = 2;
    const bool fits = to.pong.empty() && to.control.size() + kHeader + payload.size() <= kPongBytes + to.first_bytes;
    if (!fits) to.pong.clear();
    wire::websocket::append_frame(fits ? to.control : to.pong, Opcode::pong, payload);
}

void WebSocketConnection::send_text(std::string_view text) {
    if (phase_ != Phase::open || broken_) return;
    constexpr std::size_t kLargestHeader = 10;
    Rare& to = rare();
    if (to.control.size() + kLargestHeader + text.size() > kControlBytes + to.first_bytes)
        return close(close_code::kPolicy, "Control buffer overflow");
    wire::websocket::append_frame(to.control, Opcode::text, text);
    if (!corked_) flush_control();
}

Transfer WebSocketConnection::send(std::span<const ByteView> buffers) {
    const Transfer done = socket_.write(buffers);
    if (socket_.unsent() > 0) wait_for_room();  // taken, but not sent yet
    return done;
}

void WebSocketConnection::flush_control() {
    while (rare_ != nullptr && !broken_ && !mid_message_) {
        std::string& control = rare_->control;
        if (control.empty()) std::swap(control, rare_->pong);
        if (control.empty()) break;
        const std::array buffers{base::view(control)};
        const auto [bytes, closed] = send(buffers);
        if (closed) {
            broken_ = true;
            return settle_soon();
        }
        if (bytes < control.size()) {
            control.erase(0, bytes);
            return wait_for_room();
        }
        rare_->first_bytes = 0;
        control.clear();
    }
    forget_rare();
    settle_lane();
}

std::size_t WebSocketConnection::write(std::span<const ByteView> buffers, bool ends_message) {
    std::size_t given = 0;
    for (const ByteView buffer : buffers) given += buffer.size();
    if (broken_ || phase_ >= Phase::closed || (phase_ == Phase::closing && !mid_message_)) return 0;
    if (!mid_message_) {
        if (!corked_) flush_control();
        if (control_waits()) {
            blocked_ = blocked_ || given > 0;
            if (!corked_) wait_for_room();
            return 0;
        }
    }
    std::size_t taken = 0;
    if (given > 0) {
        const auto [bytes, closed] = send(buffers);
        if (closed) {
            broken_ = true;
            settle_soon();
            return 0;
        }
        taken = bytes;
    }
    if (taken == given) {
        if (given > 0 || ends_message) mid_message_ = !ends_message;
        if (mid_message_) {
            settle_lane();
        } else {
            flush_control();
            if (phase_ == Phase::closing) settle_soon();
        }
    } else {
        mid_message_ = mid_message_ || taken > 0;
        blocked_ = true;
        wait_for_room();
    }
    return taken;
}

void WebSocketConnection::wait_for_room() {
    settle_lane();
    wait_writable();
}

void WebSocketConnection::on_writable() {
    if (phase_ == Phase::gone) return;
    broken_ = broken_ || socket_.flush().closed;
    if (!broken_ && socket_.unsent() > 0) return wait_for_room();
    flush_control();
    if (blocked_ && !broken_ && handler_ != nullptr && (mid_message_ || !control_waits())) {
        blocked_ = false;
        if (phase_ == Phase::open || mid_message_) handler_->on_writable();
    }
    settle();
}

void WebSocketConnection::resume() {
    if (!paused_) return;
    paused_ = false;
    settle_soon();
}

void WebSocketConnection::close(std::uint16_t code, std::string_view reason) {
    start_closing(code, reason);
}

void WebSocketConnection::start_closing(std::uint16_t code, std::string_view reason) {
    if (phase_ != Phase::open) return;
    phase_ = Phase::closing;
    deadline_ = std::chrono::steady_clock::now() + kCloseTimeout;
    wire::websocket::append_close(rare().close_frame, code, reason);
    settle_soon();
}

void WebSocketConnection::settle_soon() {
    settle_lane();
    if (settling_) return;
    settling_ = true;
    loop_.post([self = self()] {
        self->settling_ = false;
        self->settle();
    });
}

void WebSocketConnection::settle() {
    if (phase_ == Phase::gone) return;
    if (phase_ == Phase::open && opened_ && !paused_ && !is_behind() && input_waits()) {
        const Bytes input = std::exchange(rare_->input, {});
        take_messages(input);
    }
    if (broken_) return terminate();
    if (phase_ == Phase::closing && !mid_message_ && opened_) {
        phase_ = Phase::closed;
        rare().pong.clear();
        rare_->control += std::exchange(rare_->close_frame, {});
        rare_->input = {};
        rare_->reader.reset();
        rare_->upload.reset();
        rare_->message = {};
        release_handler();
        flush_control();
        if (broken_) return terminate();
    }
    if (phase_ == Phase::closed && !control_waits() && socket_.unsent() == 0) {
        phase_ = Phase::finished;
        socket_.finish_writing();
    }
    if (opened_ && (phase_ != Phase::open || (!paused_ && !input_waits()))) wait_readable();
}

}  // namespace rues::net
