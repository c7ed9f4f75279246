#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "client/failure.hpp"

/// RFC 6455 framing for the client's side: frames that it sends are masked, frames that it receives must not be. Pure.
namespace rues::client::websocket {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

inline constexpr std::size_t kMaxMessage = 64u << 20;

/// One whole frame; `mask` must be fresh randomness for each frame (RFC 6455 5.3).
base::Bytes masked_frame(Opcode opcode, base::ByteView payload, const base::ByteArray<4>& mask);

struct Message {
    Opcode kind = Opcode::text;
    base::Bytes payload;
};

/// Cuts a server's bytes into messages and control frames. Do not use it after an error.
class Reader {
public:
    void append(base::ByteView bytes) { base::append(input_, bytes); }
    /// The next message; nullopt: more bytes are needed.
    Result<std::optional<Message>> next();

private:
    base::Bytes input_;
    std::size_t used_ = 0;
    std::optional<Message> fragments_;
};

}  // namespace rues::client::websocket
