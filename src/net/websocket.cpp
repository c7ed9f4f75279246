#include "net/websocket.hpp"

#include <openssl/evp.h>

#include <array>

#include "base/encoding.hpp"
#include "base/endian.hpp"

namespace rues::net::websocket {
namespace {

constexpr std::byte kFin{0x80};
constexpr std::byte kReserved{0x70};
constexpr std::byte kMasked{0x80};
constexpr std::size_t kMaskBytes = 4;

struct FrameHeader {
    bool last = false;
    Opcode opcode = Opcode::text;
    std::uint64_t payload = 0;
    std::array<std::byte, kMaskBytes> mask{};
    std::size_t size = 0;  ///< bytes of the header itself
};

constexpr bool is_control(Opcode opcode) {
    return static_cast<unsigned>(opcode) >= 8;
}

constexpr bool is_known(unsigned opcode) {
    return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

/// Everything that is wrong with a header is told as soon as the bytes that show it are there, before its payload is
/// waited for.
std::expected<std::optional<FrameHeader>, Problem> parse_header(ByteView in, std::size_t max_frame) {
    using close_code::kProtocolError;
    if (in.size() < 2) return std::nullopt;
    FrameHeader out;
    const auto opcode = static_cast<unsigned>(in[0] & std::byte{0x0f});
    if ((in[0] & kReserved) != std::byte{0}) return std::unexpected(Problem{kProtocolError, "Reserved bits are set"});
    if (!is_known(opcode)) return std::unexpected(Problem{kProtocolError, "Unknown opcode"});
    if ((in[1] & kMasked) == std::byte{0}) return std::unexpected(Problem{kProtocolError, "Frame is not masked"});
    out.opcode = static_cast<Opcode>(opcode);
    out.last = (in[0] & kFin) != std::byte{0};
    out.payload = static_cast<std::uint64_t>(in[1] & ~kMasked);
    if (is_control(out.opcode) && (!out.last || out.payload > kMaxControlPayload))
        return std::unexpected(Problem{kProtocolError, "Control frame is fragmented or too long"});

    std::size_t at = 2;
    const std::size_t length_bytes = out.payload == 126 ? 2 : out.payload == 127 ? 8 : 0;
    if (in.size() < at + length_bytes) return std::nullopt;
    if (length_bytes == 2) out.payload = base::load_be<std::uint16_t>(in.data() + at);
    if (length_bytes == 8) out.payload = base::load_be<std::uint64_t>(in.data() + at);
    at += length_bytes;
    if (out.payload > max_frame) return std::unexpected(Problem{close_code::kTooBig, "Frame is too big"});

    if (in.size() < at + kMaskBytes) return std::nullopt;
    out.mask = base::to_array<kMaskBytes>(in.subspan(at, kMaskBytes));
    out.size = at + kMaskBytes;
    return out;
}

std::string unmasked(ByteView payload, const std::array<std::byte, kMaskBytes>& mask) {
    std::string out(payload.size(), '\0');
    for (std::size_t i = 0; i < payload.size(); ++i) out[i] = static_cast<char>(payload[i] ^ mask[i % kMaskBytes]);
    return out;
}

std::expected<Message, Problem> parse_close(std::string payload) {
    Message out{Opcode::close, {}, close_code::kNone};
    if (payload.empty()) return out;
    if (payload.size() < 2) return std::unexpected(Problem{close_code::kProtocolError, "Close code is cut"});
    out.close_code = base::load_be<std::uint16_t>(base::view(payload).data());
    out.payload = payload.substr(2);
    if (!is_sendable_close_code(out.close_code))
        return std::unexpected(Problem{close_code::kProtocolError, "Close code is not allowed"});
    if (!base::is_utf8(out.payload)) return std::unexpected(Problem{close_code::kInvalidText, "Text is not UTF-8"});
    return out;
}

}  // namespace

void Reader::append(ByteView bytes) {
    if (used_ == input_.size()) {
        // A session that is silent between whole messages owns no buffer.
        input_ = Bytes{};
    } else {
        input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(used_));
    }
    used_ = 0;
    base::append(input_, bytes);
}

std::expected<std::optional<Message>, Problem> Reader::next() {
    for (;;) {
        const ByteView rest = ByteView(input_).subspan(used_);
        if (rest.empty()) {
            input_ = Bytes{};
            used_ = 0;
            return std::nullopt;
        }
        const auto header = parse_header(rest, max_frame_);
        if (!header) return std::unexpected(header.error());
        if (!*header || rest.size() - (*header)->size < (*header)->payload) return std::nullopt;
        const FrameHeader& frame = **header;
        std::string payload = unmasked(rest.subspan(frame.size, static_cast<std::size_t>(frame.payload)), frame.mask);
        used_ += frame.size + static_cast<std::size_t>(frame.payload);

        if (frame.opcode == Opcode::close) {
            auto close = parse_close(std::move(payload));
            if (!close) return std::unexpected(close.error());
            return std::move(*close);
        }
        if (is_control(frame.opcode)) return Message{frame.opcode, std::move(payload), close_code::kNone};
        std::optional<Message> whole;
        if (const auto problem = take_data(frame.opcode, frame.last, std::move(payload), whole))
            return std::unexpected(*problem);
        if (whole) return whole;
    }
}

std::optional<Problem> Reader::take_data(Opcode opcode, bool last, std::string payload, std::optional<Message>& out) {
    const bool continues = opcode == Opcode::continuation;
    if (continues != fragmented_.has_value())
        return Problem{close_code::kProtocolError, continues ? "Nothing to continue" : "Message is not finished"};
    if (!continues) fragmented_ = opcode;
    if (payload.size() > max_message_ - message_bytes_) return Problem{close_code::kTooBig, "Message is too big"};
    message_bytes_ += payload.size();
    if (*fragmented_ == Opcode::text || keep_binary_) {
        if (message_.empty()) {
            message_ = std::move(payload);
        } else {
            message_ += payload;
        }
    }
    if (!last) return std::nullopt;

    Message message{*fragmented_, std::move(message_), close_code::kNone};
    message_.clear();
    message_bytes_ = 0;
    fragmented_.reset();
    if (message.kind == Opcode::text && !base::is_utf8(message.payload))
        return Problem{close_code::kInvalidText, "Text is not UTF-8"};
    out = std::move(message);
    return std::nullopt;
}

void append_frame_header(std::string& to, Opcode opcode, std::uint64_t payload_bytes) {
    to += static_cast<char>(0x80 | static_cast<unsigned>(opcode));
    const std::size_t length_bytes = payload_bytes < 126 ? 0 : payload_bytes <= 0xffff ? 2 : 8;
    to += static_cast<char>(length_bytes == 0 ? payload_bytes : length_bytes == 2 ? 126 : 127);
    for (std::size_t i = length_bytes; i-- > 0;) to += static_cast<char>(payload_bytes >> (8 * i) & 0xff);
}

void append_frame(std::string& to, Opcode opcode, std::string_view payload) {
    append_frame_header(to, opcode, payload.size());
    to += payload;
}

void append_close(std::string& to, std::uint16_t code, std::string_view reason) {
    if (code == close_code::kNone) return append_frame(to, Opcode::close, {});
    std::string_view kept = reason.substr(0, kMaxControlPayload - 2);
    while (!base::is_utf8(kept)) kept.remove_suffix(1);
    append_frame_header(to, Opcode::close, kept.size() + 2);
    to += static_cast<char>(code >> 8);
    to += static_cast<char>(code & 0xff);
    to += kept;
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

}  // namespace rues::net::websocket
