#include "store/archive_layout.hpp"

#include "crypto/hash.hpp"
#include "store/layout.hpp"

namespace rues::store::layout {
namespace {

constexpr std::size_t kContract = 32;
constexpr std::size_t kAccount = 96;
constexpr std::size_t kMemoHash = 32;
constexpr std::size_t kTransaction = 32;
constexpr std::size_t kPosition = 4;

/// Sizes of the parts of an index's keys, besides the number that each has.
struct Form {
    std::size_t id = 0;
    std::size_t transaction = 0;
    std::size_t position = 0;
};

/// nullopt when there is no such index.
std::optional<Form> form_of(char tag) {
    switch (static_cast<Index>(tag)) {
    case Index::contract:
        return Form{.id = kContract};
    case Index::inflow:
    case Index::outflow:
        return Form{.id = kAccount, .transaction = kTransaction};
    case Index::memo:
        return Form{.id = kMemoHash, .transaction = kTransaction};
    case Index::phoenix:
    case Index::transactions:
        return Form{};
    case Index::calls:
    case Index::deployed:
        return Form{.id = kContract, .position = kPosition};
    case Index::deployments:
        return Form{.position = kPosition};
    }
    return std::nullopt;
}

}  // namespace

Bytes events_key(std::uint64_t height, std::uint32_t position) {
    Bytes out(12);
    base::store_be(out.data(), height);
    base::store_be(out.data() + 8, position);
    return out;
}

std::optional<EventsPlace> place_of_events(ByteView key) {
    if (key.size() != 12) return std::nullopt;
    return EventsPlace{base::load_be<std::uint64_t>(key.data()), base::load_be<std::uint32_t>(key.data() + 8)};
}

Bytes encode(std::span<const ledger::ContractEvent> events) {
    std::size_t size = 32;
    for (const auto& event : events) size += 32 + 8 + event.topic.size() + event.data.size();
    base::Writer out(size);
    out.put(ByteView(events.front().origin));
    for (const auto& event : events) {
        out.put(ByteView(event.contract));
        put_sized(out, base::view(event.topic));
        put_sized(out, event.data);
    }
    return out.take();
}

std::optional<std::vector<ledger::ContractEvent>> decode_events(ByteView bytes) {
    base::Reader in(bytes);
    const auto origin = in.take_array<32>();
    if (!origin || in.empty()) return std::nullopt;
    std::vector<ledger::ContractEvent> out;
    while (!in.empty()) {
        const auto contract = in.take_array<32>();
        const auto topic = take_sized(in);
        const auto data = take_sized(in);
        if (!contract || !topic || !data) return std::nullopt;
        out.push_back({*contract, std::string(base::text(*topic)), base::to_bytes(*data), *origin});
    }
    return out;
}

Bytes index_prefix(Index index, ByteView id) {
    Bytes out;
    out.reserve(1 + id.size() + 8 + kTransaction);
    out.push_back(static_cast<std::byte>(index));
    base::append(out, id);
    return out;
}

Bytes index_prefix_of_memo(ByteView memo) {
    return index_prefix(Index::memo, crypto::blake2b_256(memo));
}

Bytes index_key(Bytes prefix, std::uint64_t number, ByteView transaction) {
    const std::size_t at = prefix.size();
    prefix.resize(at + 8);
    base::store_be(prefix.data() + at, number);
    base::append(prefix, transaction);
    return prefix;
}

Bytes index_key(Bytes prefix, const BlockPlace& place) {
    base::ByteArray<kPosition> position;
    base::store_be(position.data(), place.index);
    return index_key(std::move(prefix), place.height, position);
}

std::optional<IndexKey> parse_index_key(ByteView key) {
    if (key.empty()) return std::nullopt;
    const auto tag = static_cast<char>(key[0]);
    const auto form = form_of(tag);
    if (!form) return std::nullopt;
    const auto [id, transaction, position] = *form;
    if (key.size() != 1 + id + 8 + transaction + position) return std::nullopt;
    const auto rest = key.subspan(1 + id + 8);
    return IndexKey{static_cast<Index>(tag), key.subspan(1, id), base::load_be<std::uint64_t>(key.data() + 1 + id),
                    rest.first(transaction), position == 0 ? 0 : base::load_be<std::uint32_t>(rest.data())};
}

Bytes encode(const FinalPlace& place) {
    return base::Writer(16).put(place.events.height).put(place.events.position).put(place.index).take();
}

std::optional<FinalPlace> decode_final_place(ByteView bytes) {
    base::Reader in(bytes);
    const auto height = in.take<std::uint64_t>();
    const auto position = in.take<std::uint32_t>();
    const auto index = in.take<std::uint32_t>();
    if (!height || !position || !index || !in.empty()) return std::nullopt;
    return FinalPlace{{*height, *position}, *index};
}

Bytes encode(const DeployedBy& value) {
    return base::Writer(64).put(ByteView(value.contract)).put(ByteView(value.transaction)).take();
}

std::optional<DeployedBy> decode_deployed_by(ByteView bytes) {
    base::Reader in(bytes);
    const auto contract = in.take_array<32>();
    const auto transaction = in.take_array<32>();
    if (!contract || !transaction || !in.empty()) return std::nullopt;
    return DeployedBy{*contract, *transaction};
}

Bytes encode_u32(std::uint32_t value) {
    return base::Writer(4).put(value).take();
}

std::optional<std::uint32_t> decode_u32(ByteView bytes) {
    if (bytes.size() != 4) return std::nullopt;
    return base::load_le<std::uint32_t>(bytes.data());
}

Bytes encode(const ArchiveEnd& end) {
    return base::Writer(16).put(end.height).put(end.rows).take();
}

std::optional<ArchiveEnd> decode_archive_end(ByteView bytes) {
    base::Reader in(bytes);
    const auto height = in.take<std::uint64_t>();
    const auto rows = in.take<std::uint64_t>();
    if (!height || !rows || !in.empty()) return std::nullopt;
    return ArchiveEnd{*height, *rows};
}

}  // namespace rues::store::layout
