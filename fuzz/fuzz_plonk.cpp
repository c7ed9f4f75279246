#include <cstdlib>

#include "plonk/verifier.hpp"

/// Proofs and verifier data from foreign bytes: nothing crashes, a decoded proof is encoded to the bytes it came from,
/// and decoded verifier data can be used.
namespace {

using namespace rues;

void require(bool holds) {
    if (!holds) std::abort();
}

void proof(base::ByteView bytes) {
    const auto decoded = plonk::Proof::decode(bytes);
    if (decoded) require(base::equal(decoded->encode(), bytes));
}

void verifier_data(base::ByteView bytes) {
    const auto decoded = plonk::VerifierData::decode(bytes);
    if (!decoded) return;
    const std::vector<crypto::Fr> inputs(decoded->input_rows().size());
    plonk::verify(*decoded, plonk::Proof{}, inputs, plonk::Version::v3);
    require(!plonk::verify(*decoded, plonk::Proof{}, std::vector<crypto::Fr>(inputs.size() + 1), plonk::Version::v3));
}

}  // namespace

/// The first byte chooses the decoder; the rest is its input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const base::ByteView input = std::as_bytes(std::span(data, size)).subspan(1);
    data[0] % 2 == 0 ? proof(input) : verifier_data(input);
    return 0;
}
