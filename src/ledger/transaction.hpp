#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "crypto/bls.hpp"

/// Transactions of every kind and envelope: bytes, id, signed message, digest, JSON. LM 1 as amended by rusk-1.7 7.1.
/// Pure.
namespace rues::ledger {

using base::ByteArray;
using base::Bytes;
using base::ByteView;
using base::Hash32;
using ContractId = Hash32;
using TxId = Hash32;
using AccountKey = ByteArray<96>;  ///< a public key's compressed bytes, where only identity matters

inline constexpr std::size_t kMaxMemo = 512;

/// How the bytes of a transaction are wrapped (rusk-1.7 7.1). Clients send `aegis`; the ledger holds `boreas`.
enum class Envelope : std::uint8_t { pre_aegis, aegis, boreas };

struct Call {
    ContractId contract{};
    std::string fn_name;
    Bytes fn_args;
    friend bool operator==(const Call&, const Call&) = default;
};
struct Deploy {
    Hash32 bytecode_hash{};
    Bytes bytecode;
    Bytes owner;
    std::optional<Bytes> init_args;
    std::uint64_t nonce = 0;
    friend bool operator==(const Deploy&, const Deploy&) = default;
};
struct Memo {
    Bytes bytes;
    friend bool operator==(const Memo&, const Memo&) = default;
};
struct BlobSidecar {
    ByteArray<48> commitment{};
    ByteArray<48> proof{};
    Bytes data;  ///< 131,072 bytes
    friend bool operator==(const BlobSidecar&, const BlobSidecar&) = default;
};
struct Blob {
    Hash32 hash{};
    std::optional<BlobSidecar> sidecar;
    friend bool operator==(const Blob&, const Blob&) = default;
};
struct Blobs {
    std::vector<Blob> list;
    friend bool operator==(const Blobs&, const Blobs&) = default;
};
using Data = std::variant<std::monostate, Call, Deploy, Memo, Blobs>;

/// A Moonlight transaction, with keys and signature that are known to be points, or as bytes.
template <typename Key, typename Signature>
struct MoonlightOf {
    std::uint8_t chain_id = 0;
    Key sender{};
    std::optional<Key> receiver;  ///< none: the sender
    std::uint64_t value = 0;
    std::uint64_t deposit = 0;
    std::uint64_t gas_limit = 0;
    std::uint64_t gas_price = 0;
    std::optional<Key> refund_address;  ///< none: the sender
    std::uint64_t nonce = 0;
    Data data;
    Signature signature{};

    const Key& receiver_or_sender() const noexcept { return receiver ? *receiver : sender; }
    const Key& refund_or_sender() const noexcept { return refund_address ? *refund_address : sender; }
};
using Moonlight = MoonlightOf<crypto::PublicKey, crypto::Signature>;
using UncheckedMoonlight = MoonlightOf<AccountKey, ByteArray<48>>;

/// A Phoenix transaction, taken apart as far as ids, sizes, checks before the proof, and JSON need; points and proof
/// stay bytes.
struct Phoenix {
    std::uint8_t chain_id = 0;
    Hash32 root{};
    std::vector<Hash32> nullifiers;
    ByteArray<302> outputs[2]{};
    std::uint64_t max_fee = 0;
    std::uint64_t deposit = 0;
    std::uint64_t gas_limit = 0;
    std::uint64_t gas_price = 0;
    ByteArray<64> fee_stealth_address{};
    ByteArray<129> fee_sender{};
    Data data;
    Bytes proof;
};

/// Why bytes are not a transaction. The text is the Debug form of the node's error: `InvalidData`,
/// `BadLength { found: 1, expected: 8 }` (LM 3.1).
struct DecodeError {
    std::string text;
};

/// What can be asked of a transaction whose Moonlight form is `Body`.
template <typename Body>
class TransactionOf {
public:
    const Body* moonlight() const noexcept { return std::get_if<Body>(&body_); }
    const Phoenix* phoenix() const noexcept { return std::get_if<Phoenix>(&body_); }
    const Data& data() const noexcept;
    const Call* call() const noexcept { return std::get_if<Call>(&data()); }
    const Deploy* deploy() const noexcept { return std::get_if<Deploy>(&data()); }
    const Blobs* blobs() const noexcept { return std::get_if<Blobs>(&data()); }
    /// A memo, or the blob hashes as one (LM 1.6).
    std::optional<Bytes> memo() const;
    std::uint64_t gas_limit() const noexcept;
    std::uint64_t gas_price() const noexcept;
    std::uint64_t deposit() const noexcept;

    /// LM 1.10, keys sorted.
    base::json::object to_json() const;
    /// The same in declaration order, as GraphQL's `json` has it (GQ 4.3).
    base::json::object to_json_declared() const;

protected:
    TransactionOf() = default;
    explicit TransactionOf(Phoenix body) : body_(std::move(body)) {}
    explicit TransactionOf(Body body) : body_(std::move(body)) {}

    std::variant<Body, Phoenix> body_;
};
extern template class TransactionOf<Moonlight>;
extern template class TransactionOf<UncheckedMoonlight>;

class Transaction : public TransactionOf<Moonlight> {
public:
    /// Also computes what is asked for again and again: the signed message and the id. A receiver or refund address
    /// that is the sender is left out, as the canonical bytes have it (LM 1.2).
    explicit Transaction(Moonlight body);
    explicit Transaction(Phoenix body);

    /// Both live envelopes, strict: nothing may be left over (rusk-1.7 7.1). Keys are checked to be in the subgroup;
    /// `known`, when given, is asked first for a key that was checked before (an implementation may be called from any
    /// thread).
    using KnownKeys = std::optional<crypto::PublicKey> (*)(const void* context, const AccountKey& key);
    static std::expected<Transaction, DecodeError> decode(ByteView bytes, KnownKeys known = nullptr,
                                                          const void* context = nullptr);
    /// As `decode`, and the envelope of history before the Aegis fork as well (decisions 27).
    static std::expected<Transaction, DecodeError> decode_historical(ByteView bytes);

    Bytes encode(Envelope envelope) const;

    const TxId& id() const noexcept { return id_; }
    /// What the sender signed (LM 1.4); a blob transaction's is that of its memo form.
    const Bytes& signature_message() const noexcept { return message_; }
    /// Leaf of the txroot: SHA3-256 of the bytes in this envelope, blob sidecars removed, blobs turned into a memo
    /// (LM 1.6, 1.9).
    Hash32 digest(Envelope envelope = Envelope::boreas) const;
    /// 12 + bytes in the ledger's envelope (LM 3.2 #1).
    std::size_t size() const;
    /// rkyv size with bytecode stripped and blobs as memo (LM 3.2 #2).
    std::size_t archived_size() const;

private:
    Bytes message_;
    TxId id_{};
};

/// A transaction read off bytes that were checked before, those of our own store: no point is looked at, which is what
/// makes decoding expensive. To show, not to execute.
class UncheckedTransaction : public TransactionOf<UncheckedMoonlight> {
public:
    /// Either live envelope.
    static std::expected<UncheckedTransaction, DecodeError> decode(ByteView bytes);

private:
    using TransactionOf::TransactionOf;
};

/// The Aegis envelope of bytes in either live one (decisions 32). REQUIRES: `bytes` are a transaction.
Bytes in_aegis_envelope(ByteView bytes);

/// Builds and signs. The signature of `body` is ignored.
Transaction sign(Moonlight body, const crypto::SecretKey& key);

/// The id a deployment gives its contract: BLAKE2b-256 of bytecode ‖ nonce ‖ owner (LM 4.1).
ContractId contract_id(const Deploy& deploy);

inline constexpr ContractId kTransferContract = [] {
    ContractId id{};
    id[0] = std::byte{1};
    return id;
}();
inline constexpr ContractId kStakeContract = [] {
    ContractId id{};
    id[0] = std::byte{2};
    return id;
}();

}  // namespace rues::ledger
