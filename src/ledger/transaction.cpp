#include "ledger/transaction.hpp"

#include "base/endian.hpp"
#include "crypto/hash.hpp"

namespace rues::ledger {
namespace {

template <class... F>
struct Overload : F... {
    using F::operator()...;
};

Bytes blob_hashes(const Blobs& blobs) {
    Bytes out;
    for (const Blob& blob : blobs.list) base::append(out, blob.hash);
    return out;
}

/// Appends the data's part of the signed message; it has no tags and no lengths (docs/reference/ledger.md 1.4).
void put_signed(base::Writer& out, const Data& data) {
    std::visit(Overload{[](std::monostate) {},
                        [&](const Call& call) {
                            out.put(ByteView(call.contract)).put(base::view(call.fn_name)).put(ByteView(call.fn_args));
                        },
                        [&](const Deploy& deploy) {
                            out.put(ByteView(deploy.bytecode_hash)).put(ByteView(deploy.owner));
                            if (deploy.init_args) out.put(ByteView(*deploy.init_args));
                        },
                        [&](const Memo& memo) { out.put(ByteView(memo.bytes)); },
                        [&](const Blobs& blobs) { out.put(ByteView(blob_hashes(blobs))); }},
               data);
}

void put_sized(base::Writer& out, ByteView bytes) {
    out.put(std::uint64_t{bytes.size()}).put(bytes);
}

void put_data(base::Writer& out, const Data& data) {
    out.put(static_cast<std::uint8_t>(data.index()));
    std::visit(Overload{[](std::monostate) {},
                        [&](const Call& call) {
                            out.put(ByteView(call.contract));
                            put_sized(out, base::view(call.fn_name));
                            put_sized(out, call.fn_args);
                        },
                        [&](const Deploy& deploy) {
                            out.put(ByteView(deploy.bytecode_hash));
                            put_sized(out, deploy.bytecode);
                            put_sized(out, deploy.owner);
                            out.put(std::uint8_t{deploy.init_args.has_value()});
                            if (deploy.init_args) put_sized(out, *deploy.init_args);
                            out.put(deploy.nonce);
                        },
                        [&](const Memo& memo) { put_sized(out, memo.bytes); },
                        [&](const Blobs& blobs) {
                            out.put(static_cast<std::uint8_t>(blobs.list.size()));
                            for (const Blob& blob : blobs.list) {
                                out.put(ByteView(blob.hash)).put(std::uint8_t{blob.sidecar.has_value()});
                                if (!blob.sidecar) continue;
                                out.put(ByteView(blob.sidecar->commitment)).put(ByteView(blob.sidecar->proof));
                                out.put(ByteView(blob.sidecar->data));
                            }
                        }},
               data);
}

constexpr std::size_t kLength = 8;  // bytes of a length field

/// The number of bytes that `put_data` puts.
std::size_t data_size(const Data& data) {
    constexpr std::size_t kTag = 1;
    return kTag +
           std::visit(
               Overload{
                   [](std::monostate) { return std::size_t{0}; },
                   [](const Call& call) { return 32 + kLength + call.fn_name.size() + kLength + call.fn_args.size(); },
                   [](const Deploy& deploy) {
                       return 32 + kLength + deploy.bytecode.size() + kLength + deploy.owner.size() + 1 +
                              (deploy.init_args ? kLength + deploy.init_args->size() : 0) + 8;
                   },
                   [](const Memo& memo) { return kLength + memo.bytes.size(); },
                   [](const Blobs& blobs) {
                       std::size_t out = 1;
                       for (const Blob& blob : blobs.list)
                           out += 32 + 1 + (blob.sidecar ? 48 + 48 + blob.sidecar->data.size() : std::size_t{0});
                       return out;
                   }},
               data);
}

void put_optional_key(base::Writer& out, const std::optional<crypto::PublicKey>& key) {
    out.put(std::uint8_t{key.has_value()});
    if (key) out.put(ByteView(key->bytes()));
}

/// A transaction is the same with or without a receiver or refund address that equals the sender; the canonical form
/// leaves it out (docs/reference/ledger.md 1.2).
void leave_out_sender(Moonlight& tx) {
    if (tx.receiver == tx.sender) tx.receiver.reset();
    if (tx.refund_address == tx.sender) tx.refund_address.reset();
}

Bytes moonlight_payload(const Moonlight& tx) {
    base::Writer out(400);
    out.put(tx.chain_id).put(ByteView(tx.sender.bytes()));
    put_optional_key(out, tx.receiver);
    out.put(tx.value).put(tx.deposit).put(tx.gas_limit).put(tx.gas_price);
    put_optional_key(out, tx.refund_address);
    out.put(tx.nonce);
    put_data(out, tx.data);
    return out.take();
}

Bytes moonlight_message(const Moonlight& tx) {
    base::Writer out(400);
    out.put(tx.chain_id).put(ByteView(tx.sender.bytes()));
    if (tx.receiver) out.put(ByteView(tx.receiver->bytes()));
    out.put(tx.value).put(tx.deposit).put(tx.gas_limit).put(tx.gas_price);
    if (tx.refund_address) out.put(ByteView(tx.refund_address->bytes()));
    out.put(tx.nonce);
    put_signed(out, tx.data);
    return out.take();
}

Bytes phoenix_payload(const Phoenix& tx) {
    base::Writer skeleton(660 + 32 * tx.nullifiers.size());
    skeleton.put(ByteView(tx.root)).put(std::uint64_t{tx.nullifiers.size()});
    for (const auto& nullifier : tx.nullifiers) skeleton.put(ByteView(nullifier));
    for (const auto& output : tx.outputs) skeleton.put(ByteView(output));
    skeleton.put(tx.max_fee).put(tx.deposit);
    base::Writer out;
    out.put(tx.chain_id);
    put_sized(out, skeleton.bytes());
    out.put(tx.gas_limit).put(tx.gas_price).put(ByteView(tx.fee_stealth_address)).put(ByteView(tx.fee_sender));
    put_data(out, tx.data);
    return out.take();
}

/// The hash input; it contains no counts and no fee (docs/reference/ledger.md 1.7).
Bytes phoenix_message(const Phoenix& tx) {
    base::Writer out;
    out.put(tx.chain_id).put(ByteView(tx.root));
    for (const auto& nullifier : tx.nullifiers) out.put(ByteView(nullifier));
    for (const auto& output : tx.outputs) out.put(ByteView(output));
    out.put(tx.max_fee).put(tx.deposit);
    put_signed(out, tx.data);
    return out.take();
}

TxId id_of(const Bytes& message, ByteView proof) {
    Bytes input = message;
    base::append(input, proof);
    return crypto::hash_to_scalar(input);
}

std::size_t rounded_to_8(std::size_t size) {
    return (size + 7) / 8 * 8;
}

}  // namespace

Transaction::Transaction(Moonlight body) {
    leave_out_sender(body);
    message_ = moonlight_message(body);
    id_ = id_of(message_, body.signature.bytes());
    body_ = std::move(body);
}

Transaction::Transaction(Phoenix body) : message_(phoenix_message(body)), id_(id_of(message_, body.proof)) {
    body_ = std::move(body);
}

Bytes Transaction::encode(Envelope envelope) const {
    base::Writer out(512);
    const auto tag = static_cast<std::uint8_t>(moonlight() != nullptr ? 1 : 0);
    if (envelope == Envelope::boreas) {
        out.put(static_cast<std::uint8_t>(tag + 2)).put(std::uint8_t{2});
    } else {
        out.put(tag);
    }
    if (const auto* tx = moonlight()) {
        put_sized(out, moonlight_payload(*tx));
        out.put(ByteView(tx->signature.bytes()));
    } else {
        put_sized(out, phoenix_payload(*phoenix()));
        put_sized(out, phoenix()->proof);
    }
    return out.take();
}

Transaction Transaction::without_sidecars() const {
    Transaction out = *this;
    std::visit(
        [](auto& body) {
            auto* blobs = std::get_if<Blobs>(&body.data);
            if (blobs == nullptr) return;
            for (Blob& blob : blobs->list) blob.sidecar.reset();
        },
        out.body_);
    return out;
}

Hash32 Transaction::digest(Envelope envelope) const {
    const auto* blobs_data = blobs();
    if (blobs_data == nullptr) return crypto::sha3_256(encode(envelope));
    Transaction as_memo = *this;
    std::visit([&](auto& body) { body.data = Memo{blob_hashes(*blobs_data)}; }, as_memo.body_);
    return crypto::sha3_256(as_memo.encode(envelope));
}

std::size_t Transaction::size() const {
    constexpr std::size_t kEnvelope = 12 + 2;  // the node's wrapper; tag and version (docs/reference/ledger.md 1.9)
    if (const auto* tx = moonlight()) {
        constexpr std::size_t kKey = 96;
        const std::size_t keys = kKey + 1 + (tx->receiver ? kKey : 0) + 1 + (tx->refund_address ? kKey : 0);
        return kEnvelope + kLength + 1 + keys + std::size_t{5} * 8 + data_size(tx->data) + 48;
    }
    const auto* tx = phoenix();
    const std::size_t skeleton = 660 + 32 * tx->nullifiers.size();
    return kEnvelope + kLength + 1 + kLength + skeleton + 209 + data_size(tx->data) + kLength + tx->proof.size();
}

std::size_t Transaction::archived_size() const {
    std::size_t more = 0;
    if (const auto bytes = memo()) more = bytes->size();
    if (const auto* c = call()) more = c->fn_args.size() + (c->fn_name.size() > kInlineName ? c->fn_name.size() : 0);
    if (const auto* d = deploy()) more = d->owner.size() + (d->init_args ? d->init_args->size() : 0);
    if (const auto* tx = phoenix()) more += tx->nullifiers.size() * 32 + tx->proof.size();
    return rounded_to_8(kArchivedBody + more);
}

template <typename Body>
const Data& TransactionOf<Body>::data() const noexcept {
    return std::visit([](const auto& body) -> const Data& { return body.data; }, body_);
}

template <typename Body>
std::optional<Bytes> TransactionOf<Body>::memo() const {
    if (const auto* m = std::get_if<Memo>(&data())) return m->bytes;
    if (const auto* b = blobs()) return blob_hashes(*b);
    return std::nullopt;
}

template <typename Body>
std::uint64_t TransactionOf<Body>::gas_limit() const noexcept {
    return std::visit([](const auto& body) { return body.gas_limit; }, body_);
}
template <typename Body>
std::uint64_t TransactionOf<Body>::gas_price() const noexcept {
    return std::visit([](const auto& body) { return body.gas_price; }, body_);
}
template <typename Body>
std::uint64_t TransactionOf<Body>::deposit() const noexcept {
    return std::visit([](const auto& body) { return body.deposit; }, body_);
}

template class TransactionOf<Moonlight>;
template class TransactionOf<UncheckedMoonlight>;

Bytes in_aegis_envelope(ByteView bytes) {
    Bytes out;
    const auto tag = std::to_integer<std::uint8_t>(bytes[0]);
    if (tag < 2) return base::to_bytes(bytes);
    out.reserve(bytes.size() - 1);
    out.push_back(std::byte(tag - 2));
    base::append(out, bytes.subspan(2));
    return out;
}

Transaction sign(Moonlight body, const crypto::SecretKey& key) {
    leave_out_sender(body);
    body.signature = key.sign(moonlight_message(body));
    return Transaction(std::move(body));
}

ContractId contract_id(const Deploy& deploy) {
    base::Writer input(deploy.bytecode.size() + 8 + deploy.owner.size());
    input.put(ByteView(deploy.bytecode)).put(deploy.nonce).put(ByteView(deploy.owner));
    return crypto::blake2b_256(input.bytes());
}

}  // namespace rues::ledger
