#pragma once

#include <variant>

#include "phoenix/keys.hpp"

/// Notes: bytes, hash, value and sender (docs/reference/phoenix-and-plonk.md 3.3 to 3.5). Pure; any thread.
namespace rues::phoenix {

inline constexpr std::size_t kNoteBytes = 302;
inline constexpr std::size_t kArchivedNoteBytes = 728;  ///< as contracts store a note (docs/reference/ledger.md 8.2)
inline constexpr std::size_t kLeafBytes = 736;          ///< an archived note and the height of its block
inline constexpr std::uint64_t kNoPosition = ~std::uint64_t{0};  ///< of a note that is not in the tree yet

enum class NoteType : std::uint8_t { transparent, obfuscated };

/// The sender's address, encrypted to the note's key (ElGamal), half by half.
struct EncryptedSender {
    struct Half {
        JubJubAffine nonce;   ///< c1
        JubJubAffine masked;  ///< c2
        friend bool operator==(const Half&, const Half&) noexcept = default;
    };
    Half a;
    Half b;
    friend bool operator==(const EncryptedSender&, const EncryptedSender&) noexcept = default;
};
/// The sender of a note that a contract made: the name of the contract's function, its id, zeros.
using ContractInfo = ByteArray<128>;
using Sender = std::variant<EncryptedSender, ContractInfo>;
/// The sender of a note or a fee, whose points were checked before: its kind, then 128 bytes. nullopt for an unknown
/// kind or a point that does not decode.
std::optional<Sender> decode_checked_sender(ByteView bytes129) noexcept;
/// The same bytes.
ByteArray<129> encode_sender(const Sender& sender) noexcept;

struct Note {
    NoteType type{};
    JubJubAffine value_commitment;
    StealthAddress stealth_address;
    std::uint64_t pos = kNoPosition;
    ByteArray<68> value_enc{};
    Sender sender;

    /// nullopt unless these are 302 bytes of known tags and points of the prime subgroup.
    static std::optional<Note> decode(ByteView bytes) noexcept;
    /// Decodes bytes whose points were checked before, in a third of the time.
    static std::optional<Note> decode_checked(ByteView bytes) noexcept;
    /// Decodes the archive that contracts store and feed: `kArchivedNoteBytes`. Its points are checked as those of
    /// `decode`.
    static std::optional<Note> from_archive(ByteView archived);
    ByteArray<kNoteBytes> bytes() const noexcept;

    /// The leaf of the note tree. It depends on `pos`.
    Fr hash() const noexcept;
    friend bool operator==(const Note&, const Note&) noexcept = default;
};

/// v G + blinder G'.
JubJubPoint value_commitment(std::uint64_t value, const Fl& blinder) noexcept;

/// The number that a transaction publishes to spend the note. A chain accepts it only once. `note_secret` is
/// of `SecretKey::note_secret`; `pos` must be the note's place in the tree.
Fr nullifier(const Fl& note_secret, std::uint64_t pos) noexcept;

/// The value of a note and the blinder of its commitment. Wiped at the end of its life.
struct Opened {
    std::uint64_t value = 0;
    Fl blinder;  ///< 0 in transparent notes

    ~Opened() {
        crypto::wipe(std::as_writable_bytes(std::span(&value, 1)));
        crypto::wipe(std::as_writable_bytes(std::span(&blinder, 1)));
    }
};
/// Reads the value of a note. nullopt when it was not encrypted to this key, or is not the value that the note commits
/// to; then the note cannot be spent. Notes of wallets from before December 2024 open too.
std::optional<Opened> open(const Note& note, const ViewKey& key);

/// The address of the sender of a note of ours. nullopt when a contract made the note.
std::optional<PublicKey> sender_of(const Note& note, const Fl& note_secret) noexcept;

/// @name Making notes. All randomness must be secret and never be used again.
/// @{
EncryptedSender encrypt_sender(const PublicKey& sender, const JubJubAffine& note_key, const Fl& random_a,
                               const Fl& random_b) noexcept;
Note transparent_note(const StealthAddress& to, std::uint64_t value, const Sender& sender);
/// `random` is that of the stealth address to `receiver`.
Note obfuscated_note(const PublicKey& receiver, const Fl& random, std::uint64_t value, const Fl& blinder,
                     const ByteArray<12>& nonce, const Sender& sender);
/// @}

}  // namespace rues::phoenix
