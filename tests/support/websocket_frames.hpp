#pragma once

#include <string>
#include <string_view>

namespace rues::test {

/// A masked frame as a client sends it. `first` is its first byte: FIN, reserved bits and opcode, right or wrong.
inline std::string client_frame(unsigned first, std::string_view payload) {
    constexpr std::string_view kMask = "\x37\xfa\x21\x3d";  // of RFC 6455 5.7
    std::string out(1, static_cast<char>(first));
    const std::size_t length_bytes = payload.size() < 126 ? 0 : payload.size() < 65'536 ? 2 : 8;
    out += static_cast<char>(0x80 | (length_bytes == 0 ? payload.size() : length_bytes == 2 ? 126U : 127U));
    for (std::size_t i = length_bytes; i-- > 0;) out += static_cast<char>(payload.size() >> (8 * i) & 0xff);
    out += kMask;
    for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ kMask[i % 4]);
    return out;
}

/// A frame as a server sends it, without a mask and of less than 64 KiB.
inline std::string server_frame(unsigned first, std::string_view payload) {
    std::string out(1, static_cast<char>(first));
    if (payload.size() < 126) {
        out += static_cast<char>(payload.size());
    } else {
        out += '\x7e';
        out += static_cast<char>(payload.size() >> 8);
        out += static_cast<char>(payload.size() & 0xff);
    }
    return out.append(payload);
}

}  // namespace rues::test
