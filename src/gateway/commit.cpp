#include "gateway/commit.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/endian.hpp"

/// docs/formats/commits.md.
namespace rues::gateway {
namespace {

using base::ByteView;
using base::Reader;
using base::Writer;

constexpr std::uint8_t kVersion = 1;
enum class CommitKind : std::uint8_t { block = 0, pool = 1, taken_back = 2, forgotten = 3 };

// --- encoding ---

void put_bytes(Writer& out, ByteView bytes) {
    out.put(static_cast<std::uint32_t>(bytes.size())).put(bytes);
}
void put_text(Writer& out, std::string_view text) {
    put_bytes(out, base::view(text));
}
template <typename List, typename Put>
void put_list(Writer& out, const List& list, Put put_one) {
    out.put(static_cast<std::uint32_t>(list.size()));
    for (const auto& each : list) put_one(out, each);
}
template <typename T, typename Put>
void put_optional(Writer& out, const std::optional<T>& value, Put put_one) {
    out.put(std::uint8_t{value.has_value()});
    if (value) put_one(out, *value);
}
void put_hash(Writer& out, const base::Hash32& hash) {
    out.put(ByteView(hash));
}

void put_checkpoint(Writer& out, const Checkpoint& checkpoint) {
    put_text(out, checkpoint.upstream);
    out.put(checkpoint.position.epoch).put(checkpoint.position.seq);
}
void put_label(Writer& out, const ledger::Label& label) {
    out.put(static_cast<std::uint8_t>(label.kind)).put(label.value);
}
void put_label_answer(Writer& out, const LabelAnswer& answer) {
    out.put(answer.height).put(ByteView(answer.hash));
    put_label(out, answer.label);
}
void put_executed(Writer& out, const ledger::SpentTransaction& tx) {
    put_bytes(out, tx.inner.encode(ledger::Envelope::boreas));
    out.put(tx.gas_spent);
    put_optional(out, tx.error, put_text);
}
void put_contract_event(Writer& out, const ledger::ContractEvent& event) {
    out.put(ByteView(event.contract)).put(ByteView(event.origin));
    put_text(out, event.topic);
    put_bytes(out, event.data);
}
void put_event(Writer& out, const ledger::Event& event) {
    out.put(static_cast<std::uint8_t>(event.component));
    for (const auto* text : {&event.entity, &event.topic, &event.origin, &event.content_type}) put_text(out, *text);
    put_bytes(out, event.payload);
    out.put(event.height);
    put_optional(out, event.block_hash, put_hash);
    put_optional(out, event.replaced_by, put_hash);
}
void put_pooled(Writer& out, const store::PooledTransaction& tx) {
    out.put(ByteView(tx.id)).put(tx.entered_unix_ms);
    put_bytes(out, tx.raw);
}

void put_what(Writer& out, const NewBlock& what) {
    put_bytes(out, what.block.header.encode());
    put_label(out, what.block.label);
    put_list(out, what.block.transactions, put_executed);
    put_list(out, what.block.events, put_contract_event);
    put_list(out, what.labels, put_label_answer);
    put_list(out, what.meanwhile, put_event);
}
void put_what(Writer& out, const PoolChange& what) {
    put_list(out, what.added, put_pooled);
    put_list(out, what.removed, put_hash);
    put_list(out, what.unshown, put_hash);
    put_list(out, what.events, put_event);
}
void put_what(Writer& out, const BlocksTakenBack& what) {
    out.put(what.to).put(ByteView(what.hash)).put(ByteView(what.tip)).put(what.unix_ms);
}
void put_what(Writer&, CheckpointForgotten) {}

// --- decoding: each returns false when the bytes are not of its form ---

template <std::unsigned_integral T>
bool take(Reader& in, T& out) {
    const auto found = in.take<T>();
    if (found) out = *found;
    return found.has_value();
}
template <std::size_t N>
bool take(Reader& in, base::ByteArray<N>& out) {
    const auto found = in.take_array<N>();
    if (found) out = *found;
    return found.has_value();
}
bool take(Reader& in, ByteView& out) {
    const auto size = in.take<std::uint32_t>();
    const auto bytes = size ? in.take_bytes(*size) : std::nullopt;
    if (bytes) out = *bytes;
    return bytes.has_value();
}
bool take(Reader& in, base::Bytes& out) {
    ByteView bytes;
    if (!take(in, bytes)) return false;
    out = base::to_bytes(bytes);
    return true;
}
bool take(Reader& in, std::string& out) {
    ByteView bytes;
    if (!take(in, bytes)) return false;
    out = base::text(bytes);
    return true;
}
/// A byte that says one of `kinds` values, which begin with `first`.
template <typename Enum>
bool take_kind(Reader& in, Enum& out, std::uint8_t first, std::uint8_t kinds) {
    const auto found = in.take<std::uint8_t>();
    if (!found || *found < first || *found >= first + kinds) return false;
    out = static_cast<Enum>(*found);
    return true;
}
bool take_flag(Reader& in, bool& out) {
    const auto found = in.take<std::uint8_t>();
    if (!found || *found > 1) return false;
    out = *found == 1;
    return true;
}

bool take(Reader& in, Checkpoint& out) {
    return take(in, out.upstream) && take(in, out.position.epoch) && take(in, out.position.seq);
}
bool take(Reader& in, ledger::Label& out) {
    return take_kind(in, out.kind, 0, 4) && take(in, out.value);
}
bool take(Reader& in, LabelAnswer& out) {
    return take(in, out.height) && take(in, out.hash) && take(in, out.label);
}
bool take(Reader& in, ledger::ContractEvent& out) {
    return take(in, out.contract) && take(in, out.origin) && take(in, out.topic) && take(in, out.data);
}
bool take(Reader& in, store::PooledTransaction& out) {
    return take(in, out.id) && take(in, out.entered_unix_ms) && take(in, out.raw);
}

template <typename T>
bool take_optional(Reader& in, std::optional<T>& out) {
    bool is_there = false;
    if (!take_flag(in, is_there)) return false;
    return !is_there || take(in, out.emplace());
}
bool take(Reader& in, ledger::Event& out) {
    return take_kind(in, out.component, 1, 3) && take(in, out.entity) && base::array_from_hex<32>(out.entity) &&
           take(in, out.topic) && take(in, out.origin) && take(in, out.content_type) && take(in, out.payload) &&
           take(in, out.height) && take_optional(in, out.block_hash) && take_optional(in, out.replaced_by);
}
bool take(Reader& in, ledger::Header& out) {
    ByteView bytes;
    if (!take(in, bytes)) return false;
    auto header = ledger::Header::decode(bytes);
    if (header) out = std::move(*header);
    return header.has_value();
}

/// Each element takes a byte at least, so a count beyond the rest is not believed.
template <typename List>
bool take_list(Reader& in, List& out) {
    const auto count = in.take<std::uint32_t>();
    if (!count || *count > in.remaining()) return false;
    for (std::uint32_t i = 0; i < *count; ++i) {
        if (!take(in, out.emplace_back())) return false;
    }
    return true;
}

/// A transaction has more than one encoding; only the ledger's is accepted.
bool take_executed(Reader& in, std::uint64_t height, std::vector<ledger::SpentTransaction>& out) {
    ByteView raw;
    std::uint64_t gas = 0;
    std::optional<std::string> error;
    if (!take(in, raw) || !take(in, gas) || !take_optional(in, error)) return false;
    auto tx = ledger::Transaction::decode(raw);
    if (!tx || !base::equal(tx->encode(ledger::Envelope::boreas), raw)) return false;
    out.push_back({std::move(*tx), height, gas, std::move(error)});
    return true;
}

bool take_what(Reader& in, NewBlock& out) {
    auto& block = out.block;
    if (!take(in, block.header) || !take(in, block.label)) return false;
    const auto count = in.take<std::uint32_t>();
    if (!count) return false;
    for (std::uint32_t i = 0; i < *count; ++i) {
        if (!take_executed(in, block.header.height, block.transactions)) return false;
    }
    return take_list(in, block.events) && take_list(in, out.labels) && take_list(in, out.meanwhile);
}
bool take_what(Reader& in, PoolChange& out) {
    return take_list(in, out.added) && take_list(in, out.removed) && take_list(in, out.unshown) &&
           take_list(in, out.events);
}
bool take_what(Reader& in, BlocksTakenBack& out) {
    return take(in, out.to) && take(in, out.hash) && take(in, out.tip) && take(in, out.unix_ms);
}
bool take_what(Reader&, CheckpointForgotten&) {
    return true;
}

bool take_commit(Reader& in, CommitKind kind, Commit& out) {
    switch (kind) {
    case CommitKind::block:
        return take_what(in, out.what.emplace<NewBlock>());
    case CommitKind::pool:
        return take_what(in, out.what.emplace<PoolChange>());
    case CommitKind::taken_back:
        return take_what(in, out.what.emplace<BlocksTakenBack>());
    case CommitKind::forgotten:
        break;
    }
    return take_what(in, out.what.emplace<CheckpointForgotten>());
}

}  // namespace

base::Bytes Commit::encode() const {
    Writer out;
    out.put(kVersion).put(static_cast<std::uint8_t>(what.index()));
    put_optional(out, checkpoint, put_checkpoint);
    std::visit([&out](const auto& each) { put_what(out, each); }, what);
    return out.take();
}

std::optional<Commit> Commit::decode(ByteView bytes) {
    if (bytes.size() > kMostBytes) return std::nullopt;
    Reader in(bytes);
    std::uint8_t version = 0;
    CommitKind kind{};
    Commit out;
    const bool is_good = take(in, version) && version == kVersion && take_kind(in, kind, 0, 4) &&
                         take_optional(in, out.checkpoint) && take_commit(in, kind, out) && in.empty();
    return is_good ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace rues::gateway
