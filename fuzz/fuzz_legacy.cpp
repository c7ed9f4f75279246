#include <cstdlib>

#include "base/endian.hpp"
#include "wire/frame.hpp"
#include "wire/legacy.hpp"

/// An event is encoded to exactly the bytes it was read from. So is a message, except for the form of its header's
/// JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rues;
    const base::ByteView bytes = std::as_bytes(std::span(data, size));
    if (const auto event = wire::legacy::Event::parse(bytes); event && !base::equal(event->encode(), bytes))
        std::abort();
    if (const auto message = wire::legacy::Message::parse(bytes)) {
        const base::Bytes again = message->encode();
        if (base::load_le<std::uint32_t>(again.data()) <= wire::Frame::kMaxHeader &&
            wire::legacy::Message::parse(again) != *message)
            std::abort();
    }
    return 0;
}
