#pragma once

#include "wire/layouts.hpp"

/// The archived types of Phoenix: notes, results of the note tree's queries, the event of a Phoenix transaction
/// (docs/reference/ledger.md 8.2, 9.2). Points are Montgomery limbs, affine (u, v) unless said otherwise.
namespace rues::wire::layouts {

using AffinePoint = Opaque<64, 64, 8>;

/// The sender of a note, encrypted to the receiver: two pairs of points, each 128 bytes.
struct EncryptedSender {
    AffinePoint points[4];
    friend bool operator==(const EncryptedSender&, const EncryptedSender&) = default;
};
using ContractInfo = base::ByteArray<128>;
using NoteSender = std::variant<EncryptedSender, ContractInfo>;

enum class NoteType : std::uint8_t { transparent, obfuscated };

struct Note {
    NoteSender sender;
    AffinePoint value_commitment;
    StealthAddress stealth_address;
    std::uint64_t pos = 0;
    base::ByteArray<68> value_enc{};
    NoteType note_type{};
    using Archived =
        StructLayout<728, Field<&Note::sender, 0, "sender">, Field<&Note::value_commitment, 264, "value_commitment">,
                     Field<&Note::stealth_address, 328, "stealth_address">, Field<&Note::pos, 648, "pos">,
                     Field<&Note::value_enc, 656, "value_enc">, Field<&Note::note_type, 724, "note_type">>;
    friend bool operator==(const Note&, const Note&) = default;
};

/// Item of the feeders of the note tree.
struct NoteLeaf {
    Note note;
    std::uint64_t block_height = 0;
    using Archived =
        StructLayout<736, Field<&NoteLeaf::note, 0, "note">, Field<&NoteLeaf::block_height, 728, "block_height">>;
    friend bool operator==(const NoteLeaf&, const NoteLeaf&) = default;
};

/// A branch of the note tree: 17 levels of 4 scalars from the root's children down, the root, and on every level the
/// child's number (u32).
struct NoteOpening {
    Opaque<2176, 2176, 8> branch;
    Scalar root;
    Opaque<68, 68, 4> positions;
    using Archived =
        StructLayout<2280, Field<&NoteOpening::branch, 0, "branch">, Field<&NoteOpening::root, 2176, "root">,
                     Field<&NoteOpening::positions, 2208, "positions">>;
    friend bool operator==(const NoteOpening&, const NoteOpening&) = default;
};

struct PhoenixEvent {
    std::optional<Note> refund_note;
    std::vector<Scalar> nullifiers;
    std::vector<Note> notes;
    Bytes memo;
    std::uint64_t gas_spent = 0;
    using Archived =
        StructLayout<768, Field<&PhoenixEvent::refund_note, 0, "refund_note">,
                     Field<&PhoenixEvent::nullifiers, 736, "nullifiers">, Field<&PhoenixEvent::notes, 744, "notes">,
                     Field<&PhoenixEvent::memo, 752, "memo">, Field<&PhoenixEvent::gas_spent, 760, "gas_spent">>;
    friend bool operator==(const PhoenixEvent&, const PhoenixEvent&) = default;
};

}  // namespace rues::wire::layouts

namespace rues::wire {

template <>
struct rkyv::Layout<layouts::EncryptedSender> {
    static constexpr std::size_t size = 256, align = 8;
    static constexpr bool fixed = true;
    using Point = Layout<layouts::AffinePoint>;
    static void measure(const layouts::EncryptedSender&, std::size_t&) noexcept {}
    static void write(const layouts::EncryptedSender& value, std::byte* out, std::size_t at, std::size_t& child) {
        for (const auto& point : value.points) {
            Point::write(point, out, at, child);
            at += Point::size;
        }
    }
    static Check read(Source& source, std::size_t at, layouts::EncryptedSender& value) {
        for (auto& point : value.points) {
            if (auto one = Point::read(source, at, point); !one) return one;
            at += Point::size;
        }
        return {};
    }
};

template <>
struct rkyv::Layout<layouts::NoteSender> : rkyv::VariantLayout<layouts::NoteSender, "Encryption", "ContractInfo"> {};

template <>
struct rkyv::Layout<layouts::NoteType> : rkyv::EnumLayout<layouts::NoteType, 2> {};

}  // namespace rues::wire
