#include "vm/host_queries.hpp"

#include <algorithm>

#include "crypto/hash.hpp"
#include "crypto/jubjub_archive.hpp"
#include "crypto/kzg.hpp"
#include "crypto/poseidon.hpp"
#include "crypto/schnorr.hpp"
#include "vm/host_arguments.hpp"
#include "vm/secp256k1.hpp"

namespace rues::vm {
namespace {

using base::Bytes;
using wire::rkyv::unarchive;

template <typename T>
std::expected<T, std::string> argument_of(const HostQuestion& question) {
    return unarchive<T>(question.argument, question.address);
}

Bytes boolean(bool value) {
    return {std::byte{value}};
}

template <std::size_t N>
Bytes bytes_of(const base::ByteArray<N>& value) {
    return base::to_bytes(base::ByteView(value));
}

// Prices under Boreas: docs/reference/rusk-1.7.md 7.3. What they count: docs/reference/machine.md 1.8.

template <std::uint64_t Base>
std::uint64_t flat(const HostQuestion&) {
    return Base;
}

template <std::uint64_t Base, std::uint64_t PerByte>
std::uint64_t by_bytes(const HostQuestion& question) {
    const auto bytes = argument_of<arguments::BytesView>(question);
    return Base + PerByte * (bytes ? bytes->size() : question.argument.size());
}

std::uint64_t by_scalars(const HostQuestion& question) {
    const auto scalars = argument_of<arguments::ArrayView<arguments::Scalar>>(question);
    return 30'000 + 10'000 * std::max<std::uint64_t>(scalars ? scalars->size() : 1, 1);
}

std::uint64_t by_keys(const HostQuestion& question) {
    const auto argument = argument_of<arguments::VerifyBlsMultisig>(question);
    return 2'500'000 + 200'000 * std::max<std::uint64_t>(argument ? argument->keys.size() : 1, 1);
}

// Answers.

using Answer = std::expected<Bytes, std::string>;

/// nullopt: one of them is not reduced.
std::optional<std::vector<crypto::Fr>> elements_of(const arguments::ArrayView<arguments::Scalar>& scalars) {
    std::vector<crypto::Fr> out;
    out.reserve(scalars.size());
    for (std::size_t i = 0; i < scalars.size(); ++i) {
        const auto element = crypto::Fr::from_montgomery(scalars[i].bytes);
        if (!element) return std::nullopt;
        out.push_back(*element);
    }
    return out;
}

template <base::Hash32 (*Hash)(base::ByteView)>
Answer hashed(const HostQuestion& question) {
    const auto bytes = argument_of<arguments::BytesView>(question);
    return bytes_of(bytes ? Hash(bytes->bytes) : base::Hash32{});
}

base::Hash32 scalar_hash(base::ByteView bytes) {
    return crypto::Fr::from_wide(crypto::blake2b_512(bytes)).montgomery();
}

Answer poseidon_hash(const HostQuestion& question) {
    const auto scalars = argument_of<arguments::ArrayView<arguments::Scalar>>(question);
    const auto elements = scalars ? elements_of(*scalars) : std::nullopt;
    if (!elements) return bytes_of(base::ByteArray<32>{});
    if (elements->empty()) return std::unexpected("poseidon_hash: there is nothing to hash");
    return bytes_of(crypto::poseidon_hash(*elements).montgomery());
}

Answer verify_bls(const HostQuestion& question) {
    const auto argument = argument_of<arguments::VerifyBls>(question);
    if (!argument) return boolean(false);
    const auto& [message, raw_key, raw_signature] = *argument;
    const auto key = crypto::PublicKey::decode_raw(raw_key.bytes);
    const auto signature = crypto::Signature::decode_raw(raw_signature.bytes);
    return boolean(key && signature && crypto::verify(*key, *signature, message.bytes, bls_version(question.fork)));
}

Answer verify_bls_multisig(const HostQuestion& question) {
    const auto argument = argument_of<arguments::VerifyBlsMultisig>(question);
    if (!argument) return boolean(false);
    const auto signature = crypto::Signature::decode_raw(argument->signature.bytes);
    if (!signature) return boolean(false);
    std::vector<crypto::PublicKey> keys;
    keys.reserve(argument->keys.size());
    for (std::size_t i = 0; i < argument->keys.size(); ++i) {
        const auto key = crypto::PublicKey::decode_raw(argument->keys[i].bytes);
        if (!key) return boolean(false);
        keys.push_back(*key);
    }
    return boolean(crypto::verify_multisig(keys, *signature, argument->message.bytes, bls_version(question.fork)));
}

Answer verify_schnorr(const HostQuestion& question) {
    const auto argument = argument_of<arguments::VerifySchnorr>(question);
    if (!argument) return boolean(false);
    const base::ByteView signature = argument->signature.bytes;
    const auto message = crypto::Fr::from_montgomery(argument->message.bytes);
    const auto key = crypto::jubjub_from_archive(argument->key.bytes);
    const auto u = crypto::Fl::from_montgomery(base::to_array<32>(signature.first(32)));
    const auto nonce = crypto::jubjub_from_archive(base::to_array<160>(signature.last(160)));
    return boolean(message && key && nonce && crypto::schnorr_verify(*key, {u, *nonce}, *message));
}

Answer verify_kzg(const HostQuestion& question) {
    const auto argument = argument_of<arguments::VerifyKzgProof>(question);
    return boolean(argument &&
                   crypto::verify_kzg_proof(argument->commitment, argument->z, argument->y, argument->proof));
}

/// Option<[u8; 65]>: a tag, then the key or zeros.
Answer recover(const HostQuestion& question) {
    base::ByteArray<66> out{};
    const auto argument = argument_of<arguments::Secp256k1Recover>(question);
    const auto key = argument ? secp256k1_recover(argument->hash, argument->signature) : std::nullopt;
    if (key) {
        out[0] = std::byte{1};
        std::ranges::copy(*key, out.begin() + 1);
    }
    return bytes_of(out);
}

Answer verify_plonk(const HostQuestion& question, ProofChecks& proofs) {
    const auto argument = argument_of<arguments::VerifyPlonk>(question);
    auto inputs = argument ? elements_of(argument->inputs) : std::nullopt;
    if (!inputs) return boolean(false);
    return boolean(
        proofs.holds({argument->verifier_data.bytes, argument->proof.bytes, std::move(*inputs), question.plonk}));
}

Answer not_available(const HostQuestion& question) {
    return std::unexpected("not available in this version: " + std::string(question.name));
}

constexpr std::string_view kVerifyPlonk = "verify_plonk";

struct Query {
    std::string_view name;
    std::uint64_t (*price)(const HostQuestion&);
    Answer (*answer)(const HostQuestion&);  ///< nullptr: `verify_plonk`, which keeps its answers
};

constexpr Query kQueries[] = {
    {"hash", by_bytes<3'000, 10>, hashed<scalar_hash>},
    {"poseidon_hash", by_scalars, poseidon_hash},
    {"verify_bls", flat<1'750'000>, verify_bls},
    {"verify_bls_multisig", by_keys, verify_bls_multisig},
    {"verify_schnorr", flat<1'000'000>, verify_schnorr},
    {"keccak256", by_bytes<3'000, 16>, hashed<crypto::keccak256>},
    {"sha256", by_bytes<3'000, 8>, hashed<crypto::sha256>},
    {"secp256k1_recover", flat<200'000>, recover},
    {"verify_kzg_proof", flat<2'000'000>, verify_kzg},
    {kVerifyPlonk, flat<10'000'000>, nullptr},
    {"verify_groth16_bn254", flat<4'500'000>, not_available},
};

const Query* find(std::string_view name) {
    const auto found = std::ranges::find(kQueries, name, &Query::name);
    return found == std::end(kQueries) ? nullptr : found;
}

}  // namespace

std::optional<std::uint64_t> HostQueries::price(const HostQuestion& question) const {
    const Query* const query = find(question.name);
    if (query == nullptr) return std::nullopt;
    return question.fork == HardFork::boreas ? query->price(question) : 0;
}

std::expected<base::Bytes, std::string> HostQueries::answer(const HostQuestion& question) const {
    const Query* const query = find(question.name);
    if (query == nullptr) return std::unexpected("no such host query");
    return query->answer != nullptr ? query->answer(question) : verify_plonk(question, *proofs_);
}

}  // namespace rues::vm
