#include "phoenix/note.hpp"

#include "base/endian.hpp"
#include "crypto/jubjub_archive.hpp"
#include "crypto/poseidon.hpp"
#include "phoenix/value_cipher.hpp"
#include "wire/note_layouts.hpp"

namespace rues::phoenix {
namespace {

namespace layouts = wire::layouts;

using DecodePoint = std::optional<JubJubAffine> (*)(ByteView) noexcept;

std::optional<StealthAddress> stealth_address(ByteView bytes64, DecodePoint point) noexcept {
    const auto nonce = point(bytes64.first(32));
    const auto note_key = point(bytes64.last(32));
    if (!nonce || !note_key) return std::nullopt;
    return StealthAddress{*nonce, *note_key};
}

std::optional<Sender> sender(std::byte kind, ByteView bytes128, DecodePoint point) noexcept {
    if (kind == std::byte{1}) return base::to_array<128>(bytes128);
    if (kind != std::byte{0}) return std::nullopt;
    std::array<JubJubAffine, 4> points;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const auto one = point(bytes128.subspan(32 * i, 32));
        if (!one) return std::nullopt;
        points[i] = *one;
    }
    return EncryptedSender{{points[0], points[1]}, {points[2], points[3]}};
}

std::optional<Note> decode_note(ByteView bytes, DecodePoint point) noexcept {
    if (bytes.size() != kNoteBytes || bytes[0] > std::byte{1}) return std::nullopt;
    const auto commitment = point(bytes.subspan(1, 32));
    const auto address = stealth_address(bytes.subspan(33, 64), point);
    const auto from = sender(bytes[173], bytes.subspan(174, 128), point);
    if (!commitment || !address || !from) return std::nullopt;
    Note out;
    out.type = static_cast<NoteType>(bytes[0]);
    out.value_commitment = *commitment;
    out.stealth_address = *address;
    out.pos = base::load_le<std::uint64_t>(bytes.data() + 97);
    out.value_enc = base::to_array<68>(bytes.subspan(105, 68));
    out.sender = *from;
    return out;
}

/// An archived point, in the encoding of `Note::decode`.
std::optional<ByteArray<32>> encoded(const layouts::AffinePoint& point) {
    return crypto::jubjub_compress_affine(point.bytes);
}
std::optional<ByteArray<32>> encoded(const layouts::StealthAddress& address, std::size_t half) {
    return crypto::jubjub_compress_extended(base::to_array<160>(ByteView(address.bytes).subspan(160 * half, 160)));
}

template <std::size_t N>
class FieldWriter {
public:
    explicit FieldWriter(ByteArray<N>& out) : out_(out) {}
    FieldWriter& put(ByteView bytes) {
        std::ranges::copy(bytes, out_.begin() + static_cast<std::ptrdiff_t>(at_));
        at_ += bytes.size();
        return *this;
    }
    FieldWriter& put(std::uint8_t value) { return put(ByteView(std::array{std::byte{value}})); }
    FieldWriter& put(std::uint64_t value) {
        base::store_le(out_.data() + at_, value);
        at_ += sizeof value;
        return *this;
    }

private:
    ByteArray<N>& out_;
    std::size_t at_ = 0;
};

EncryptedSender::Half encrypt(const JubJubAffine& plain, const JubJubAffine& note_key, const Fl& random) noexcept {
    const JubJubPoint masked = JubJubPoint(plain) + JubJubPoint(note_key) * random;
    return {(crypto::jubjub_generator_multiples() * random).affine(), masked.affine()};
}

JubJubAffine decrypted(const EncryptedSender::Half& half, const Fl& note_secret) noexcept {
    return (JubJubPoint(half.masked) + JubJubPoint(half.nonce) * (Fl() - note_secret)).affine();
}

}  // namespace

std::optional<Sender> decode_checked_sender(ByteView bytes129) noexcept {
    return sender(bytes129[0], bytes129.subspan(1), &JubJubAffine::decode_any);
}

ByteArray<129> encode_sender(const Sender& sender) noexcept {
    ByteArray<129> bytes{};
    FieldWriter out(bytes);
    out.put(static_cast<std::uint8_t>(sender.index()));
    if (const auto* info = std::get_if<ContractInfo>(&sender)) {
        out.put(*info);
    } else {
        const auto& [a, b] = std::get<EncryptedSender>(sender);
        out.put(a.nonce.encode()).put(a.masked.encode()).put(b.nonce.encode()).put(b.masked.encode());
    }
    return bytes;
}

std::optional<Note> Note::decode(ByteView bytes) noexcept {
    return decode_note(bytes, &JubJubAffine::decode);
}

std::optional<Note> Note::decode_checked(ByteView bytes) noexcept {
    return decode_note(bytes, &JubJubAffine::decode_any);
}

std::optional<Note> Note::from_archive(ByteView archived) {
    const auto note = wire::rkyv::unarchive<layouts::Note>(archived);
    if (!note) return std::nullopt;
    ByteArray<kNoteBytes> bytes{};
    FieldWriter out(bytes);
    const auto commitment = encoded(note->value_commitment);
    const auto nonce = encoded(note->stealth_address, 0);
    const auto note_key = encoded(note->stealth_address, 1);
    if (!commitment || !nonce || !note_key) return std::nullopt;
    out.put(static_cast<std::uint8_t>(note->note_type)).put(*commitment).put(*nonce).put(*note_key);
    out.put(note->pos).put(note->value_enc).put(static_cast<std::uint8_t>(note->sender.index()));
    if (const auto* info = std::get_if<layouts::ContractInfo>(&note->sender)) {
        out.put(*info);
    } else {
        for (const auto& point : std::get<layouts::EncryptedSender>(note->sender).points) {
            const auto one = encoded(point);
            if (!one) return std::nullopt;
            out.put(*one);
        }
    }
    return decode(bytes);
}

ByteArray<kNoteBytes> Note::bytes() const noexcept {
    ByteArray<kNoteBytes> bytes{};
    FieldWriter out(bytes);
    out.put(static_cast<std::uint8_t>(type)).put(value_commitment.encode()).put(stealth_address.bytes());
    out.put(pos).put(value_enc).put(encode_sender(sender));
    return bytes;
}

Fr Note::hash() const noexcept {
    const JubJubAffine& key = stealth_address.note_key;
    return crypto::poseidon_hash(std::array{Fr(static_cast<std::uint64_t>(type)), value_commitment.u,
                                            value_commitment.v, key.u, key.v, Fr(pos)});
}

JubJubPoint value_commitment(std::uint64_t value, const Fl& blinder) noexcept {
    return crypto::jubjub_generator_multiples() * Fl(value) + crypto::jubjub_nums_multiples() * blinder;
}

Fr nullifier(const Fl& note_secret, std::uint64_t pos) noexcept {
    const JubJubAffine point = (crypto::jubjub_nums_multiples() * note_secret).affine();
    return crypto::poseidon_hash(std::array{point.u, point.v, Fr(pos)});
}

std::optional<Opened> open(const Note& note, const ViewKey& key) {
    std::optional<Opened> out;
    if (note.type == NoteType::transparent) {
        out = Opened{base::load_le<std::uint64_t>(note.value_enc.data()), Fl()};
    } else {
        out = decrypt_value(note.value_enc, note.stealth_address,
                            key.shared_secret(JubJubPoint(note.stealth_address.nonce)));
    }
    if (!out || value_commitment(out->value, out->blinder) != JubJubPoint(note.value_commitment)) return std::nullopt;
    return out;
}

std::optional<PublicKey> sender_of(const Note& note, const Fl& note_secret) noexcept {
    const auto* encrypted = std::get_if<EncryptedSender>(&note.sender);
    if (encrypted == nullptr) return std::nullopt;
    return PublicKey{decrypted(encrypted->a, note_secret), decrypted(encrypted->b, note_secret)};
}

EncryptedSender encrypt_sender(const PublicKey& sender, const JubJubAffine& note_key, const Fl& random_a,
                               const Fl& random_b) noexcept {
    return {encrypt(sender.a, note_key, random_a), encrypt(sender.b, note_key, random_b)};
}

Note transparent_note(const StealthAddress& to, std::uint64_t value, const Sender& sender) {
    Note out;
    out.type = NoteType::transparent;
    out.value_commitment = value_commitment(value, Fl()).affine();
    out.stealth_address = to;
    base::store_le(out.value_enc.data(), value);
    out.sender = sender;
    return out;
}

Note obfuscated_note(const PublicKey& receiver, const Fl& random, std::uint64_t value, const Fl& blinder,
                     const ByteArray<12>& nonce, const Sender& sender) {
    Note out;
    out.type = NoteType::obfuscated;
    out.value_commitment = value_commitment(value, blinder).affine();
    out.stealth_address = receiver.stealth_address(random);
    out.value_enc = encrypt_value({value, blinder}, out.stealth_address, receiver.shared_secret(random), nonce);
    out.sender = sender;
    return out;
}

}  // namespace rues::phoenix
