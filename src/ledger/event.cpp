#include "ledger/event.hpp"

#include "wire/layouts.hpp"
#include "wire/topics.hpp"

namespace rues::ledger {
namespace {

using wire::Component;
namespace layouts = wire::layouts;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kBinary = "application/octet-stream";

Event json_event(Component component, ByteView entity, std::string_view topic, const base::json::value& payload,
                 std::uint64_t height) {
    return {component,
            base::to_hex(entity),
            std::string(topic),
            {},
            std::string(kJson),
            base::to_bytes(base::json::print(payload)),
            height,
            {}};
}

layouts::Key archived(const crypto::PublicKey& key) {
    return {key.raw()};
}

}  // namespace

std::string Event::uri() const {
    return wire::Uri{component, entity, topic}.location();
}

Event transaction_included(const Transaction& tx, std::uint64_t tip) {
    return json_event(Component::transactions, tx.id(), wire::topic::kIncluded, tx.to_json(), tip);
}

Event transaction_removed(const TxId& id, std::uint64_t height, const Header* in) {
    Event event;
    event.component = Component::transactions;
    event.entity = base::to_hex(id);
    event.topic = wire::topic::kRemoved;
    event.height = height;
    if (in != nullptr) event.block_hash = in->hash;
    return event;
}

Event transaction_deferred(const TxId& id, std::uint64_t tip) {
    return json_event(Component::transactions, id, wire::topic::kDeferred,
                      base::json::object{{"reason", "missing_intermediate_nonce"}}, tip);
}

Event transaction_dropped(const TxId& id, std::string_view reason, std::uint64_t tip) {
    return json_event(Component::transactions, id, wire::topic::kDropped, base::json::object{{"reason", reason}}, tip);
}

Event replaced_by(const TxId& other, Event event) {
    event.replaced_by = other;
    return event;
}

Event transaction_executed(const SpentTransaction& tx, const Header& in) {
    Event event = json_event(Component::transactions, tx.inner.id(), wire::topic::kExecuted, tx.to_json(), in.height);
    event.block_hash = in.hash;
    return event;
}

Event block_accepted(const Block& block) {
    base::json::array ids;
    for (const auto& tx : block.transactions) ids.push_back(base::json::hex(tx.inner.id()));
    const base::json::object payload{{"header", block.header.to_json()}, {"transactions", std::move(ids)}};
    Event event =
        json_event(Component::blocks, block.header.hash, wire::topic::kAccepted, payload, block.header.height);
    event.block_hash = block.header.hash;
    return event;
}

Event block_statechange(const Hash32& of, std::string_view state, const Header& tip) {
    const base::json::object payload{{"atHeight", tip.height}, {"state", state}};
    Event event = json_event(Component::blocks, of, wire::topic::kStatechange, payload, tip.height);
    event.block_hash = tip.hash;
    return event;
}

Event block_reverted(const Header& block) {
    Event event = json_event(Component::blocks, block.hash, wire::topic::kReverted,
                             base::json::object{{"atHeight", block.height}}, block.height);
    event.block_hash = block.hash;
    return event;
}

Event contract_event(const ContractEvent& from, const Header& in) {
    return {Component::contracts,
            base::to_hex(from.contract),
            from.topic,
            base::to_hex(from.origin),
            std::string(kBinary),
            from.data,
            in.height,
            in.hash};
}

Event contract_deployed(const Deploy& deploy, const TxId& by, const Header& in) {
    const auto id = contract_id(deploy);
    const base::json::object payload{{"contract", base::json::hex(id)},
                                     {"origin", base::json::hex(by)},
                                     {"owner", base::json::hex(deploy.owner)},
                                     {"size", deploy.bytecode.size()}};
    Event event = json_event(Component::contracts, id, "deploy", payload, in.height);
    event.origin = base::to_hex(by);
    event.block_hash = in.hash;
    return event;
}

Bytes moonlight_event(const Moonlight& tx, ByteView memo, std::uint64_t gas_spent, std::optional<Refund> refund) {
    layouts::MoonlightEvent event;
    if (tx.receiver) event.receiver = archived(*tx.receiver);
    if (refund) event.refund_info = layouts::KeyAndValue{archived(*refund->address), refund->amount};
    event.sender = archived(tx.sender);
    event.value = tx.value;
    event.memo.assign(base::u8(memo), base::u8(memo) + memo.size());
    event.gas_spent = gas_spent;
    return wire::rkyv::archive(event);
}

Bytes reward_event(std::span<const Reward> rewards) {
    std::vector<layouts::Reward> list;
    list.reserve(rewards.size());
    for (const Reward& reward : rewards) {
        list.push_back({archived(reward.account), reward.value, static_cast<layouts::RewardReason>(reward.reason)});
    }
    return wire::rkyv::archive(list);
}

Bytes encode_message(const Event& event, wire::Position position) {
    return wire::encode_event_message({event.uri(), event.origin, event.content_type, position, event.height,
                                       event.block_hash ? base::to_hex(*event.block_hash) : std::string(),
                                       event.replaced_by ? base::to_hex(*event.replaced_by) : std::string()},
                                      event.payload);
}

}  // namespace rues::ledger
