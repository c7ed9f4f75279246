#include <cstdlib>

#include "base/endian.hpp"
#include "wire/frame.hpp"

/// A frame that parses is encoded to bytes that parse to the same frame. The shortcuts of the delivery path accept any
/// bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rues;
    const base::ByteView bytes = std::as_bytes(std::span(data, size));
    (void)wire::content_location(bytes);
    (void)wire::without_websocket_header(bytes);
    if (const auto position = wire::Position::parse(base::text(bytes));
        position && position->to_string() != base::text(bytes))
        std::abort();
    const auto frame = wire::Frame::parse(bytes);
    if (!frame) return 0;
    // A header at the limit can exceed it when it is encoded again: through escapes, or through two keys that were one.
    const base::Bytes again = frame->encode();
    if (base::load_le<std::uint32_t>(again.data()) > wire::Frame::kMaxHeader) return 0;
    if (wire::Frame::parse(again) != *frame) std::abort();
    return 0;
}
