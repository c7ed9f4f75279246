#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "gateway/block_answer.hpp"

/// Checks what a node says of a block against the block's own header. Pure.
///
/// What a header proves, and what it cannot prove, is listed in docs/decisions/0033.
namespace rues::gateway {

/// The rule that an answer breaks.
enum class Broken : std::uint8_t {
    height,       ///< the block is not the next one
    previous,     ///< it does not follow the block that is the tip here: a lie, or another branch
    hash,         ///< the header's hash is not that of its bytes
    timestamp,    ///< it is older than its parent
    txroot,       ///< transactions were added, left out, altered or reordered
    event_bloom,  ///< events were altered, left out or invented
    origin,       ///< an event names a transaction that the block does not have
    // Found only by executing the block (execution.hpp):
    executable,  ///< it breaks a rule of execution: no network has such a block
    gas_spent,   ///< of a transaction
    error,       ///< of a transaction
    events,      ///< their order, their number, or which transaction emitted them
    state_hash,  ///< the header does not have the hash of the state after the block
    unexecuted,  ///< it could not be executed, which says nothing of the node
};
std::string_view name(Broken broken) noexcept;

struct Fault {
    Broken broken{};
    std::string text;  ///< one sentence for people
};

/// The block that a new one must follow.
struct Parent {
    std::uint64_t height = 0;
    base::Hash32 hash{};
    std::uint64_t timestamp = 0;
};

/// Checks the header alone: height, link, time, hash.
std::expected<void, Fault> prove_header(const ledger::Header& header, const Parent& parent);

/// Checks a whole block, and puts its events in the order in which blocks execute: those of each transaction together,
/// in the order of the transactions, then those of the block itself (docs/reference/graphql.md 5.1). A node lists the
/// events of a final block by origin, so the order of origins in the answer says nothing.
std::expected<void, Fault> prove(BlockAnswer& block, const Parent& parent);

/// The id of the transaction in hex bytes `raw` is `id`: then nobody altered it. The error says why not.
std::expected<ledger::Transaction, std::string> prove_transaction(std::string_view raw, const ledger::TxId& id);

}  // namespace rues::gateway
