#include "phoenix/withdrawal.hpp"

#include "crypto/hash.hpp"
#include "crypto/jubjub_archive.hpp"

namespace rues::phoenix {
namespace {

namespace layouts = wire::layouts;

/// A secret number that belongs to the seed and these bytes.
crypto::Secret<Fl> number_of(const crypto::Secret<ByteArray<64>>& seed, ByteView bytes) {
    base::Bytes input;
    input.reserve(seed->size() + bytes.size());
    base::append(input, *seed);
    base::append(input, bytes);
    const crypto::Secret out(crypto::hash_to_fl(input));
    crypto::wipe(input);
    return out;
}

}  // namespace

ledger::SignedWithdraw withdraw_to_note(const ledger::ContractId& contract, std::uint64_t value,
                                        const SecretKey& receiver, const layouts::ReplayToken& token,
                                        const crypto::Secret<ByteArray<64>>& seed) {
    const auto random = number_of(seed, base::view("address"));
    const auto address = receiver.public_key().stealth_address(*random);
    auto message = ledger::withdraw_message(contract, value, address.bytes(), token);
    const auto note_secret = receiver.note_secret(address);
    const auto signature =
        crypto::schnorr_sign(*note_secret, *Fr::from_bytes(crypto::hash_to_scalar(message)), *number_of(seed, message));
    layouts::StealthAddress archived_address;
    layouts::SchnorrSignature archived_signature;
    const auto nonce = crypto::jubjub_to_archive(JubJubPoint(address.nonce));
    const auto note_key = crypto::jubjub_to_archive(JubJubPoint(address.note_key));
    std::ranges::copy(note_key, std::ranges::copy(nonce, archived_address.bytes.begin()).out);
    const auto point = crypto::jubjub_to_archive(JubJubPoint(signature.nonce.affine()));
    std::ranges::copy(point, std::ranges::copy(signature.u.montgomery(), archived_signature.bytes.begin()).out);

    ledger::SignedWithdraw out;
    out.withdraw.receiver = archived_address;
    out.withdraw.token = token;
    out.withdraw.signature = archived_signature;
    out.withdraw.contract = contract;
    out.withdraw.value = value;
    out.message = std::move(message);
    base::append(out.signature, signature.u.bytes());
    base::append(out.signature, signature.nonce.encode());
    return out;
}

layouts::ReplayToken token_of(std::span<const Fr> nullifiers) {
    std::vector<layouts::Scalar> out;
    out.reserve(nullifiers.size());
    for (const Fr& each : nullifiers) out.push_back({each.montgomery()});
    return out;
}

}  // namespace rues::phoenix
