#include "drivers/form.hpp"

#include <algorithm>

#include "crypto/bls.hpp"
#include "crypto/jubjub_archive.hpp"
#include "crypto/key_archive.hpp"

namespace rues::drivers {
namespace {

namespace layouts = wire::layouts;

template <std::size_t N>
Formed<value> hex_of(const std::optional<base::ByteArray<N>>& bytes, std::string_view problem) {
    if (!bytes) return std::unexpected(std::string(problem));
    return base::json::hex(*bytes);
}

template <typename Enum, std::size_t N>
Formed<Enum> read_name(const value& from, const std::string_view (&names)[N]) {
    if (!from.is_string()) return std::unexpected(unexpected_type(from, "a variant's name"));
    const std::string_view text = from.get_string();
    const auto at = std::ranges::find(names, text);
    if (at == std::end(names)) return std::unexpected("unknown variant `" + std::string(text) + "`");
    return static_cast<Enum>(at - std::begin(names));
}

constexpr std::string_view kReasons[] = {"GeneratorFixed", "GeneratorExtra", "Voter", "Other"};
constexpr std::string_view kNoteTypes[] = {"Transparent", "Obfuscated"};
constexpr std::string_view kNoPoint = "not a point of the curve";

}  // namespace

std::string unexpected_type(const value& from, std::string_view expected) {
    constexpr std::string_view kKinds[] = {"null",           "boolean", "integer",  "integer",
                                           "floating point", "string",  "sequence", "map"};
    return "invalid type: " + std::string(kKinds[static_cast<std::size_t>(from.kind())]) + ", expected " +
           std::string(expected);
}

namespace detail {

Formed<std::uint64_t> read_number(const value& from, std::uint64_t most, std::string_view type) {
    std::optional<std::uint64_t> number;
    if (from.is_string()) {
        number = base::parse_u64(from.get_string());
        if (!number) return std::unexpected("invalid digit found in string");
    } else if (from.is_uint64()) {
        number = from.get_uint64();
    } else if (from.is_int64() && from.get_int64() >= 0) {
        number = static_cast<std::uint64_t>(from.get_int64());
    }
    if (!number) return std::unexpected(unexpected_type(from, type));
    if (*number > most) return std::unexpected("number too large for " + std::string(type));
    return *number;
}

Formed<base::Bytes> read_hex(const value& from) {
    if (!from.is_string()) return std::unexpected(unexpected_type(from, "a hex string"));
    auto bytes = base::from_hex(from.get_string());
    if (!bytes) return std::unexpected("invalid hex");
    return std::move(*bytes);
}

Formed<base::Bytes> read_base58(const value& from, std::size_t size) {
    if (!from.is_string()) return std::unexpected(unexpected_type(from, "a base58 string"));
    auto bytes = base::from_base58(from.get_string());
    if (!bytes) return std::unexpected("invalid base58");
    if (bytes->size() != size)
        return std::unexpected("invalid length " + std::to_string(bytes->size()) + ", expected " +
                               std::to_string(size));
    return std::move(*bytes);
}

Formed<value> write_key(const base::ByteArray<193>& raw) {
    const auto key = crypto::PublicKey::decode_raw(raw);
    if (!key) return std::unexpected("invalid account public key");
    return base::json::base58(key->bytes());
}

value write_unchecked_key(const base::ByteArray<193>& raw) {
    return base::json::base58(crypto::compress_archived_key(raw));
}

Formed<base::ByteArray<193>> read_key(const value& from) {
    const auto bytes = read_base58(from, 96);
    if (!bytes) return std::unexpected(bytes.error());
    const auto key = crypto::PublicKey::decode(*bytes);
    if (!key) return std::unexpected("invalid account public key");
    return key->raw();
}

}  // namespace detail

/// Base 58 of the compressed point. UNVERIFIED: no recording shows a signature.
Formed<value> Form<layouts::BlsSignature>::write(const layouts::BlsSignature& from) {
    const auto signature = crypto::Signature::decode_raw(from.bytes);
    if (!signature) return std::unexpected("invalid signature");
    return base::json::base58(signature->bytes());
}
Formed<layouts::BlsSignature> Form<layouts::BlsSignature>::read(const value& from) {
    const auto bytes = detail::read_base58(from, 48);
    if (!bytes) return std::unexpected(bytes.error());
    const auto signature = crypto::Signature::decode(*bytes);
    if (!signature) return std::unexpected("invalid signature");
    return layouts::BlsSignature{signature->raw()};
}

/// Hex of u (canonical) and R (compressed), 64 bytes; archived u is in Montgomery form, R is extended
/// (docs/reference/ledger.md 8.2). UNVERIFIED: no recording shows one.
Formed<value> Form<layouts::SchnorrSignature>::write(const layouts::SchnorrSignature& from) {
    const base::ByteView bytes = from.bytes;
    const auto u = crypto::scalar_from_montgomery(base::to_array<32>(bytes.first(32)));
    const auto r = crypto::jubjub_compress_extended(base::to_array<160>(bytes.subspan(32)));
    if (!u || !r) return std::unexpected("invalid signature");
    base::Bytes both = base::to_bytes(*u);
    base::append(both, *r);
    return base::json::hex(both);
}
Formed<layouts::SchnorrSignature> Form<layouts::SchnorrSignature>::read(const value& from) {
    const auto both = Form<base::ByteArray<64>>::read(from);
    if (!both) return std::unexpected(both.error());
    const base::ByteView bytes = *both;
    const auto u = crypto::scalar_to_montgomery(base::to_array<32>(bytes.first(32)));
    const auto r = crypto::jubjub_extended(bytes.subspan(32));
    if (!u || !r) return std::unexpected("invalid signature");
    layouts::SchnorrSignature out;
    std::ranges::copy(*u, out.bytes.begin());
    std::ranges::copy(*r, out.bytes.begin() + 32);
    return out;
}

/// Hex of the canonical number, little-endian.
Formed<value> Form<layouts::Scalar>::write(const layouts::Scalar& from) {
    return hex_of(crypto::scalar_from_montgomery(from.bytes), "not a scalar");
}
Formed<layouts::Scalar> Form<layouts::Scalar>::read(const value& from) {
    const auto bytes = Form<base::ByteArray<32>>::read(from);
    if (!bytes) return std::unexpected(bytes.error());
    const auto limbs = crypto::scalar_to_montgomery(*bytes);
    if (!limbs) return std::unexpected("not a scalar");
    return layouts::Scalar{*limbs};
}

/// Base 58 of both points, compressed.
Formed<value> Form<layouts::StealthAddress>::write(const layouts::StealthAddress& from) {
    const base::ByteView bytes = from.bytes;
    const auto r = crypto::jubjub_compress_extended(base::to_array<160>(bytes.first(160)));
    const auto note_key = crypto::jubjub_compress_extended(base::to_array<160>(bytes.subspan(160)));
    if (!r || !note_key) return std::unexpected(std::string(kNoPoint));
    base::Bytes both = base::to_bytes(*r);
    base::append(both, *note_key);
    return base::json::base58(both);
}
Formed<layouts::StealthAddress> Form<layouts::StealthAddress>::read(const value& from) {
    const auto both = detail::read_base58(from, 64);
    if (!both) return std::unexpected(both.error());
    layouts::StealthAddress out;
    auto at = out.bytes.begin();
    for (const auto half : {base::ByteView(*both).first(32), base::ByteView(*both).subspan(32)}) {
        const auto point = crypto::jubjub_extended(half);
        if (!point) return std::unexpected(std::string(kNoPoint));
        at = std::ranges::copy(*point, at).out;
    }
    return out;
}

/// Hex of the compressed point.
Formed<value> Form<layouts::AffinePoint>::write(const layouts::AffinePoint& from) {
    return hex_of(crypto::jubjub_compress_affine(from.bytes), kNoPoint);
}
Formed<layouts::AffinePoint> Form<layouts::AffinePoint>::read(const value& from) {
    const auto bytes = Form<base::ByteArray<32>>::read(from);
    if (!bytes) return std::unexpected(bytes.error());
    const auto point = crypto::jubjub_affine(*bytes);
    if (!point) return std::unexpected(std::string(kNoPoint));
    return layouts::AffinePoint{*point};
}

/// Two pairs of points.
Formed<value> Form<layouts::EncryptedSender>::write(const layouts::EncryptedSender& from) {
    array out;
    for (std::size_t pair = 0; pair < 2; ++pair) {
        array points;
        for (std::size_t i = 0; i < 2; ++i) {
            auto point = Form<layouts::AffinePoint>::write(from.points[2 * pair + i]);
            if (!point) return point;
            points.push_back(std::move(*point));
        }
        out.push_back(std::move(points));
    }
    return out;
}
Formed<layouts::EncryptedSender> Form<layouts::EncryptedSender>::read(const value& from) {
    using Pairs = std::vector<std::vector<layouts::AffinePoint>>;
    const auto pairs = Form<Pairs>::read(from);
    if (!pairs) return std::unexpected(pairs.error());
    if (pairs->size() != 2 || (*pairs)[0].size() != 2 || (*pairs)[1].size() != 2)
        return std::unexpected("expected two pairs of points");
    return layouts::EncryptedSender{{(*pairs)[0][0], (*pairs)[0][1], (*pairs)[1][0], (*pairs)[1][1]}};
}

Formed<value> Form<layouts::NoteType>::write(const layouts::NoteType& from) {
    return value(kNoteTypes[static_cast<std::size_t>(from)]);
}
Formed<layouts::NoteType> Form<layouts::NoteType>::read(const value& from) {
    return read_name<layouts::NoteType>(from, kNoteTypes);
}

Formed<value> Form<layouts::RewardReason>::write(const layouts::RewardReason& from) {
    return value(kReasons[static_cast<std::size_t>(from)]);
}
Formed<layouts::RewardReason> Form<layouts::RewardReason>::read(const value& from) {
    return read_name<layouts::RewardReason>(from, kReasons);
}

/// Hex: memos, arguments.
Formed<value> Form<layouts::Bytes>::write(const layouts::Bytes& from) {
    return base::json::hex(std::as_bytes(std::span(from)));
}
Formed<layouts::Bytes> Form<layouts::Bytes>::read(const value& from) {
    const auto bytes = detail::read_hex(from);
    if (!bytes) return std::unexpected(bytes.error());
    return layouts::Bytes(base::u8(*bytes), base::u8(*bytes) + bytes->size());
}

}  // namespace rues::drivers
