#include "client/websocket.hpp"

#include <utility>

namespace rues::client::websocket {
namespace {

std::unexpected<Error> bad(std::string why) {
    return failure(Error::Kind::malformed, "the server broke the WebSocket protocol: " + std::move(why));
}

bool is_control(Opcode opcode) {
    return static_cast<unsigned>(opcode) >= 8;
}

bool is_known(unsigned opcode) {
    return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

}  // namespace

base::Bytes masked_frame(Opcode opcode, base::ByteView payload, const base::ByteArray<4>& mask) {
    base::Bytes out;
    out.reserve(payload.size() + 14);
    out.push_back(std::byte{0x80} | static_cast<std::byte>(opcode));
    const auto put_size = [&](unsigned bytes) {
        for (unsigned i = bytes; i-- > 0;) out.push_back(static_cast<std::byte>((payload.size() >> (8 * i)) & 0xff));
    };
    if (payload.size() < 126) {
        out.push_back(std::byte{0x80} | static_cast<std::byte>(payload.size()));
    } else if (payload.size() <= 0xffff) {
        out.push_back(std::byte{0x80 | 126});
        put_size(2);
    } else {
        out.push_back(std::byte{0x80 | 127});
        put_size(8);
    }
    base::append(out, mask);
    for (std::size_t i = 0; i < payload.size(); ++i) out.push_back(payload[i] ^ mask[i % 4]);
    return out;
}

Result<std::optional<Message>> Reader::next() {
    for (;;) {
        const base::ByteView input = base::ByteView(input_).subspan(used_);
        const auto byte = [&](std::size_t at) { return std::to_integer<unsigned>(input[at]); };
        const auto incomplete = [&]() -> std::optional<Message> {
            input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(used_));
            used_ = 0;
            return std::nullopt;
        };
        if (input.size() < 2) return incomplete();
        const bool last = (byte(0) & 0x80) != 0;
        if ((byte(0) & 0x70) != 0 || !is_known(byte(0) & 0x0f)) return bad("unknown bits or opcode");
        const auto opcode = static_cast<Opcode>(byte(0) & 0x0f);
        if ((byte(1) & 0x80) != 0) return bad("a masked frame");
        std::uint64_t size = byte(1) & 0x7f;
        if (is_control(opcode) && (!last || size > 125)) return bad("a long or divided control frame");
        std::size_t header = 2;
        if (size >= 126) {
            header += size == 126 ? 2 : 8;
            if (input.size() < header) return incomplete();
            size = 0;
            for (std::size_t i = 2; i < header; ++i) size = (size << 8) | byte(i);
        }
        const std::size_t so_far = fragments_ && !is_control(opcode) ? fragments_->payload.size() : 0;
        if (size > kMaxMessage - so_far) return bad("a message that is too large");
        if (input.size() - header < size) return incomplete();
        const base::ByteView payload = input.subspan(header, size);
        used_ += header + size;

        if (is_control(opcode)) return Message{opcode, base::to_bytes(payload)};
        if ((opcode == Opcode::continuation) != fragments_.has_value()) return bad("fragments out of order");
        if (!fragments_) fragments_ = Message{opcode, {}};
        base::append(fragments_->payload, payload);
        if (last) return std::exchange(fragments_, std::nullopt);
    }
}

}  // namespace rues::client::websocket
