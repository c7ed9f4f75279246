#include <gtest/gtest.h>

#include <map>

#include "ledger/event.hpp"
#include "ledger/genesis.hpp"
#include "ledger/recording.hpp"
#include "support/recorded.hpp"
#include "wire/layouts.hpp"

/// Makes every frame of one recorded session of the node (events.json) again from the recorded chain, and compares.
namespace rues::ledger {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;
namespace layouts = wire::layouts;

struct RecordedChain {
    value chain = recorded::load("chain.json");
    Recording blocks = *Recording::read(chain);
    std::map<std::string, Transaction> transactions;  ///< posted or executed, by id
    std::map<std::string, SpentTransaction> executed;
    std::vector<Block> made;

    RecordedChain() {
        for (std::size_t height = 0; height < blocks.size(); ++height) {
            Block& block = made.emplace_back();
            block.header = *blocks.header(height);
            for (const auto& tx : blocks.block(height).at("transactions").as_array()) {
                SpentTransaction spent{*Transaction::decode(recorded::hex(tx.at("raw"))), height,
                                       tx.at("gasSpent").to_number<std::uint64_t>(), std::nullopt};
                if (const auto* error = tx.at("err").if_string()) spent.error = std::string(*error);
                transactions.emplace(base::to_hex(spent.inner.id()), spent.inner);
                executed.emplace(base::to_hex(spent.inner.id()), spent);
                block.transactions.push_back(std::move(spent));
            }
        }
        const auto scenarios = recorded::load("scenarios.json");
        for (const auto& scenario : scenarios.at("scenarios").as_array()) {
            for (const auto& step : scenario.at("steps").as_array()) {
                const auto* posted = step.as_object().if_contains("tx");
                if (posted == nullptr || !posted->is_string()) continue;
                if (const auto tx = Transaction::decode(recorded::hex(*posted)))
                    transactions.emplace(base::to_hex(tx->id()), *tx);
            }
        }
    }
};

const RecordedChain& all() {
    static const RecordedChain made;
    return made;
}

/// The last five blocks of the session come after the end of chain.json; their frames contain all that is needed.
Block block_of(const object& accepted) {
    const auto& header = accepted.at("header").as_object();
    if (const auto* height = header.if_contains("in_chain")) return all().made.at(height->to_number<std::size_t>());
    return {*Header::from_json(header), {}};
}

/// The payload that the node sent: references resolved, keys sorted, without spaces.
std::string payload_of(const value& recorded_payload, std::string_view topic) {
    if (recorded_payload.is_string()) return std::string(recorded_payload.as_string());
    object payload = recorded_payload.as_object();
    if (topic == "accepted" && payload.at("header").as_object().contains("in_chain")) {
        const auto height = payload.at("header").at("in_chain").to_number<std::size_t>();
        payload["header"] = *all().blocks.header_json(height);
    } else if (topic == "executed") {
        const std::string id(payload.at("inner").at("json_in_chain").as_string());
        for (const auto& tx : all().blocks.block(all().executed.at(id).block_height).at("transactions").as_array()) {
            if (tx.at("id").as_string() == id) payload["inner"] = tx.at("json");
        }
    }
    return base::json::print(base::json::sorted(payload));
}

Event made_again(const wire::Uri& uri, const value& payload) {
    const auto hash = *base::array_from_hex<32>(uri.entity.value());
    if (uri.topic == "accepted") return block_accepted(block_of(payload.as_object()));
    if (uri.topic == "included") return transaction_included(all().transactions.at(*uri.entity), 0);
    if (uri.topic == "deferred") return transaction_deferred(hash, 0);
    if (uri.topic == "dropped") return transaction_dropped(hash, payload.at("reason").as_string(), 0);
    if (uri.topic == "removed") return transaction_removed(hash, 0);
    Header in;
    if (uri.topic == "statechange") {
        in.height = payload.at("atHeight").to_number<std::uint64_t>();
        return block_statechange(hash, payload.at("state").as_string(), in);
    }
    return transaction_executed(all().executed.at(*uri.entity), in);
}

TEST(RecordedEvents, frames_of_blocks_and_transactions_equal_the_recorded_bytes) {
    std::map<std::string, std::size_t> seen;
    const value events = recorded::load("events.json");
    for (const auto& frame : events.at("frames").as_array()) {
        const auto uri = wire::Uri::parse(frame.at(1).at("Content-Location").as_string());
        ASSERT_TRUE(uri && uri->entity);
        if (uri->component == wire::Component::contracts) continue;
        const Event event = made_again(*uri, frame.at(2));
        EXPECT_EQ(event.uri(), frame.at(1).at("Content-Location").as_string());
        EXPECT_EQ(base::text(event.payload), payload_of(frame.at(2), uri->topic)) << event.uri();
        ++seen[uri->topic];
    }
    // The numbers were counted in the recorded file.
    const std::map<std::string, std::size_t> expected{{"accepted", 412}, {"statechange", 822}, {"included", 322},
                                                      {"removed", 316},  {"executed", 314},    {"deferred", 70},
                                                      {"dropped", 67}};
    EXPECT_EQ(seen, expected);
}

TEST(RecordedEvents, frames_of_contracts_equal_the_recorded_bytes) {
    std::size_t seen = 0;
    const value events = recorded::load("events.json");
    for (const auto& frame : events.at("frames").as_array()) {
        const auto& headers = frame.at(1).as_object();
        if (!headers.contains("Rusk-Origin")) continue;
        if (frame.at(2).as_object().contains("hex")) continue;  // after the end of chain.json
        const auto& place = frame.at(2).at("contract_event_in_chain");
        const auto height = place.at(0).to_number<std::size_t>();
        const auto index = place.at(1).to_number<std::size_t>();
        const auto& emitted = all().blocks.block(height).at("contractEvents").at(index);
        const ContractEvent from{*base::array_from_hex<32>(emitted.at("source").as_string()),
                                 std::string(emitted.at("topic").as_string()), *all().blocks.event_data(height, index),
                                 *base::array_from_hex<32>(headers.at("Rusk-Origin").as_string())};

        const Event event = contract_event(from, all().made.at(height).header);

        EXPECT_EQ(event.uri(), headers.at("Content-Location").as_string());
        EXPECT_EQ(event.origin, headers.at("Rusk-Origin").as_string());
        EXPECT_EQ(event.payload.size(), frame.at(2).at("bytes").to_number<std::size_t>());
        ++seen;
    }
    EXPECT_EQ(seen, 795U);  // counted in the file
}

TEST(RecordedEvents, recorded_contract_events_follow_from_transactions_and_rewards) {
    std::size_t moonlight = 0, rewards = 0;
    for (std::size_t height = 0; height < all().blocks.size(); ++height) {
        const auto& events = all().blocks.block(height).at("contractEvents").as_array();
        for (std::size_t index = 0; index < events.size(); ++index) {
            const auto data = *all().blocks.event_data(height, index);
            const auto& topic = events[index].at("topic").as_string();
            if (topic == "moonlight") {
                const auto& spent = all().executed.at(std::string(events[index].at("origin").as_string()));
                const auto& tx = *spent.inner.moonlight();
                // The amount of a refund depends on the execution, so it comes from the recording; its address comes
                // from the transaction.
                const auto recorded_event = wire::rkyv::unarchive<layouts::MoonlightEvent>(data);
                ASSERT_TRUE(recorded_event);
                std::optional<Refund> refund;
                if (recorded_event->refund_info)
                    refund = Refund{&tx.refund_or_sender(), recorded_event->refund_info->value};
                EXPECT_EQ(moonlight_event(tx, spent.inner.memo().value_or(Bytes()), spent.gas_spent, refund), data);
                ++moonlight;
            } else if (topic == "reward") {
                const auto entries = wire::rkyv::unarchive<layouts::RewardEvent>(data);
                ASSERT_TRUE(entries);
                std::vector<Reward> list;
                for (const auto& entry : *entries)
                    list.push_back({*crypto::PublicKey::decode_raw(entry.account.bytes), entry.value,
                                    static_cast<RewardReason>(entry.reason)});
                EXPECT_EQ(reward_event(list), data);
                const auto dusk = std::ranges::find(list, RewardReason::other, &Reward::reason);
                ASSERT_NE(dusk, list.end());
                EXPECT_EQ(dusk->account, dusk_key());  // docs/reference/ledger.md 10.8
                ++rewards;
            }
        }
    }
    EXPECT_EQ(moonlight, 314U);
    EXPECT_EQ(rewards, 407U);
}

}  // namespace
}  // namespace rues::ledger
