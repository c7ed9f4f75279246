#include "gateway/proof.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace rues::gateway {
namespace {

std::unexpected<Fault> fault(Broken broken, const ledger::Header& header, std::string_view what) {
    return std::unexpected(Fault{broken, fmt::format("block {}: {}", header.height, what)});
}

base::Hash32 txroot_in(const BlockAnswer& block, ledger::Envelope envelope) {
    std::vector<base::Hash32> digests;
    digests.reserve(block.transactions.size());
    for (const auto& tx : block.transactions) digests.push_back(tx.inner.digest(envelope));
    return ledger::merkle_root(digests);
}

/// The answer does not say which envelope was the ledger's at this height.
bool is_txroot_good(const BlockAnswer& block) {
    using enum ledger::Envelope;
    return std::ranges::any_of(std::array{boreas, aegis}, [&block](ledger::Envelope envelope) {
        return txroot_in(block, envelope) == block.header.txroot;
    });
}

/// False: an event has an origin that the block does not have.
bool put_in_order(BlockAnswer& block) {
    std::map<base::Hash32, std::size_t> places;
    for (const auto& tx : block.transactions) places.emplace(tx.inner.id(), places.size());
    places.emplace(block.header.hash, places.size());
    const bool all_known =
        std::ranges::all_of(block.events, [&places](const auto& event) { return places.contains(event.origin); });
    if (!all_known) return false;
    std::ranges::stable_sort(block.events, {}, [&places](const auto& event) { return places.at(event.origin); });
    return true;
}

}  // namespace

std::string_view name(Broken broken) noexcept {
    switch (broken) {
    case Broken::height:
        return "height";
    case Broken::previous:
        return "prev_block_hash";
    case Broken::hash:
        return "hash";
    case Broken::timestamp:
        return "timestamp";
    case Broken::txroot:
        return "txroot";
    case Broken::event_bloom:
        return "event_bloom";
    case Broken::origin:
        return "origin";
    case Broken::executable:
        return "executable";
    case Broken::gas_spent:
        return "gas_spent";
    case Broken::error:
        return "error";
    case Broken::events:
        return "events";
    case Broken::state_hash:
        return "state_hash";
    case Broken::unexecuted:
        break;
    }
    return "unexecuted";
}

std::expected<void, Fault> prove_header(const ledger::Header& header, const Parent& parent) {
    if (header.height != parent.height + 1)
        return fault(Broken::height, header, fmt::format("block {} was expected", parent.height + 1));
    if (header.compute_hash() != header.hash) return fault(Broken::hash, header, "its bytes have another hash");
    if (header.prev_block_hash != parent.hash)
        return fault(Broken::previous, header, "it follows another block than the tip");
    if (header.timestamp < parent.timestamp) return fault(Broken::timestamp, header, "it is older than its parent");
    return {};
}

std::expected<void, Fault> prove(BlockAnswer& block, const Parent& parent) {
    if (auto good = prove_header(block.header, parent); !good) return good;
    if (!is_txroot_good(block)) return fault(Broken::txroot, block.header, "its transactions have another root");
    if (!put_in_order(block))
        return fault(Broken::origin, block.header, "an event comes from a transaction that is not in the block");
    base::ByteArray<256> bloom{};
    for (const auto& event : block.events) ledger::bloom_insert(bloom, event.contract, event.topic, event.data);
    if (bloom != block.header.event_bloom)
        return fault(Broken::event_bloom, block.header, "its events do not give the header's bloom");
    return {};
}

std::expected<ledger::Transaction, std::string> prove_transaction(std::string_view raw, const ledger::TxId& id) {
    const auto bytes = base::from_hex(raw);
    if (!bytes) return std::unexpected("its bytes are not hex");
    auto decoded = ledger::Transaction::decode(*bytes);
    if (!decoded) return std::unexpected("its bytes are no transaction: " + decoded.error().text);
    if (decoded->id() != id) return std::unexpected("its bytes are another transaction");
    return std::move(*decoded);
}

}  // namespace rues::gateway
