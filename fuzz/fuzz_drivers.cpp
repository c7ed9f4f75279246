#include <cstdlib>

#include "drivers/driver.hpp"

/// The first byte chooses the contract, the second the row; the rest is bytes for the decoders, or JSON for the
/// encoder. The decoder reads the bytes that an encoder made, and encoding its JSON gives the same bytes. Bytes that no
/// encoder made may hold a key that is no point: it is shown, and the encoder refuses it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rues;
    if (size < 2) return 0;
    base::ByteArray<32> id{};
    id[0] = std::byte{static_cast<unsigned char>(1 + data[0] % 2)};
    const auto& driver = *drivers::driver_of(id);
    const base::ByteView bytes = std::as_bytes(std::span(data + 2, size - 2));

    const auto& event = driver.events()[data[1] % driver.events().size()];
    (void)driver.decode_event(event.topic, bytes);
    const auto& function = driver.functions()[data[1] % driver.functions().size()];
    (void)driver.decode_output(function.name, bytes);
    const auto shown = driver.decode_input(function.name, bytes);
    if (shown) {
        const std::string text = base::json::print(*shown);
        const auto made = driver.encode_input(function.name, text);
        if (made) {
            const auto back = driver.decode_input(function.name, *made);
            if (!back || base::json::print(*back) != text) std::abort();
        } else if (!made.error().text.contains("invalid account public key")) {
            std::abort();
        }
    }
    const auto encoded = driver.encode_input(function.name, base::text(bytes));
    if (!encoded) return 0;
    const auto again = driver.decode_input(function.name, *encoded);
    if (!again) std::abort();
    const auto same = driver.encode_input(function.name, base::json::print(*again));
    if (!same || *same != *encoded) std::abort();
    return 0;
}
