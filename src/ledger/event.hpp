#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ledger/block.hpp"
#include "wire/frame.hpp"
#include "wire/uri.hpp"

/// All events of the chain, as the event log stores them and clients receive them. docs/reference/protocol.md 6, 7;
/// docs/reference/rusk-1.7.md 5. Pure.
namespace rues::ledger {

/// An event that a contract emitted; `data` is rkyv (docs/reference/ledger.md 9.2).
struct ContractEvent {
    ContractId contract{};
    std::string topic;
    Bytes data;
    Hash32 origin{};  ///< transaction id, or the block's hash for an event of the block itself
    friend bool operator==(const ContractEvent&, const ContractEvent&) = default;
};

/// One event, before it is appended to the log.
struct Event {
    wire::Component component{};
    std::string entity;  ///< 64 hex digits
    std::string topic;
    std::string origin;        ///< in hex; only contract events have one
    std::string content_type;  ///< empty when there is no payload
    Bytes payload;
    std::uint64_t height = 0;           ///< height of its block; for events of the mempool, height of the tip
    std::optional<Hash32> block_hash;   ///< only events of a block have one
    std::optional<TxId> replaced_by{};  ///< the transaction that replaced this event's transaction

    std::string uri() const;  ///< the Content-Location of its frame
    friend bool operator==(const Event&, const Event&) = default;
};

/// @name The catalogue (docs/reference/protocol.md 7.1). `tip` is the height of the tip at that time; `in` is the block
/// of the event.
/// @{
Event transaction_included(const Transaction& tx, std::uint64_t tip);
Event transaction_removed(const TxId& id, std::uint64_t height, const Header* in = nullptr);
Event transaction_deferred(const TxId& id, std::uint64_t tip);
Event transaction_dropped(const TxId& id, std::string_view reason, std::uint64_t tip);
/// The same event, for a transaction that left the mempool because `other` replaced it.
Event replaced_by(const TxId& other, Event event);
Event transaction_executed(const SpentTransaction& tx, const Header& in);
Event block_accepted(const Block& block);
/// `of` changed to `state` ("confirmed" or "finalized") because `tip` was accepted.
Event block_statechange(const Hash32& of, std::string_view state, const Header& tip);
/// `block` was taken back.
Event block_reverted(const Header& block);
Event contract_event(const ContractEvent& event, const Header& in);
/// Published for each contract that a block deployed. The node has no such event; it is no event of the contract, so it
/// is in no bloom and in no archive (docs/reference/differences.md 37).
Event contract_deployed(const Deploy& deploy, const TxId& by, const Header& in);
/// @}

/// @name Payloads of the genesis contracts' events (docs/reference/ledger.md 9.2).
/// @{
struct Refund {
    const crypto::PublicKey* address;
    std::uint64_t amount;
};
/// Payload of the event `moonlight`. `refund` becomes its `refund_info`; nullopt leaves that empty.
Bytes moonlight_event(const Moonlight& tx, ByteView memo, std::uint64_t gas_spent, std::optional<Refund> refund);
enum class RewardReason : std::uint8_t { generator_fixed = 0, generator_extra = 1, voter = 2, other = 3 };
struct Reward {
    crypto::PublicKey account;
    std::uint64_t value = 0;
    RewardReason reason{};
};
/// Payload of the event `reward`, with the rewards in this order.
Bytes reward_event(std::span<const Reward> rewards);
/// @}

/// The complete WebSocket message of an event with this position, as it is stored and sent.
Bytes encode_message(const Event& event, wire::Position position);

}  // namespace rues::ledger
