#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "crypto/jubjub.hpp"
#include "crypto/kzg.hpp"
#include "ledger/transaction.hpp"

/// Decodes transactions strictly, and allocates no more than the input has bytes. docs/reference/ledger.md 1.2 to 1.7,
/// docs/reference/rusk-1.7.md 7.1.
namespace rues::ledger {
namespace {

/// Before the Aegis fork, bytes after the data were ignored, and points of Phoenix could lie outside the prime
/// subgroup.
struct Rules {
    bool trailing_ignored = false;
    bool points_unchecked = false;
};
constexpr Rules kLive;
constexpr Rules kHistorical{true, true};

/// Reads fields; when the bytes end too early, the error has the node's text.
class Source {
public:
    Source(ByteView bytes, Transaction::KnownKeys known, const void* context)
        : reader_(bytes), known_(known), context_(context) {}

    template <typename T>
    bool number(T& out) {
        const auto value = reader_.take<T>();
        if (!value) return too_short(sizeof(T));
        out = *value;
        return true;
    }
    template <std::size_t N>
    bool array(ByteArray<N>& out) {
        const auto value = reader_.take_array<N>();
        if (!value) return too_short(N);
        out = *value;
        return true;
    }
    bool key(crypto::PublicKey& out) {
        AccountKey bytes;
        if (!array(bytes)) return false;
        auto key = known_ != nullptr ? known_(context_, bytes) : std::nullopt;
        if (!key) key = crypto::PublicKey::decode(bytes);
        if (!key) return invalid();
        out = *key;
        return true;
    }
    bool key(AccountKey& out) { return array(out); }
    bool signature(crypto::Signature& out) {
        ByteArray<48> bytes;
        if (!array(bytes)) return false;
        const auto point = crypto::Signature::decode(bytes);
        if (!point) return invalid();
        out = *point;
        return true;
    }
    bool signature(ByteArray<48>& out) { return array(out); }
    bool flag(bool& out) {
        std::uint8_t value = 0;
        if (!number(value)) return false;
        if (value > 1) return invalid();
        out = value == 1;
        return true;
    }
    template <typename Key>
    bool optional_key(std::optional<Key>& out) {
        bool present = false;
        if (!flag(present)) return false;
        return !present || key(out.emplace());
    }
    /// Reads a u64 length, then that many bytes.
    bool view(ByteView& out) {
        std::uint64_t length = 0;
        if (!number(length)) return false;
        const auto bytes = reader_.take_bytes(length);
        if (!bytes) return invalid();
        out = *bytes;
        return true;
    }
    bool bytes(Bytes& out) {
        ByteView found;
        if (!view(found)) return false;
        out = base::to_bytes(found);
        return true;
    }
    bool fixed(std::size_t count, Bytes& out) {
        const auto found = reader_.take_bytes(count);
        if (!found) return too_short(count);
        out = base::to_bytes(*found);
        return true;
    }
    ByteView rest() { return *reader_.take_bytes(reader_.remaining()); }
    bool invalid() {
        error_.text = "InvalidData";
        return false;
    }
    std::size_t remaining() const { return reader_.remaining(); }
    const DecodeError& error() const { return error_; }
    Source inside(ByteView part) const { return {part, known_, context_}; }
    bool take_error(const Source& inner) {
        error_ = inner.error_;
        return false;
    }

private:
    bool too_short(std::size_t expected) {
        error_.text = fmt::format("BadLength {{ found: {}, expected: {} }}", reader_.remaining(), expected);
        return false;
    }

    base::Reader reader_;
    Transaction::KnownKeys known_;
    const void* context_;
    DecodeError error_;
};

bool read_call(Source& in, Data& out) {
    Call call;
    ByteView name;
    if (!in.array(call.contract) || !in.view(name)) return false;
    if (!base::is_utf8(base::text(name))) return in.invalid();
    call.fn_name = base::text(name);
    if (!in.bytes(call.fn_args)) return false;
    out = std::move(call);
    return true;
}

bool read_deploy(Source& in, Data& out) {
    Deploy deploy;
    bool has_args = false;
    if (!in.array(deploy.bytecode_hash) || !in.bytes(deploy.bytecode) || !in.bytes(deploy.owner) ||
        !in.flag(has_args)) {
        return false;
    }
    if (has_args && !in.bytes(deploy.init_args.emplace())) return false;
    if (!in.number(deploy.nonce)) return false;
    out = std::move(deploy);
    return true;
}

bool read_memo(Source& in, Data& out) {
    std::uint64_t length = 0;
    if (!in.number(length)) return false;
    if (length != in.remaining() || length > kMaxMemo) return in.invalid();
    Memo memo;
    memo.bytes = base::to_bytes(in.rest());
    out = std::move(memo);
    return true;
}

bool read_blobs(Source& in, Data& out) {
    std::uint8_t count = 0;
    if (!in.number(count)) return false;
    Blobs blobs;
    for (; count > 0; --count) {
        Blob& blob = blobs.list.emplace_back();
        bool has_sidecar = false;
        if (!in.array(blob.hash) || !in.flag(has_sidecar)) return false;
        if (!has_sidecar) continue;
        auto& sidecar = blob.sidecar.emplace();
        if (!in.array(sidecar.commitment) || !in.array(sidecar.proof)) return false;
        if (!in.fixed(crypto::kBlobBytes, sidecar.data)) return false;
    }
    out = std::move(blobs);
    return true;
}

/// Reads the rest of a payload, which is its data.
bool read_data(Source& in, Data& out, const Rules& rules) {
    std::uint8_t kind = 0;
    if (!in.number(kind)) return false;
    bool good = true;
    switch (kind) {
    case 0:
        break;
    case 1:
        good = read_call(in, out);
        break;
    case 2:
        good = read_deploy(in, out);
        break;
    case 3:
        good = read_memo(in, out);
        break;
    case 4:
        good = read_blobs(in, out);
        break;
    default:
        return in.invalid();
    }
    if (!good) return false;
    return in.remaining() == 0 || rules.trailing_ignored || in.invalid();
}

template <typename Body>
bool read_moonlight(Source& in, Body& out, const Rules& rules) {
    ByteView payload;
    if (!in.view(payload)) return false;
    Source p = in.inside(payload);
    const bool good = p.number(out.chain_id) && p.key(out.sender) && p.optional_key(out.receiver) &&
                      p.number(out.value) && p.number(out.deposit) && p.number(out.gas_limit) &&
                      p.number(out.gas_price) && p.optional_key(out.refund_address) && p.number(out.nonce) &&
                      read_data(p, out.data, rules);
    if (!good) return in.take_error(p);
    if (!in.signature(out.signature)) return false;
    return in.remaining() == 0 || in.invalid();
}

bool is_scalar(const Hash32& bytes) {
    return crypto::scalar_to_montgomery(bytes).has_value();
}

bool are_points(ByteView bytes) {
    for (; !bytes.empty(); bytes = bytes.subspan(32)) {
        if (!crypto::JubJubAffine::decode(bytes.first(32))) return false;
    }
    return true;
}

/// The sender of a note or of a fee: its kind, and four points or the name of a contract's function.
bool is_sender(ByteView sender, const Rules& rules) {
    if (sender[0] > std::byte{1}) return false;
    return sender[0] == std::byte{1} || rules.points_unchecked || are_points(sender.subspan(1));
}

/// Checks a note (docs/reference/phoenix-and-plonk.md 3.4). Its commitment is a point even where others are not
/// checked, because JSON shows its coordinates.
bool is_note(ByteView note, const Rules& rules) {
    constexpr std::size_t kType = 0, kCommitment = 1, kCommitmentAndAddress = 96, kSender = 173;
    if (note[kType] > std::byte{1} || !is_sender(note.subspan(kSender), rules)) return false;
    return rules.points_unchecked ? crypto::JubJubAffine::decode_any(note.subspan(kCommitment, 32)).has_value()
                                  : are_points(note.subspan(kCommitment, kCommitmentAndAddress));
}

bool read_skeleton(Source& in, Phoenix& out, const Rules& rules) {
    std::uint64_t count = 0;
    if (!in.array(out.root) || !in.number(count)) return false;
    if (count > in.remaining() / 32) return in.invalid();
    out.nullifiers.resize(static_cast<std::size_t>(count));
    for (auto& nullifier : out.nullifiers) {
        if (!in.array(nullifier)) return false;
    }
    if (!in.array(out.outputs[0]) || !in.array(out.outputs[1]) || !in.number(out.max_fee) || !in.number(out.deposit))
        return false;
    const bool good = in.remaining() == 0 && is_scalar(out.root) && std::ranges::all_of(out.nullifiers, is_scalar) &&
                      is_note(out.outputs[0], rules) && is_note(out.outputs[1], rules);
    return good || in.invalid();
}

bool read_phoenix(Source& in, Phoenix& out, const Rules& rules) {
    ByteView payload;
    if (!in.view(payload)) return false;
    Source p = in.inside(payload);
    ByteView skeleton;
    if (!p.number(out.chain_id) || !p.view(skeleton)) return in.take_error(p);
    Source s = p.inside(skeleton);
    if (!read_skeleton(s, out, rules)) return in.take_error(s);
    if (!p.number(out.gas_limit) || !p.number(out.gas_price) || !p.array(out.fee_stealth_address) ||
        !p.array(out.fee_sender) || !read_data(p, out.data, rules)) {
        return in.take_error(p);
    }
    if (!is_sender(out.fee_sender, rules) || !(rules.points_unchecked || are_points(out.fee_stealth_address)))
        return in.invalid();
    if (!in.bytes(out.proof)) return false;
    return in.remaining() == 0 || rules.trailing_ignored || in.invalid();
}

/// Decodes a body and returns `made(body)`.
template <typename Body, typename Made>
auto decode_as(ByteView bytes, Rules rules, Transaction::KnownKeys known, const void* context, Made made)
    -> std::expected<std::invoke_result_t<Made, Body>, DecodeError> {
    if (bytes.empty()) return std::unexpected(DecodeError{"InvalidData"});
    auto tag = static_cast<std::uint8_t>(bytes[0]);
    std::size_t prefix = 1;
    if (tag == 2 || tag == 3) {  // Boreas: a format version follows the tag
        if (bytes.size() < 2 || bytes[1] != std::byte{2}) return std::unexpected(DecodeError{"InvalidData"});
        prefix = 2;
        rules.trailing_ignored = false;  // this envelope is newer than the fork, so it never allowed trailing bytes
        tag = static_cast<std::uint8_t>(tag - 2);
    }
    Source in(bytes.subspan(prefix), known, context);
    if (tag == 1) {
        Body body;
        if (!read_moonlight(in, body, rules)) return std::unexpected(in.error());
        return made(std::move(body));
    }
    if (tag == 0) {
        Phoenix body;
        if (!read_phoenix(in, body, rules)) return std::unexpected(in.error());
        return made(std::move(body));
    }
    return std::unexpected(DecodeError{"InvalidData"});
}

constexpr auto kTransaction = [](auto body) { return Transaction(std::move(body)); };

}  // namespace

std::expected<Transaction, DecodeError> Transaction::decode(ByteView bytes, KnownKeys known, const void* context) {
    return decode_as<Moonlight>(bytes, kLive, known, context, kTransaction);
}

std::expected<Transaction, DecodeError> Transaction::decode_historical(ByteView bytes) {
    return decode_as<Moonlight>(bytes, kHistorical, nullptr, nullptr, kTransaction);
}

std::expected<UncheckedTransaction, DecodeError> UncheckedTransaction::decode(ByteView bytes) {
    return decode_as<UncheckedMoonlight>(bytes, kHistorical, nullptr, nullptr,
                                         [](auto body) { return UncheckedTransaction(std::move(body)); });
}

}  // namespace rues::ledger
