#include <cstdlib>

#include "base/encoding.hpp"
#include "wire/websocket.hpp"

namespace {

using namespace rues;
using wire::websocket::Message;
using wire::websocket::Opcode;
using wire::websocket::Sender;

constexpr std::size_t kMaxFrame = 512;
constexpr std::size_t kMaxMessage = 1'024;

void require(bool holds) {
    if (!holds) std::abort();
}

struct Outcome {
    std::string log;  ///< everything that was read, in order
    std::uint16_t problem = 0;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Reads `bytes` in pieces of `piece` and checks the guarantees of every message.
Outcome read(Sender sender, base::ByteView bytes, std::size_t piece, bool keep_binary) {
    wire::websocket::Reader reader(sender, kMaxFrame, kMaxMessage, keep_binary);
    Outcome out;
    while (!bytes.empty()) {
        auto now = bytes.first(std::min(piece, bytes.size()));
        bytes = bytes.subspan(now.size());
        for (;;) {
            auto message = reader.next(now);
            if (!message) {
                out.problem = message.error().close_code;
                return out;
            }
            if (!*message) {
                require(now.empty());
                break;
            }
            const Message& got = **message;
            require(got.payload.size() <= kMaxMessage);
            if (got.kind == Opcode::text || got.kind == Opcode::close) require(base::is_utf8(got.payload));
            if (got.kind == Opcode::binary && !keep_binary) require(got.payload.empty());
            wire::websocket::append_frame(out.log, got.kind, got.payload);
            if (got.kind == Opcode::close) {
                wire::websocket::append_close(out.log, got.close_code, got.payload);
                return out;
            }
        }
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
    const bool keep_binary = data[0] >= 128;
    for (const auto sender : {Sender::client, Sender::server})
        require(read(sender, bytes, data[0] % 64 + 1, keep_binary) ==
                read(sender, bytes, bytes.size() + 1, keep_binary));
    return 0;
}
