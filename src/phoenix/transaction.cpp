#include "phoenix/transaction.hpp"

#include "base/endian.hpp"

namespace rues::phoenix {
namespace {

constexpr std::size_t kNoteKeyAt = 65, kCommitmentAt = 1, kSenderKindAt = 173, kSenderAt = 174;

void put_point(std::vector<Fr>& out, const JubJubAffine& point) {
    out.push_back(point.u);
    out.push_back(point.v);
}

/// Puts the point at `at` of an encoded note, which was checked before.
void put_point(std::vector<Fr>& out, const ByteArray<kNoteBytes>& note, std::size_t at) {
    put_point(out, JubJubAffine::decode_any(ByteView(note).subspan(at, 32)).value_or(JubJubAffine{}));
}

}  // namespace

Fr payload_hash(const ledger::Transaction& tx) {
    return *Fr::from_bytes(crypto::hash_to_scalar(tx.signature_message()));
}

std::optional<std::vector<Fr>> public_inputs(const ledger::Transaction& tx) {
    const ledger::Phoenix& body = *tx.phoenix();
    for (const auto& note : body.outputs) {
        if (note[kSenderKindAt] != std::byte{0}) return std::nullopt;
    }
    std::vector<Fr> out;
    out.reserve(28 + body.nullifiers.size());
    out.push_back(payload_hash(tx));
    out.push_back(Fr::from_bytes(body.root).value_or(Fr()));
    for (const auto& nullifier : body.nullifiers) out.push_back(Fr::from_bytes(nullifier).value_or(Fr()));
    for (const auto& note : body.outputs) put_point(out, note, kCommitmentAt);
    out.emplace_back(body.max_fee);
    out.emplace_back(body.deposit);
    for (const auto& note : body.outputs) put_point(out, note, kNoteKeyAt);
    for (const auto& note : body.outputs) {
        for (std::size_t i = 0; i < 4; ++i) put_point(out, note, kSenderAt + 32 * i);
    }
    return out;
}

std::optional<Note> refund_note(const ledger::Phoenix& tx, std::uint64_t gas_spent, std::uint64_t deposit) {
    const std::uint64_t value = (tx.gas_limit - std::min(gas_spent, tx.gas_limit)) * tx.gas_price + deposit;
    if (value == 0) return std::nullopt;
    const auto to_nonce = JubJubAffine::decode_any(ByteView(tx.fee_stealth_address).first(32));
    const auto to_key = JubJubAffine::decode_any(ByteView(tx.fee_stealth_address).last(32));
    const auto sender = decode_checked_sender(tx.fee_sender);
    if (!to_nonce || !to_key || !sender) return std::nullopt;
    return transparent_note({*to_nonce, *to_key}, value, *sender);
}

}  // namespace rues::phoenix
