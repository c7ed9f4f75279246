#include "ledger/genesis_notes.hpp"

#include "crypto/hash.hpp"
#include "crypto/jubjub_archive.hpp"
#include "wire/note_layouts.hpp"

namespace rues::ledger {
namespace {

using crypto::Fl;
using crypto::JubJubAffine;
using crypto::JubJubPoint;

constexpr std::uint64_t kNoPosition = ~std::uint64_t{0};

struct Address {
    crypto::JubJubMultiples a;
    JubJubPoint b;
};

/// The stealth address of the random scalar r: R = rG and hp(rA)G + B (docs/reference/phoenix-and-plonk.md 3.2). The
/// two points are stored with their coordinates, so the order of their additions counts.
wire::layouts::StealthAddress stealth_address(const Address& receiver, const Fl& r) {
    const JubJubPoint& g = crypto::jubjub_generator();
    const JubJubPoint nonce = g.multiplied_by_bits(r);
    const JubJubPoint note_key = g.multiplied_by_bits(crypto::hash_of_point(receiver.a * r)) + receiver.b;
    wire::layouts::StealthAddress out;
    std::ranges::copy(crypto::jubjub_to_archive(nonce), out.bytes.begin());
    std::ranges::copy(crypto::jubjub_to_archive(note_key), out.bytes.begin() + 160);
    return out;
}

wire::layouts::Note transparent_note(const Address& receiver, const Fl& r, std::uint64_t value) {
    wire::layouts::Note note;
    note.sender = wire::layouts::ContractInfo{};
    const JubJubAffine commitment = (crypto::jubjub_generator_multiples() * Fl(value)).affine();
    std::ranges::copy(commitment.u.montgomery(), note.value_commitment.bytes.begin());
    std::ranges::copy(commitment.v.montgomery(), note.value_commitment.bytes.begin() + 32);
    note.stealth_address = stealth_address(receiver, r);
    note.pos = kNoPosition;
    base::store_le(note.value_enc.data(), value);
    note.note_type = wire::layouts::NoteType::transparent;
    return note;
}

}  // namespace

std::expected<std::vector<ArchivedNote>, std::string> genesis_notes(const GenesisNotes& balance) {
    const auto a = JubJubAffine::decode(ByteView(balance.address).first(32));
    const auto b = JubJubAffine::decode(ByteView(balance.address).last(32));
    if (!a) return std::unexpected("the first half of the address is not a point of JubJub's prime subgroup");
    if (!b) return std::unexpected("the second half of the address is not a point of JubJub's prime subgroup");
    const Address receiver{crypto::JubJubMultiples(JubJubPoint(*a)), JubJubPoint(*b)};

    std::vector<ByteArray<64>> random(balance.notes.size());
    crypto::chacha12(crypto::chacha12_key(balance.seed.value_or(0)), std::as_writable_bytes(std::span(random)));
    std::vector<ArchivedNote> out;
    out.reserve(balance.notes.size());
    for (std::size_t i = 0; i < balance.notes.size(); ++i) {
        const auto note = transparent_note(receiver, Fl::from_wide(random[i]), balance.notes[i]);
        out.push_back(base::to_array<728>(wire::rkyv::archive(note)));
    }
    return out;
}

}  // namespace rues::ledger
