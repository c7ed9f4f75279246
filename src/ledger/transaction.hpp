#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "crypto/bls.hpp"

/// Transactions of every kind and envelope: bytes, id, signed message, digest, JSON. docs/reference/ledger.md 1 as
/// amended by docs/reference/rusk-1.7.md 7.1. Pure.
namespace rues::ledger {

using base::ByteArray;
using base::Bytes;
using base::ByteView;
using base::Hash32;
using ContractId = Hash32;
using TxId = Hash32;
using AccountKey = ByteArray<96>;  ///< a public key's compressed bytes, where only identity matters

inline constexpr std::size_t kMaxMemo = 512;

/// How the bytes of a transaction are wrapped (docs/reference/rusk-1.7.md 7.1). Clients send `aegis`; the ledger holds
/// `boreas`.
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
    Bytes data;  ///< `crypto::kBlobBytes`
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

/// A Moonlight transaction. `Moonlight` holds keys and signature that are known to be points; `UncheckedMoonlight`
/// holds their bytes.
template <typename Key, typename Signature>
struct MoonlightOf {
    std::uint8_t chain_id = 0;
    Key sender{};
    std::optional<Key> receiver;  ///< missing: the sender
    std::uint64_t value = 0;
    std::uint64_t deposit = 0;
    std::uint64_t gas_limit = 0;
    std::uint64_t gas_price = 0;
    std::optional<Key> refund_address;  ///< missing: the sender
    std::uint64_t nonce = 0;
    Data data;
    Signature signature{};

    const Key& receiver_or_sender() const noexcept { return receiver ? *receiver : sender; }
    const Key& refund_or_sender() const noexcept { return refund_address ? *refund_address : sender; }
};
using Moonlight = MoonlightOf<crypto::PublicKey, crypto::Signature>;
using UncheckedMoonlight = MoonlightOf<AccountKey, ByteArray<48>>;

/// A Phoenix transaction, decoded as far as ids, sizes, JSON and the checks before the proof need it. Points and the
/// proof stay bytes.
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

/// The reason why bytes are not a transaction. The text is the Debug form of the node's error: `InvalidData`,
/// `BadLength { found: 1, expected: 8 }` (docs/reference/ledger.md 3.1).
struct DecodeError {
    std::string text;
};

/// The accessors of a transaction whose Moonlight form is `Body`.
template <typename Body>
class TransactionOf {
public:
    const Body* moonlight() const noexcept { return std::get_if<Body>(&body_); }
    const Phoenix* phoenix() const noexcept { return std::get_if<Phoenix>(&body_); }
    const Data& data() const noexcept;
    const Call* call() const noexcept { return std::get_if<Call>(&data()); }
    const Deploy* deploy() const noexcept { return std::get_if<Deploy>(&data()); }
    const Blobs* blobs() const noexcept { return std::get_if<Blobs>(&data()); }
    /// The memo; for a blob transaction, the blob hashes as a memo (docs/reference/ledger.md 1.6).
    std::optional<Bytes> memo() const;
    std::uint64_t gas_limit() const noexcept;
    std::uint64_t gas_price() const noexcept;
    std::uint64_t deposit() const noexcept;

    /// The JSON of docs/reference/ledger.md 1.10 with sorted keys.
    base::json::object to_json() const;
    /// The same JSON with keys in order of declaration, as in GraphQL's field `json` (docs/reference/graphql.md 4.3).
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
    /// Computes the signed message and the id once, because they are needed often. Removes a receiver or refund address
    /// that equals the sender, as the canonical bytes do (docs/reference/ledger.md 1.2).
    explicit Transaction(Moonlight body);
    explicit Transaction(Phoenix body);

    /// Decodes either live envelope (aegis, boreas). Bytes left over are an error (docs/reference/rusk-1.7.md 7.1).
    /// Keys must be points of the subgroup. This check is expensive: `known`, when given, is called first, with
    /// `context`, and may return a key that was checked before. It must be safe to call from any thread on which
    /// transactions are decoded.
    using KnownKeys = std::optional<crypto::PublicKey> (*)(const void* context, const AccountKey& key);
    static std::expected<Transaction, DecodeError> decode(ByteView bytes, KnownKeys known = nullptr,
                                                          const void* context = nullptr);
    /// Decodes as `decode` does, and also the envelope from before the Aegis fork (docs/reference/differences.md 27).
    static std::expected<Transaction, DecodeError> decode_historical(ByteView bytes);

    Bytes encode(Envelope envelope) const;
    /// The transaction as blocks hold it: its blobs are hashes alone. Id, signed message and digest are the same
    /// (docs/reference/ledger.md 1.6).
    Transaction without_sidecars() const;

    const TxId& id() const noexcept { return id_; }
    /// The message that the sender signed (docs/reference/ledger.md 1.4). For a blob transaction it is the message of
    /// its memo form.
    const Bytes& signature_message() const noexcept { return message_; }
    /// The transaction's leaf of the txroot: SHA3-256 of its bytes in this envelope, without blob sidecars and with the
    /// blobs replaced by a memo (docs/reference/ledger.md 1.6, 1.9).
    Hash32 digest(Envelope envelope = Envelope::boreas) const;
    /// 12 plus the number of bytes in the ledger's envelope, sidecars included (docs/reference/ledger.md 3.2 #1).
    /// Encodes nothing, because a transaction may have a megabyte.
    std::size_t size() const;
    /// The rkyv size, without bytecode and with the blobs as a memo (docs/reference/ledger.md 3.2 #2).
    std::size_t archived_size() const;
    static constexpr std::size_t kArchivedBody = 2'224;  ///< bytes of that size that every transaction has
    static constexpr std::size_t kInlineName = 7;        ///< longer names of functions lie outside of the body

private:
    Bytes message_;
    TxId id_{};
};

/// A transaction decoded from bytes that were checked before, such as those of our own store. It does not check the
/// keys and the signature, which is the expensive part of decoding. Use it to show a transaction, never to execute it.
class UncheckedTransaction : public TransactionOf<UncheckedMoonlight> {
public:
    /// Decodes either live envelope.
    static std::expected<UncheckedTransaction, DecodeError> decode(ByteView bytes);

private:
    using TransactionOf::TransactionOf;
};

/// Converts a transaction's bytes from either live envelope to the Aegis envelope (docs/reference/differences.md 32).
/// REQUIRES: `bytes` are a transaction.
Bytes in_aegis_envelope(ByteView bytes);

/// Builds a transaction from `body` and signs it; the signature of `body` is ignored.
Transaction sign(Moonlight body, const crypto::SecretKey& key);

/// The id a deployment gives its contract: BLAKE2b-256 of bytecode ‖ nonce ‖ owner (docs/reference/ledger.md 4.1).
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
