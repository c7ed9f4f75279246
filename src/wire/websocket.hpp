#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/encoding.hpp"

/// RFC 6455 framing without sockets, for both sides of a connection and for the event log, which keeps whole messages.
/// Pure.
namespace rues::wire::websocket {

using base::Bytes;
using base::ByteView;

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Status codes that the program sends itself (docs/reference/differences.md 7); `WebSocket::close` of `net` passes
/// others through.
namespace close_code {
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kNone = 1005;  ///< a close frame without a code; never on the wire
inline constexpr std::uint16_t kInvalidText = 1007;
inline constexpr std::uint16_t kPolicy = 1008;
inline constexpr std::uint16_t kTooBig = 1009;
inline constexpr std::uint16_t kRestart = 1012;
}  // namespace close_code

inline constexpr std::size_t kMaxControlPayload = 125;

/// One whole message, or one control frame, from the client.
struct Message {
    Opcode kind = Opcode::text;                    ///< text, binary, ping, pong or close
    std::string payload;                           ///< unmasked; of a close: its reason
    std::uint16_t close_code = close_code::kNone;  ///< of a close
};

/// Why the connection has to be closed. The reason is a literal.
struct Problem {
    std::uint16_t close_code;
    std::string_view reason;
};

/// Who sent the bytes. A client's frames are masked, a server's are not (RFC 6455 5.1).
enum class Sender : std::uint8_t { client, server };

/// Cuts a peer's bytes into messages. A problem is reported at the first byte that shows it: a length that is too
/// large before its payload, text that is not UTF-8 in the middle of a frame. Holds at most a header, a control frame
/// and the message so far, in memory that grows with the bytes received. After a problem or a close it must not be used
/// any more.
class Reader {
public:
    /// Without `keep_binary` binary messages count against the limits, but their content is dropped.
    Reader(Sender sender, std::size_t max_frame_bytes, std::size_t max_message_bytes, bool keep_binary = false) noexcept
        : max_frame_(max_frame_bytes), max_message_(max_message_bytes), sender_(sender), keep_binary_(keep_binary) {}

    /// Takes bytes off `input` up to the end of the next message; nullopt: it took all, and more are needed.
    std::expected<std::optional<Message>, Problem> next(ByteView& input);
    /// Whether the last byte taken was the last of a message. Then a new reader can continue as well.
    bool between_messages() const noexcept { return header_bytes_ == 0 && !in_frame_ && !message_kind_; }
    /// Bytes of the message that is not complete yet.
    std::size_t held_bytes() const noexcept { return message_.size(); }

private:
    struct Frame {
        bool last = false;
        Opcode opcode = Opcode::text;
        std::uint64_t left = 0;  ///< bytes of the payload that have not arrived
        base::ByteArray<4> mask{};
    };

    std::expected<bool, Problem> take_header(ByteView& input);
    std::optional<Problem> check_kind() const;
    std::optional<Problem> check_size() const;
    std::optional<Problem> take_payload(ByteView& input);
    std::expected<std::optional<Message>, Problem> end_frame();

    std::size_t max_frame_;
    std::size_t max_message_;
    Sender sender_;
    bool keep_binary_;
    bool in_frame_ = false;  ///< the header of `frame_` is known
    std::uint8_t header_bytes_ = 0;
    base::ByteArray<14> header_{};  ///< room for the longest header; `header_bytes_` of it have arrived
    Frame frame_;
    std::optional<Opcode> message_kind_;  ///< of the message whose fragments are being collected
    std::size_t message_bytes_ = 0;       ///< bytes of that message, received or announced
    std::string message_;
    base::Utf8 text_;      ///< checks a text message; a control frame between its fragments does not disturb it
    std::string control_;  ///< payload of a control frame
};

inline constexpr std::size_t kMaxFrameHeader = 10;  ///< without a mask
/// Writes the header of an unmasked frame with FIN set, and returns its length. With the payload after it, it is a
/// whole message.
std::size_t put_frame_header(std::span<std::byte, kMaxFrameHeader> out, Opcode opcode, std::uint64_t payload_bytes);
void append_frame_header(std::string& to, Opcode opcode, std::uint64_t payload_bytes);
void append_frame(std::string& to, Opcode opcode, std::string_view payload);
/// Appends a client's frame with FIN set. `mask` is fresh randomness for each frame (RFC 6455 5.3).
void append_masked_frame(std::string& to, Opcode opcode, std::string_view payload, const base::ByteArray<4>& mask);

/// The header at the front of an unmasked frame.
struct FrameHeader {
    std::size_t bytes = 0;
    std::uint64_t payload_bytes = 0;
};
/// Reads a header that `put_frame_header` wrote; nullopt when it is incomplete.
std::optional<FrameHeader> frame_header(ByteView frame) noexcept;

/// Payload of a close frame. `kNone` makes an empty one. A reason that is too long is cut between two characters.
std::string close_payload(std::uint16_t code, std::string_view reason);
void append_close(std::string& to, std::uint16_t code, std::string_view reason);
/// Whether an endpoint may send this code in a close frame (RFC 6455 7.4).
bool is_sendable_close_code(std::uint16_t code) noexcept;

/// `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`.
std::string accept_key(std::string_view key);

}  // namespace rues::wire::websocket
