#include "store/layout.hpp"

namespace rues::store::layout {
namespace {

/// The first byte of a record: component in the lowest three bits, then `Tie` and `EventFilter::reached`, two bits
/// each.
constexpr unsigned kComponentBits = 7;
constexpr unsigned kTieShift = 3;
constexpr unsigned kReachedShift = 5;

}  // namespace

void put_sized(base::Writer& out, ByteView bytes) {
    out.put(static_cast<std::uint32_t>(bytes.size())).put(bytes);
}

std::optional<ByteView> take_sized(base::Reader& in) {
    const auto size = in.take<std::uint32_t>();
    return size ? in.take_bytes(*size) : std::nullopt;
}

Bytes encode_u64(std::uint64_t value) {
    return base::Writer(8).put(value).take();
}

std::optional<std::uint64_t> decode_u64(ByteView bytes) {
    if (bytes.size() != 8) return std::nullopt;
    return base::load_le<std::uint64_t>(bytes.data());
}

Bytes number_key(std::uint64_t number) {
    Bytes out(8);
    base::store_be(out.data(), number);
    return out;
}

std::optional<std::uint64_t> number_of(ByteView key) {
    if (key.size() != 8) return std::nullopt;
    return base::load_be<std::uint64_t>(key.data());
}

Bytes encode(const StoredBlock& block) {
    base::Writer out;
    out.put(static_cast<std::uint8_t>(block.label.kind)).put(block.label.value);
    put_sized(out, block.header.encode());
    for (const auto& id : block.transactions) out.put(ByteView(id));
    return out.take();
}

std::optional<StoredBlock> decode_block(ByteView bytes) {
    base::Reader in(bytes);
    const auto kind = in.take<std::uint8_t>();
    const auto value = in.take<std::uint64_t>();
    const auto header_bytes = take_sized(in);
    if (!kind || !value || !header_bytes || *kind > 3 || in.remaining() % 32 != 0) return std::nullopt;
    auto header = ledger::Header::decode(*header_bytes);
    if (!header) return std::nullopt;
    StoredBlock out{std::move(*header), {}, {static_cast<ledger::Label::Kind>(*kind), *value}};
    while (const auto id = in.take_array<32>()) out.transactions.push_back(*id);
    return out;
}

Bytes encode(const StoredTransaction& tx) {
    base::Writer out(32 + tx.raw.size());
    out.put(tx.height).put(tx.index).put(tx.gas_spent).put(std::uint8_t{tx.error.has_value()});
    put_sized(out, base::view(tx.error.value_or("")));
    out.put(ByteView(tx.raw));
    return out.take();
}

std::optional<StoredTransaction> decode_transaction(ByteView bytes) {
    base::Reader in(bytes);
    const auto height = in.take<std::uint64_t>();
    const auto index = in.take<std::uint32_t>();
    const auto gas = in.take<std::uint64_t>();
    const auto failed = in.take<std::uint8_t>();
    const auto error = take_sized(in);
    if (!height || !index || !gas || !failed || !error || *failed > 1) return std::nullopt;
    StoredTransaction out{base::to_bytes(in.rest()), *height, *index, *gas, std::nullopt};
    if (*failed == 1) out.error = std::string(base::text(*error));
    return out;
}

Bytes encode(const PooledTransaction& tx, std::uint64_t order) {
    return base::Writer(16 + tx.raw.size()).put(order).put(tx.entered_unix_ms).put(ByteView(tx.raw)).take();
}

std::optional<Pooled> decode_pooled(ByteView key, ByteView bytes) {
    base::Reader in(bytes);
    const auto order = in.take<std::uint64_t>();
    const auto entered = in.take<std::uint64_t>();
    if (!order || !entered || key.size() != 32) return std::nullopt;
    return Pooled{*order, {base::to_array<32>(key), base::to_bytes(in.rest()), *entered}};
}

Bytes encode(const EventFilter& filter) {
    return base::Writer(25)
        .put(static_cast<std::uint8_t>(static_cast<unsigned>(filter.component) |
                                       static_cast<unsigned>(filter.tie) << kTieShift |
                                       static_cast<unsigned>(filter.reached) << kReachedShift))
        .put(filter.topic)
        .put(filter.entity)
        .put(filter.height)
        .take();
}

std::optional<LogRecord> decode_record(ByteView key, ByteView bytes) {
    base::Reader in(bytes);
    const auto seq = number_of(key);
    const auto kinds = in.take<std::uint8_t>();
    const auto topic = in.take<std::uint64_t>();
    const auto entity = in.take<std::uint64_t>();
    const auto height = in.take<std::uint64_t>();
    if (!seq || !kinds || !topic || !entity || !height) return std::nullopt;
    const unsigned component = *kinds & kComponentBits;
    const unsigned reached = *kinds >> kReachedShift;
    if (component < 1 || component > 3 || reached >= wire::kFinalities) return std::nullopt;
    const EventFilter filter{
        static_cast<wire::Component>(component), *topic, *entity, *height, static_cast<Tie>(*kinds >> kTieShift & 3U),
        static_cast<wire::Finality>(reached)};
    return LogRecord{*seq, filter, in.rest()};
}

Bytes entity_key(const EventFilter& filter, std::uint64_t seq) {
    Bytes out(kEntityPrefix + 8);
    out[0] = static_cast<std::byte>(filter.component);
    base::store_be(out.data() + 1, filter.entity);
    base::store_be(out.data() + 9, filter.topic);
    base::store_be(out.data() + kEntityPrefix, seq);
    return out;
}

std::optional<std::uint64_t> seq_of_entity_key(ByteView key) {
    if (key.size() != kEntityPrefix + 8) return std::nullopt;
    return base::load_be<std::uint64_t>(key.data() + kEntityPrefix);
}

Bytes mark_key(std::uint64_t seq) {
    Bytes out = base::to_bytes(base::view(kMarkName));
    base::append(out, number_key(seq));
    return out;
}

Bytes encode(const LogMark& mark) {
    return base::Writer().put(mark.timestamp).put(mark.bytes).take();
}

std::optional<LogMark> decode_mark(ByteView key, ByteView bytes) {
    if (!base::text(key).starts_with(kMarkName)) return std::nullopt;
    const auto seq = number_of(key.subspan(kMarkName.size()));
    base::Reader in(bytes);
    const auto timestamp = in.take<std::uint64_t>();
    const auto size = in.take<std::uint64_t>();
    if (!seq || !timestamp || !size || !in.empty()) return std::nullopt;
    return LogMark{*seq, *timestamp, *size};
}

Bytes taken_back_key(std::uint64_t first_seq) {
    Bytes out = base::to_bytes(base::view(kTakenBackName));
    base::append(out, number_key(first_seq));
    return out;
}

Bytes encode(const TakenBlock& block) {
    return base::Writer()
        .put(block.last_seq)
        .put(block.height)
        .put(block.timestamp)
        .put(static_cast<std::uint8_t>(block.reached))
        .take();
}

std::optional<TakenBlock> decode_taken_block(ByteView key, ByteView bytes) {
    if (!base::text(key).starts_with(kTakenBackName)) return std::nullopt;
    const auto first = number_of(key.subspan(kTakenBackName.size()));
    base::Reader in(bytes);
    const auto last = in.take<std::uint64_t>();
    const auto height = in.take<std::uint64_t>();
    const auto timestamp = in.take<std::uint64_t>();
    const auto reached = in.take<std::uint8_t>();
    if (!first || !reached || *reached >= wire::kFinalities || !in.empty()) return std::nullopt;
    return TakenBlock{*first, *last, *height, *timestamp, static_cast<wire::Finality>(*reached)};
}

Bytes encode(const ChainOrigin& origin) {
    const auto& genesis = origin.genesis;
    base::Writer out;
    out.put(origin.chain_id)
        .put(ByteView(genesis.owner))
        .put(ByteView(genesis.stakes))
        .put(ByteView(genesis.accounts))
        .put(ByteView(genesis.notes))
        .put(ByteView(origin.contracts));
    // Only where it is true, so that a program that does not know it refuses such a chain and reads all others.
    if (origin.contract_log) out.put(std::uint8_t{1});
    return out.take();
}

std::optional<ChainOrigin> decode_origin(ByteView bytes) {
    base::Reader in(bytes);
    const auto chain_id = in.take<std::uint8_t>();
    const auto owner = in.take_array<32>();
    const auto stakes = in.take_array<32>();
    const auto accounts = in.take_array<32>();
    const auto notes = in.take_array<32>();
    const auto contracts = in.take_array<32>();
    if (!contracts) return std::nullopt;
    const bool contract_log = !in.empty();
    if (contract_log && (in.take<std::uint8_t>() != 1 || !in.empty())) return std::nullopt;
    return ChainOrigin{*chain_id, {*owner, *stakes, *accounts, *notes}, *contracts, contract_log};
}

Bytes encode(const Epochs& epochs) {
    base::Writer out;
    for (const auto& [epoch, last] : epochs) out.put(epoch).put(last);
    return out.take();
}

std::optional<Epochs> decode_epochs(ByteView bytes) {
    if (bytes.empty() || bytes.size() % 16 != 0) return std::nullopt;
    Epochs out;
    base::Reader in(bytes);
    while (!in.empty()) {
        const auto epoch = in.take<std::uint64_t>();
        out.emplace_back(*epoch, *in.take<std::uint64_t>());
    }
    return out;
}

}  // namespace rues::store::layout
