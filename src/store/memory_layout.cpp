#include "store/memory_layout.hpp"

#include <lz4.h>

#include "store/layout.hpp"

namespace rues::store::layout {
namespace {

constexpr std::size_t kId = 32;
constexpr std::size_t kPageKey = std::tuple_size_v<Piece> + 8;
constexpr std::uint8_t kRaw = 0;
constexpr std::uint8_t kLz4 = 1;
constexpr std::uint64_t kNone = ~std::uint64_t{0};  ///< height of no version

}  // namespace

Bytes contract_key(ContractEntry entry, const ledger::ContractId& contract) {
    Bytes out{static_cast<std::byte>(entry)};
    base::append(out, contract);
    return out;
}

std::optional<ledger::ContractId> contract_of(ByteView key) {
    if (key.size() != 1 + kId) return std::nullopt;
    return base::to_array<kId>(key.subspan(1));
}

Bytes encode(const StoredContract& contract) {
    base::Writer out(16 + contract.owner.size() + contract.code.size());
    out.put(contract.position).put(static_cast<std::uint8_t>(contract.memory64));
    put_sized(out, contract.owner);
    out.put(contract.code);
    return out.take();
}

std::optional<StoredContract> decode_contract(ByteView key, ByteView bytes) {
    const auto id = contract_of(key);
    base::Reader in(bytes);
    const auto position = in.take<std::uint32_t>();
    const auto memory64 = in.take<std::uint8_t>();
    const auto owner = take_sized(in);
    if (!id || !position || !memory64 || *memory64 > 1 || !owner) return std::nullopt;
    return StoredContract{*id, *position, *memory64 == 1, 0, *owner, in.rest()};
}

Piece piece_of(const ledger::ContractId& contract, std::uint32_t number, std::uint8_t piece) {
    Piece out;
    std::ranges::copy(contract, out.begin());
    base::store_be(out.data() + kId, number);
    out.back() = std::byte{piece};
    return out;
}

Bytes page_key(const Piece& piece, std::uint64_t height) {
    Bytes out(kPageKey);
    std::ranges::copy(piece, out.begin());
    base::store_be(out.data() + piece.size(), ~height);
    return out;
}

std::optional<PageVersion> version_of(ByteView key) {
    if (key.size() != kPageKey || std::to_integer<std::uint8_t>(key[kPagePrefix]) >= kPiecesOfPage) return std::nullopt;
    return PageVersion{base::to_array<kId>(key), base::load_be<std::uint32_t>(key.data() + kId),
                       std::to_integer<std::uint8_t>(key[kPagePrefix]),
                       ~base::load_be<std::uint64_t>(key.data() + kPagePrefix + 1)};
}

Bytes encode_page(const Hash32& hash, ByteView bytes) {
    const std::size_t head = hash.size() + 1;
    const auto size = static_cast<int>(bytes.size());
    Bytes out(head + static_cast<std::size_t>(LZ4_compressBound(size)));
    std::ranges::copy(hash, out.begin());
    const int packed =
        LZ4_compress_default(reinterpret_cast<const char*>(bytes.data()), reinterpret_cast<char*>(&out[head]), size,
                             static_cast<int>(out.size() - head));
    if (packed > 0 && packed < size) {
        out[head - 1] = std::byte{kLz4};
        out.resize(head + static_cast<std::size_t>(packed));
        return out;
    }
    out[head - 1] = std::byte{kRaw};
    out.resize(head);
    base::append(out, bytes);
    return out;
}

std::optional<Hash32> decode_page(ByteView stored, std::span<std::byte> bytes) {
    base::Reader in(stored);
    const auto hash = in.take_array<32>();
    const auto form = in.take<std::uint8_t>();
    if (!hash || !form) return std::nullopt;
    const ByteView rest = in.rest();
    if (*form == kRaw && rest.size() == bytes.size()) {
        std::ranges::copy(rest, bytes.begin());
        return hash;
    }
    if (*form != kLz4 || rest.size() >= bytes.size()) return std::nullopt;
    const int size =
        LZ4_decompress_safe(reinterpret_cast<const char*>(rest.data()), reinterpret_cast<char*>(bytes.data()),
                            static_cast<int>(rest.size()), static_cast<int>(bytes.size()));
    return size == static_cast<int>(bytes.size()) ? hash : std::nullopt;
}

Bytes encode(const Replaced& replaced) {
    base::Writer out;
    const auto& log = replaced.log;
    out.put(log.first_seq).put(log.last_seq).put(log.decided.confirmed).put(log.decided.final);
    out.put(static_cast<std::uint32_t>(replaced.deployed.size()));
    for (const auto& contract : replaced.deployed) out.put(ByteView(contract));
    out.put(static_cast<std::uint32_t>(replaced.resized.size()));
    for (const auto& one : replaced.resized) out.put(ByteView(one.contract)).put(one.memory_pages);
    out.put(static_cast<std::uint32_t>(replaced.pieces.size()));
    for (const auto& one : replaced.pieces) out.put(ByteView(one.piece)).put(one.before.value_or(kNone));
    return out.take();
}

std::optional<Replaced> decode_replaced(ByteView bytes) {
    base::Reader in(bytes);
    Replaced out;
    for (auto* number : {&out.log.first_seq, &out.log.last_seq, &out.log.decided.confirmed, &out.log.decided.final}) {
        const auto value = in.take<std::uint64_t>();
        if (!value) return std::nullopt;
        *number = *value;
    }
    const auto count = [&in](std::size_t size) -> std::optional<std::uint32_t> {
        const auto n = in.take<std::uint32_t>();
        return n && *n <= in.remaining() / size ? n : std::nullopt;
    };
    const auto deployed = count(kId);
    for (std::uint32_t i = 0; deployed && i < *deployed; ++i) out.deployed.push_back(*in.take_array<kId>());
    const auto resized = deployed ? count(kId + 4) : std::nullopt;
    for (std::uint32_t i = 0; resized && i < *resized; ++i) {
        const auto contract = in.take_array<kId>();
        out.resized.push_back({*contract, *in.take<std::uint32_t>()});
    }
    const auto pieces = resized ? count(kPageKey) : std::nullopt;
    for (std::uint32_t i = 0; pieces && i < *pieces; ++i) {
        const auto piece = in.take_array<std::tuple_size_v<Piece>>();
        const auto before = *in.take<std::uint64_t>();
        out.pieces.push_back({*piece, before == kNone ? std::nullopt : std::optional(before)});
    }
    if (!pieces || !in.empty()) return std::nullopt;
    return out;
}

}  // namespace rues::store::layout
