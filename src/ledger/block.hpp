#pragma once

#include <span>

#include "ledger/transaction.hpp"

/// Blocks: header bytes and hash, txroot, event bloom, JSON and stored form. docs/reference/ledger.md 10. Pure.
namespace rues::ledger {

/// A vote of an attestation (docs/reference/ledger.md 10.3).
struct Vote {
    enum class Kind : std::uint8_t { no_candidate = 0, valid = 1, invalid = 2, no_quorum = 3 };
    Kind kind = Kind::no_quorum;
    Hash32 hash{};  ///< only set when `kind` is valid or invalid
    friend bool operator==(const Vote&, const Vote&) = default;
};
struct StepVotes {
    std::uint64_t bitset = 0;
    ByteArray<48> signature{};
    friend bool operator==(const StepVotes&, const StepVotes&) = default;
};
/// The default is the empty attestation: failed, no quorum, all other fields zero.
struct Attestation {
    bool success = false;
    Vote vote;
    StepVotes validation;
    StepVotes ratification;
    friend bool operator==(const Attestation&, const Attestation&) = default;
};
struct FailedIteration {
    Attestation attestation;
    AccountKey generator{};
    friend bool operator==(const FailedIteration&, const FailedIteration&) = default;
};

struct Header {
    std::uint8_t version = 1;
    std::uint64_t height = 0;
    std::uint64_t timestamp = 0;  ///< Unix seconds
    Hash32 prev_block_hash{};
    ByteArray<48> seed{};
    Hash32 state_hash{};
    ByteArray<256> event_bloom{};
    AccountKey generator{};
    Hash32 txroot{};
    Hash32 faultroot{};
    std::uint64_t gas_limit = 0;
    std::uint8_t iteration = 0;
    Attestation prev_block_cert;
    std::vector<std::optional<FailedIteration>> failed_iterations;
    // The hash does not cover the members below.
    Attestation attestation;
    Hash32 hash{};
    ByteArray<48> signature{};

    /// The bytes that the hash covers (docs/reference/ledger.md 10.1).
    Bytes hashable() const;
    Hash32 compute_hash() const;
    /// The stored form: every member, also those that the hash does not cover. `decode` returns nullopt for any other
    /// bytes.
    Bytes encode() const;
    static std::optional<Header> decode(ByteView bytes);
    /// The node's JSON (docs/reference/ledger.md 10.6). `to_json` sorts the keys, as RUES payloads do;
    /// `to_json_declared` keeps the order of declaration.
    base::json::object to_json() const;
    base::json::object to_json_declared() const;
    /// Reads the JSON in either order; recorded chains use it. The error names the first missing or malformed member.
    static std::expected<Header, std::string> from_json(const base::json::object& json);
    friend bool operator==(const Header&, const Header&) = default;
};

/// An executed transaction.
struct SpentTransaction {
    Transaction inner;
    std::uint64_t block_height = 0;
    std::uint64_t gas_spent = 0;
    /// The error of the execution; nullopt when it succeeded.
    std::optional<std::string> error;

    /// The payload of `transactions:<id>/executed` (docs/reference/ledger.md 1.10), keys sorted.
    base::json::object to_json() const;
};

struct Block {
    Header header;
    std::vector<SpentTransaction> transactions;
};

/// Labels of rolling finality (docs/reference/ledger.md 10.7).
struct Label {
    enum class Kind : std::uint8_t { accepted = 0, attested = 1, confirmed = 2, final = 3 };
    Kind kind = Kind::accepted;
    std::uint64_t value = 0;
    bool is_final() const noexcept { return kind == Kind::final; }
    friend bool operator==(const Label&, const Label&) = default;
};

/// Lux created with the block at `height` (docs/reference/ledger.md 10.8).
std::uint64_t emission(std::uint64_t height);

/// Root of the SHA3-256 tree of docs/reference/ledger.md 10.4.
Hash32 merkle_root(std::span<const Hash32> leaves);
/// The txroot of a block with these transactions: the root of their digests.
Hash32 txroot_of(std::span<const SpentTransaction> transactions);

/// Inserts one contract event into a header's bloom (docs/reference/ledger.md 10.5).
void bloom_insert(ByteArray<256>& bloom, const ContractId& contract, std::string_view topic, ByteView data);

}  // namespace rues::ledger
