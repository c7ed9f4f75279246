#include <cstdlib>

#include "crypto/keys.hpp"

/// Keys, signatures, scalars and phrases from foreign bytes: nothing crashes, and a decoded value is encoded to the
/// bytes it came from.
namespace {

using namespace rues;
using namespace rues::crypto;

void require(bool holds) {
    if (!holds) std::abort();
}

template <typename Point>
void compressed(base::ByteView bytes) {
    const auto point = Point::decode(bytes);
    if (!point) return;
    require(base::equal(point->bytes(), bytes));
    require(Point::decode_raw(point->raw()) == point);
}

template <typename Point>
void raw(base::ByteView bytes) {
    const auto point = Point::decode_raw(bytes);
    if (!point) return;
    require(base::equal(point->raw(), bytes));
    require(Point::decode(point->bytes()) == point);
}

void scalar(const Scalar& bytes) {
    if (const auto limbs = scalar_to_montgomery(bytes)) require(scalar_from_montgomery(*limbs) == bytes);
    if (const auto value = scalar_from_montgomery(bytes)) require(scalar_to_montgomery(*value) == bytes);
    if (const auto secret = SecretKey::decode(bytes)) require(secret->bytes() == bytes && scalar_to_montgomery(bytes));
}

}  // namespace

/// The first byte chooses the decoder; the rest is its input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const base::ByteView input = std::as_bytes(std::span(data, size)).subspan(1);
    switch (data[0] % 6) {
    case 0:
        compressed<PublicKey>(input);
        break;
    case 1:
        compressed<Signature>(input);
        break;
    case 2:
        raw<PublicKey>(input);
        break;
    case 3:
        raw<Signature>(input);
        break;
    case 4:
        if (input.size() == 32) scalar(base::to_array<32>(input));
        break;
    default: {
        const auto seed = seed_from_phrase(base::text(input));
        require(seed.has_value() || !seed.error().empty());
    }
    }
    return 0;
}
