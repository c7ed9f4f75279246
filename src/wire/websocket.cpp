#include "wire/websocket.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.hpp"
#include "base/endian.hpp"

namespace rues::wire::websocket {
namespace {

constexpr std::byte kFin{0x80};
constexpr std::byte kReserved{0x70};
constexpr std::byte kMasked{0x80};
constexpr std::size_t kMaskBytes = 4;

constexpr bool is_control(Opcode opcode) {
    return static_cast<unsigned>(opcode) >= 8;
}

constexpr bool is_known(unsigned opcode) {
    return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

/// Bytes of the extended length, which follows the first two bytes of a header.
constexpr std::size_t length_bytes(std::byte second) {
    const auto length = static_cast<unsigned>(second & ~kMasked);
    return length == 126 ? 2 : length == 127 ? 8 : 0;
}

/// Appends the unmasked `payload` to `to`, and rotates the mask so that it fits the bytes that follow.
void append_unmasked(std::string& to, ByteView payload, base::ByteArray<kMaskBytes>& mask) {
    const std::size_t old = to.size();
    to.resize(old + payload.size());
    char* const out = to.data() + old;
    base::ByteArray<8> twice;
    for (std::size_t i = 0; i < twice.size(); ++i) twice[i] = mask[i % kMaskBytes];
    const auto wide = base::load_le<std::uint64_t>(twice.data());
    std::size_t at = 0;
    for (; at + sizeof wide <= payload.size(); at += sizeof wide) {
        base::store_le(reinterpret_cast<std::byte*>(out + at),
                       base::load_le<std::uint64_t>(payload.data() + at) ^ wide);
    }
    for (; at < payload.size(); ++at) out[at] = static_cast<char>(payload[at] ^ mask[at % kMaskBytes]);
    std::ranges::rotate(mask, mask.begin() + static_cast<std::ptrdiff_t>(payload.size() % kMaskBytes));
}

std::expected<Message, Problem> parse_close(std::string_view payload) {
    Message out{Opcode::close, {}, close_code::kNone};
    if (payload.empty()) return out;
    if (payload.size() < 2) return std::unexpected(Problem{close_code::kProtocolError, "Close code is incomplete"});
    out.close_code = base::load_be<std::uint16_t>(base::view(payload).data());
    out.payload = payload.substr(2);
    if (!is_sendable_close_code(out.close_code))
        return std::unexpected(Problem{close_code::kProtocolError, "Close code is not allowed"});
    if (!base::is_utf8(out.payload)) return std::unexpected(Problem{close_code::kInvalidText, "Text is not UTF-8"});
    return out;
}

}  // namespace

std::expected<std::optional<Message>, Problem> Reader::next(ByteView& input) {
    for (;;) {
        if (!in_frame_) {
            const auto whole = take_header(input);
            if (!whole) return std::unexpected(whole.error());
            if (!*whole) return std::nullopt;
        }
        if (const auto problem = take_payload(input)) return std::unexpected(*problem);
        if (frame_.left > 0) return std::nullopt;
        in_frame_ = false;
        auto message = end_frame();
        if (!message || *message) return message;
    }
}

/// Returns whether the header is complete.
std::expected<bool, Problem> Reader::take_header(ByteView& input) {
    while (!input.empty()) {
        header_[header_bytes_++] = input.front();
        input = input.subspan(1);
        if (header_bytes_ < 2) continue;
        const std::size_t length = length_bytes(header_[1]);
        if (header_bytes_ == 2) {
            frame_ = {};
            const auto opcode = static_cast<unsigned>(header_[0] & std::byte{0x0f});
            if ((header_[0] & kReserved) != std::byte{0})
                return std::unexpected(Problem{close_code::kProtocolError, "Reserved bits are set"});
            if (!is_known(opcode)) return std::unexpected(Problem{close_code::kProtocolError, "Unknown opcode"});
            if (const bool is_masked = (header_[1] & kMasked) != std::byte{0};
                is_masked != (sender_ == Sender::client)) {
                const std::string_view reason = is_masked ? "Frame is masked" : "Frame is not masked";
                return std::unexpected(Problem{close_code::kProtocolError, reason});
            }
            frame_.opcode = static_cast<Opcode>(opcode);
            frame_.last = (header_[0] & kFin) != std::byte{0};
            frame_.left = static_cast<std::uint64_t>(header_[1] & ~kMasked);
            if (const auto problem = check_kind()) return std::unexpected(*problem);
        }
        if (header_bytes_ == 2 + length) {
            if (length == 2) frame_.left = base::load_be<std::uint16_t>(header_.data() + 2);
            if (length == 8) frame_.left = base::load_be<std::uint64_t>(header_.data() + 2);
            if (const auto problem = check_size()) return std::unexpected(*problem);
        }
        const std::size_t mask = sender_ == Sender::client ? kMaskBytes : 0;
        if (header_bytes_ < 2 + length + mask) continue;
        if (mask > 0) frame_.mask = base::to_array<kMaskBytes>(ByteView(header_).subspan(2 + length, kMaskBytes));
        header_bytes_ = 0;
        in_frame_ = true;
        if (!is_control(frame_.opcode)) {
            if (!message_kind_) message_kind_ = frame_.opcode;
            message_bytes_ += static_cast<std::size_t>(frame_.left);
        }
        return true;
    }
    return false;
}

/// Checks the first two bytes of a header. They suffice for a control frame: a length that needs more bytes is too long
/// anyway.
std::optional<Problem> Reader::check_kind() const {
    if (is_control(frame_.opcode)) {
        if (frame_.last && frame_.left <= kMaxControlPayload) return std::nullopt;
        return Problem{close_code::kProtocolError, "Control frame is fragmented or too long"};
    }
    const bool continues = frame_.opcode == Opcode::continuation;
    if (continues == message_kind_.has_value()) return std::nullopt;
    return Problem{close_code::kProtocolError,
                   continues ? "Continuation without a message" : "New message before the last one ended"};
}

std::optional<Problem> Reader::check_size() const {
    if (is_control(frame_.opcode)) return std::nullopt;
    if (frame_.left > max_frame_) return Problem{close_code::kTooBig, "Frame is too big"};
    if (frame_.left > max_message_ - message_bytes_) return Problem{close_code::kTooBig, "Message is too big"};
    return std::nullopt;
}

std::optional<Problem> Reader::take_payload(ByteView& input) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(frame_.left, input.size()));
    const ByteView part = input.first(size);
    input = input.subspan(size);
    frame_.left -= size;
    if (is_control(frame_.opcode)) {
        append_unmasked(control_, part, frame_.mask);
        return std::nullopt;
    }
    const bool text = message_kind_ == Opcode::text;
    if (!text && !keep_binary_) return std::nullopt;
    const std::size_t old = message_.size();
    append_unmasked(message_, part, frame_.mask);
    if (text && !text_.take(std::string_view(message_).substr(old)))
        return Problem{close_code::kInvalidText, "Text is not UTF-8"};
    return std::nullopt;
}

/// REQUIRES: all of the payload was taken.
std::expected<std::optional<Message>, Problem> Reader::end_frame() {
    if (is_control(frame_.opcode)) {
        std::string payload = std::exchange(control_, {});
        if (frame_.opcode != Opcode::close) return Message{frame_.opcode, std::move(payload), close_code::kNone};
        auto close = parse_close(payload);
        if (!close) return std::unexpected(close.error());
        return std::move(*close);
    }
    if (!frame_.last) return std::nullopt;
    if (!text_.complete()) return std::unexpected(Problem{close_code::kInvalidText, "Text is not UTF-8"});
    message_bytes_ = 0;
    return Message{*std::exchange(message_kind_, std::nullopt), std::exchange(message_, {}), close_code::kNone};
}

std::size_t put_frame_header(std::span<std::byte, kMaxFrameHeader> out, Opcode opcode, std::uint64_t payload_bytes) {
    out[0] = kFin | static_cast<std::byte>(opcode);
    if (payload_bytes < 126) {
        out[1] = static_cast<std::byte>(payload_bytes);
        return 2;
    }
    if (payload_bytes <= 0xffff) {
        out[1] = std::byte{126};
        base::store_be(out.data() + 2, static_cast<std::uint16_t>(payload_bytes));
        return 4;
    }
    out[1] = std::byte{127};
    base::store_be(out.data() + 2, payload_bytes);
    return kMaxFrameHeader;
}

void append_frame_header(std::string& to, Opcode opcode, std::uint64_t payload_bytes) {
    base::ByteArray<kMaxFrameHeader> header;
    to += base::text(ByteView(header).first(put_frame_header(header, opcode, payload_bytes)));
}

void append_frame(std::string& to, Opcode opcode, std::string_view payload) {
    append_frame_header(to, opcode, payload.size());
    to += payload;
}

void append_masked_frame(std::string& to, Opcode opcode, std::string_view payload, const base::ByteArray<4>& mask) {
    const std::size_t begin = to.size();
    append_frame_header(to, opcode, payload.size());
    to[begin + 1] |= static_cast<char>(kMasked);
    to += base::text(mask);
    auto turning = mask;
    append_unmasked(to, base::view(payload), turning);  // to mask and to unmask is the same
}

std::optional<FrameHeader> frame_header(ByteView frame) noexcept {
    if (frame.size() < 2) return std::nullopt;
    const std::size_t length = length_bytes(frame[1]);
    if (frame.size() < 2 + length) return std::nullopt;
    FrameHeader out{2 + length, std::to_integer<std::uint64_t>(frame[1])};
    if (length == 2) out.payload_bytes = base::load_be<std::uint16_t>(frame.data() + 2);
    if (length == 8) out.payload_bytes = base::load_be<std::uint64_t>(frame.data() + 2);
    return out;
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
    if (code == close_code::kNone) return {};
    std::string_view kept = reason.substr(0, kMaxControlPayload - 2);
    while (!base::is_utf8(kept)) kept.remove_suffix(1);
    std::string out{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    return out.append(kept);
}

void append_close(std::string& to, std::uint16_t code, std::string_view reason) {
    append_frame(to, Opcode::close, close_payload(code, reason));
}

bool is_sendable_close_code(std::uint16_t code) noexcept {
    if (code >= 3000 && code <= 4999) return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

std::string accept_key(std::string_view key) {
    constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 1.3
    const std::string text = std::string(key).append(kGuid);
    base::ByteArray<20> digest{};
    EVP_Digest(text.data(), text.size(), base::u8(digest), nullptr, EVP_sha1(), nullptr);
    return base::to_base64(digest);
}

}  // namespace rues::wire::websocket
