#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

/// RFC 6455 framing without sockets, for the server's side. Pure.
namespace rues::net::websocket {

using base::Bytes;
using base::ByteView;

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Status codes that this server sends itself (decision 7); others are passed through from `WebSocket::close`.
namespace close_code {
inline constexpr std::uint16_t kProtocolError = 1002;
inline constexpr std::uint16_t kNone = 1005;  ///< a close frame without a code; never on the wire
inline constexpr std::uint16_t kInvalidText = 1007;
inline constexpr std::uint16_t kPolicy = 1008;
inline constexpr std::uint16_t kTooBig = 1009;
inline constexpr std::uint16_t kRestart = 1012;
}  // namespace close_code

inline constexpr std::size_t kMaxControlPayload = 125;

/// What came from the client: one whole message or one control frame.
struct Message {
    Opcode kind = Opcode::text;                    ///< text, binary, ping, pong or close
    std::string payload;                           ///< unmasked; reason of a close
    std::uint16_t close_code = close_code::kNone;  ///< of a close
};

/// Why the connection has to be closed. The reason is a literal.
struct Problem {
    std::uint16_t close_code;
    std::string_view reason;
};

/// Cuts a client's bytes into messages. Holds at most one incomplete frame, one incomplete message and what the last
/// `append` gave; after a problem or a close nothing more may be asked of it.
class Reader {
public:
    /// Without `keep_binary` the content of binary messages is counted and checked, but nobody's.
    Reader(std::size_t max_frame_bytes, std::size_t max_message_bytes, bool keep_binary = false) noexcept
        : max_frame_(max_frame_bytes), max_message_(max_message_bytes), keep_binary_(keep_binary) {}

    void append(ByteView bytes);
    /// The next message; nullopt: more bytes are needed.
    std::expected<std::optional<Message>, Problem> next();

private:
    std::optional<Problem> take_data(Opcode opcode, bool last, std::string payload, std::optional<Message>& out);

    std::size_t max_frame_;
    std::size_t max_message_;
    bool keep_binary_;
    Bytes input_;
    std::size_t used_ = 0;  ///< bytes of input_ that were already taken
    std::string message_;   ///< payloads of the fragments so far
    std::size_t message_bytes_ = 0;
    std::optional<Opcode> fragmented_;  ///< kind of the message whose fragments are being collected
};

/// A whole, unmasked frame with FIN set is this header and then the payload.
void append_frame_header(std::string& to, Opcode opcode, std::uint64_t payload_bytes);
void append_frame(std::string& to, Opcode opcode, std::string_view payload);
/// `kNone` gives a frame without a code; a reason longer than fits is cut at a character.
void append_close(std::string& to, std::uint16_t code, std::string_view reason);
/// Whether an endpoint may send this code in a close frame (RFC 6455 7.4).
bool is_sendable_close_code(std::uint16_t code) noexcept;

/// `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key`.
std::string accept_key(std::string_view key);

}  // namespace rues::net::websocket
