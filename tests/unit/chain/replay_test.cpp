#include "chain/replay.hpp"

#include <gtest/gtest.h>

#include "chain/genesis_file.hpp"
#include "chain/producer.hpp"
#include "ledger/recording.hpp"
#include "support/recorded.hpp"

namespace rues::chain {
namespace {

using boost::json::object;
using boost::json::value;

constexpr std::uint64_t kUntil = 40;  // later blocks call contracts

value chain_file() {
    return boost::json::parse(recorded::read_file(std::string(RUES_TEST_DATA) + "/rusk-1.7/chain.json"));
}
ReplayReport replayed(const value& recorded, const std::function<void(const ReplayedBlock&)>& on_block = {}) {
    auto report = replay(recorded, *read_genesis(default_genesis()), kUntil, on_block);
    EXPECT_TRUE(report) << report.error();
    return report ? *report : ReplayReport{};
}

TEST(Replay, the_first_forty_recorded_blocks_are_equal_in_everything) {
    const auto report = replayed(chain_file());

    std::map<std::string, std::size_t> equal;
    for (const auto& kind : report.kinds) {
        EXPECT_EQ(kind.different, 0U) << kind.name << ": " << kind.first_difference;
        equal[kind.name] = kind.equal;
    }
    EXPECT_EQ(equal, (std::map<std::string, std::size_t>{{"contract events", 159 + 40},
                                                         {"emission", 40},
                                                         {"event bloom", 40},
                                                         {"event count", 40},
                                                         {"executable", 159},
                                                         {"fees", 40},
                                                         {"gas and error", 159},
                                                         {"header hash", 40},
                                                         {"transaction JSON", 159},
                                                         {"txroot", 40}}));
    EXPECT_EQ(report.last_height, kUntil);
}

/// Compares the accounts of every scenario that had ended by then, "give or take one block".
TEST(Replay, accounts_have_the_recorded_balances_and_nonces) {
    std::map<std::uint64_t, std::map<ledger::AccountKey, std::optional<ledger::Account>>> accounts;
    std::map<std::uint64_t, std::map<ledger::AccountKey, std::uint64_t>> rewards;
    const auto scenarios = recorded::load("scenarios.json");
    std::set<ledger::AccountKey> known;
    const auto key_of = [](const value& account) {
        return base::to_array<96>(*base::from_base58(std::string(account.at("account").as_string())));
    };
    const auto over = [](const value& scenario) {
        return scenario.at("height_after").to_number<std::uint64_t>() < kUntil;
    };
    for (const auto& scenario : scenarios.at("scenarios").as_array()) {
        if (!over(scenario)) continue;
        for (const auto& [who, account] : scenario.at("accounts_after").as_object()) known.insert(key_of(account));
    }

    replayed(chain_file(), [&](const ReplayedBlock& block) {
        for (const auto& key : known) {
            accounts[block.header.height][key] = block.state.account(key);
            const auto stake = block.state.stake(key);
            rewards[block.header.height][key] = stake ? stake->reward : 0;
        }
    });

    std::size_t compared = 0;
    for (const auto& scenario : scenarios.at("scenarios").as_array()) {
        if (!over(scenario)) continue;
        const auto height = scenario.at("height_after").to_number<std::uint64_t>();
        for (const auto& [who, account] : scenario.at("accounts_after").as_object()) {
            const auto key = key_of(account);
            const ledger::Account recorded{account.at("nonce").to_number<std::uint64_t>(),
                                           account.at("balance").to_number<std::uint64_t>()};
            const auto* stake = account.as_object().if_contains("stake");
            const auto reward =
                stake != nullptr && stake->is_object() ? std::stoull(std::string(stake->at("reward").as_string())) : 0;
            bool found = false;
            for (auto at = height - 1; at <= height + 1; ++at) {
                found =
                    found || (accounts[at][key].value_or(ledger::Account{}) == recorded && rewards[at][key] == reward);
            }
            EXPECT_TRUE(found) << scenario.at("name").as_string() << ": " << std::string(who);
            ++compared;
        }
    }
    EXPECT_GE(compared, 17U);
}

/// Replaces the references to chain.json inside a recorded frame by their values.
value written_out(const value& v, const ledger::Recording& chain,
                  const std::map<std::string, value, std::less<>>& transactions) {
    if (!v.is_object()) return v;
    if (const auto* height = v.as_object().if_contains("in_chain"))
        return *chain.header_json(height->to_number<std::size_t>());
    if (const auto* id = v.as_object().if_contains("json_in_chain"))
        return transactions.at(std::string(id->as_string()));
    object out;
    for (const auto& [key, inner] : v.as_object()) out[key] = written_out(inner, chain, transactions);
    return out;
}

// The order of frames: docs/reference/protocol.md 7.2 and docs/reference/recorded.md 1 #9.
TEST(Replay, the_frames_of_the_blocks_have_the_recorded_order) {
    const value recorded = ledger::joined(chain_file());
    const auto chain = *ledger::Recording::read(recorded);
    std::map<std::string, value, std::less<>> transactions;
    for (std::size_t height = 1; height <= kUntil; ++height) {
        for (const auto& tx : chain.block(height).at("transactions").as_array())
            transactions[std::string(tx.at("id").as_string())] = tx.at("json");
    }
    std::vector<ledger::Event> made;
    replayed(recorded, [&](const ReplayedBlock& replayed) {
        ledger::Block block{replayed.header, replayed.outcome.transactions};
        store::BlockCommit commit;
        append_events(commit, block, replayed.outcome, [](const ledger::TxId&) { return true; });
        made.insert(made.end(), commit.events.begin(), commit.events.end());
    });

    std::size_t next = 0;
    const auto frames = recorded::load("events.json");
    for (const auto& frame : frames.at("frames").as_array()) {
        const auto& headers = frame.at(1).as_object();
        const std::string location(headers.at("Content-Location").as_string());
        if (location.ends_with("/included")) continue;  // before any block
        if (next == made.size()) break;
        const auto& event = made[next++];
        ASSERT_EQ(event.uri(), location) << "event " << next;
        const auto* origin = headers.if_contains("Rusk-Origin");
        EXPECT_EQ(event.origin, origin != nullptr ? std::string(origin->as_string()) : "");
        const auto& payload = frame.at(2);
        if (payload.is_string()) {
            EXPECT_TRUE(event.payload.empty()) << location;
        } else if (const auto* place = payload.as_object().if_contains("contract_event_in_chain")) {
            EXPECT_EQ(event.payload,
                      *chain.event_data(place->at(0).to_number<std::size_t>(), place->at(1).to_number<std::size_t>()))
                << location;
        } else {
            EXPECT_EQ(boost::json::parse(base::text(event.payload)), written_out(payload, chain, transactions))
                << location;
        }
    }
    EXPECT_EQ(next, made.size());
    EXPECT_GE(next, 159U * 3 + 40U * 2);
}

/// A recording with one change, and the comparison that must notice it.
struct Change {
    const char* kind;
    std::function<void(object& block)> make;
};
object& first_transaction(object& block) {
    return block["transactions"].as_array()[0].as_object();
}
void add_one(value& number) {
    number = number.to_number<std::uint64_t>() + 1;
}
/// Changes the last digit of a text of hex digits.
void change_text(value& text) {
    auto& t = text.as_string();
    t[t.size() - 1] = t.back() == '0' ? '1' : '0';
}

TEST(Replay, a_changed_recording_differs_in_the_kind_of_thing_that_was_changed) {
    constexpr std::size_t kHeight = 4;  // has transactions
    const Change changes[] = {
        {"fees", [](object& b) { add_one(b["fees"]); }},
        {"emission", [](object& b) { add_one(b["reward"]); }},
        {"txroot", [](object& b) { change_text(b["header"].as_object()["txroot"]); }},
        {"header hash", [](object& b) { change_text(b["header"].as_object()["hash"]); }},
        {"header hash", [](object& b) { change_text(b["header"].as_object()["state_hash"]); }},
        {"event bloom", [](object& b) { change_text(b["header"].as_object()["event_bloom"]); }},
        {"gas and error", [](object& b) { first_transaction(b)["err"] = "Unknown"; }},
        {"fees", [](object& b) { add_one(first_transaction(b)["gasSpent"]); }},
        {"contract events", [](object& b) { add_one(first_transaction(b)["gasSpent"]); }},
        {"transaction JSON", [](object& b) { add_one(first_transaction(b)["json"].as_object()["value"]); }},
        {"executable", [](object& b) { std::swap(b["transactions"].as_array()[0], b["transactions"].as_array()[1]); }},
        {"event count", [](object& b) { b["contractEvents"].as_array().pop_back(); }},
        {"contract events", [](object& b) { change_text(b["contractEvents"].as_array()[0].as_object()["data"]); }},
        {"contract events", [](object& b) { change_text(b["contractEvents"].as_array()[0].as_object()["origin"]); }},
        {"contract events", [](object& b) { b["contractEvents"].as_array()[0].as_object()["topic"] = "phoenix"; }},
        {"contract events",
         [](object& b) { std::swap(b["contractEvents"].as_array()[0], b["contractEvents"].as_array()[1]); }},
    };
    const auto original = chain_file();
    for (const Change& change : changes) {
        auto recorded = original;
        change.make(recorded.as_object()["blocks"].as_array()[kHeight].as_object());

        const auto report = replay(recorded, *read_genesis(default_genesis()), kHeight);

        ASSERT_TRUE(report) << report.error();
        EXPECT_FALSE(report->all_equal()) << change.kind;
        const auto kind = std::ranges::find(report->kinds, std::string(change.kind), &ReplayReport::Kind::name);
        ASSERT_NE(kind, report->kinds.end()) << change.kind;
        EXPECT_GT(kind->different, 0U) << change.kind << " number " << &change - changes;
    }
}

TEST(Replay, what_is_no_recording_is_refused) {
    const auto genesis = *read_genesis(default_genesis());

    EXPECT_FALSE(replay(boost::json::parse("{}"), genesis, 1));
    EXPECT_FALSE(replay(boost::json::parse(R"({"blocks":[{},{}]})"), genesis, 1));
    EXPECT_FALSE(replay(boost::json::parse(R"({"blocks":[5]})"), genesis, 1));
}

}  // namespace
}  // namespace rues::chain
