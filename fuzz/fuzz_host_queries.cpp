#include <array>
#include <cstdlib>

#include "vm/host_queries.hpp"

namespace {

constexpr std::array<std::string_view, 11> kNames{
    "hash",   "poseidon_hash", "verify_bls",        "verify_bls_multisig", "verify_schnorr",      "keccak256",
    "sha256", "verify_plonk",  "secp256k1_recover", "verify_kzg_proof",    "verify_groth16_bn254"};
constexpr std::size_t kMaxArgument = 65'536;  ///< the buffer of a contract

}  // namespace

/// The first byte chooses the query, the second the fork and the alignment of the buffer; the rest is the argument.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rues;
    if (size < 2 || size - 2 > kMaxArgument) return 0;
    static const vm::HostQueries queries;
    const vm::HostQuestion question{.name = kNames.at(data[0] % kNames.size()),
                                    .argument = std::as_bytes(std::span(data + 2, size - 2)),
                                    .address = data[1] & 15U,
                                    .fork = static_cast<vm::HardFork>((data[1] >> 4) % 3)};
    if (!queries.price(question)) std::abort();
    const auto answer = queries.answer(question);
    if (answer && (answer->empty() || answer->size() > vm::kMaxAnswer)) std::abort();
    if (!answer && answer.error().empty()) std::abort();
    return 0;
}
