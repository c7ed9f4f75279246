#include "chain/replay.hpp"

#include <gtest/gtest.h>

#include "chain/producer.hpp"
#include "ledger/recording.hpp"
#include "machine.hpp"
#include "support/recorded.hpp"
#include "wire/layouts.hpp"

namespace rues::chain {
namespace {

using boost::json::object;
using boost::json::value;

constexpr std::uint64_t kAll = UINT64_MAX;

value file(const std::string& name) {
    return boost::json::parse(recorded::read_file(std::string(RUES_TEST_DATA) + "/rusk-1.7/" + name));
}
value chain_file() {
    return file("chain.json");
}
std::expected<ReplayReport, std::string> replay_until(const value& recorded, std::uint64_t until,
                                                      const std::function<void(const ReplayedBlock&)>& on_block = {}) {
    return replay(recorded, test::machine(), test::parts_of(test::default_genesis_file()), until, on_block);
}
ReplayReport replayed(const value& recorded, std::uint64_t until = kAll,
                      const std::function<void(const ReplayedBlock&)>& on_block = {}) {
    auto report = replay_until(recorded, until, on_block);
    EXPECT_TRUE(report) << report.error();
    return report ? *report : ReplayReport{};
}

/// Executes a whole recorded chain. Everything is equal, and so is what the contracts answer in the end.
void compare_whole_chain(const std::string& name, std::size_t blocks, std::size_t transactions,
                         std::size_t failed_deployments) {
    const value recorded = ledger::joined(file(name));
    SharedState last;
    const auto report = replayed(recorded, kAll, [&last](const ReplayedBlock& block) { last = block.state; });

    std::map<std::string, std::size_t> equal;
    for (const auto& kind : report.kinds) {
        EXPECT_EQ(kind.different, 0U) << kind.name << ": " << kind.first_difference;
        equal[kind.name] = kind.equal;
    }
    std::size_t events = 0;
    for (const auto& block : recorded.at("blocks").as_array()) {
        if (const auto* list = block.as_object().if_contains("contractEvents")) events += list->as_array().size();
    }
    const std::size_t other = report.other_deployment_texts.size();
    EXPECT_LE(other, failed_deployments);
    EXPECT_EQ(equal, (std::map<std::string, std::size_t>{{"contract events", events},
                                                         {"emission", blocks},
                                                         {"error", transactions - other},
                                                         {"event bloom", blocks},
                                                         {"event count", blocks},
                                                         {"executable", transactions},
                                                         {"fees", blocks},
                                                         {"gas", transactions},
                                                         {"header hash", blocks},
                                                         {"state hash", blocks + 1},
                                                         {"transaction JSON", transactions},
                                                         {"txroot", blocks}}));
    EXPECT_EQ(report.last_height, blocks);

    const test::Asked asked(last, blocks);
    const auto& state = recorded.at("state").as_object();
    for (const auto* function : {"num_notes", "root", "chain_id"}) {
        EXPECT_EQ(asked.tip().call(ledger::kTransferContract, function, {}), recorded::hex(state.at(function)))
            << function;
    }
    for (const auto* function : {"burnt_amount", "get_config", "get_version"}) {
        EXPECT_EQ(asked.tip().call(ledger::kStakeContract, function, {}), recorded::hex(state.at(function)))
            << function;
    }
    const auto stream = [&](const ledger::ContractId& contract, std::string_view function, base::ByteView argument) {
        base::Bytes out;
        const auto fed = asked.tip().feed(contract, function, argument, [&out](base::ByteView item) {
            base::append(out, item);
            return true;
        });
        EXPECT_TRUE(fed) << function;
        return out;
    };
    for (const auto* function : {"sync_accounts", "sync_contract_balances", "sync_nullifiers"}) {
        EXPECT_EQ(stream(ledger::kTransferContract, function, base::Bytes(16)), recorded::hex(state.at(function)))
            << function;
    }
    for (const auto* function : {"stakes", "prev_state_changes"})
        EXPECT_EQ(stream(ledger::kStakeContract, function, {}), recorded::hex(state.at(function))) << function;
    base::Bytes new_notes;
    for (const auto& note : state.at("new_notes").as_array()) base::append(new_notes, recorded::hex(note));
    EXPECT_EQ(stream(ledger::kTransferContract, "leaves_from_pos", wire::rkyv::archive(std::uint64_t{2'068})),
              new_notes);
}

TEST(Replay, a_recorded_chain_is_equal_in_everything) {
    compare_whole_chain("chain.json", 407, 314, 9);
}

TEST(Replay, a_recorded_chain_with_contracts_is_equal_in_everything) {
    compare_whole_chain("chain-contracts.json", 163, 84, 18);
}

/// Compares the accounts of every scenario when it was over, "give or take one block".
TEST(Replay, accounts_have_the_recorded_balances_and_nonces) {
    std::map<std::uint64_t, SharedState> states;
    const auto scenarios = recorded::load("scenarios.json");
    const auto key_of = [](const value& account) {
        return base::to_array<96>(*base::from_base58(std::string(account.at("account").as_string())));
    };

    const auto report =
        replayed(chain_file(), kAll, [&](const ReplayedBlock& block) { states[block.header.height] = block.state; });
    const auto reward_at = [](const test::Asked& asked, const crypto::PublicKey& key) {
        const auto stake = wire::rkyv::unarchive<std::optional<wire::layouts::StakeData>>(
            asked.tip()
                .call(ledger::kStakeContract, "get_stake", wire::rkyv::archive(wire::layouts::Key{key.raw()}))
                .value());
        return stake && *stake ? (*stake)->reward : 0;
    };

    std::size_t compared = 0;
    for (const auto& scenario : scenarios.at("scenarios").as_array()) {
        const auto* after = scenario.as_object().if_contains("accounts_after");
        if (after == nullptr || !after->is_object()) continue;
        const auto height = scenario.at("height_after").to_number<std::uint64_t>();
        for (const auto& [who, account] : after->as_object()) {
            const auto key = crypto::PublicKey::decode(key_of(account)).value();
            const ledger::Account recorded{account.at("nonce").to_number<std::uint64_t>(),
                                           account.at("balance").to_number<std::uint64_t>()};
            const auto* stake = account.as_object().if_contains("stake");
            const auto reward =
                stake != nullptr && stake->is_object() ? std::stoull(std::string(stake->at("reward").as_string())) : 0;
            bool found = false;
            for (auto at = std::max<std::uint64_t>(height, 2) - 1; at <= std::min(height + 1, report.last_height);
                 ++at) {
                const test::Asked asked(states[at], at);
                found = found || (asked.account(key) == recorded && reward_at(asked, key) == reward);
            }
            EXPECT_TRUE(found) << scenario.at("name").as_string() << ": " << std::string(who);
            ++compared;
        }
    }
    EXPECT_GE(compared, 100U);
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
    constexpr std::uint64_t kUntil = 40;  // later blocks follow removals of replaced transactions
    std::map<std::string, value, std::less<>> transactions;
    for (std::size_t height = 1; height <= kUntil; ++height) {
        for (const auto& tx : chain.block(height).at("transactions").as_array())
            transactions[std::string(tx.at("id").as_string())] = tx.at("json");
    }
    std::vector<ledger::Event> made;
    replayed(recorded, kUntil, [&](const ReplayedBlock& replayed) {
        ledger::Block block{replayed.header, replayed.outcome.transactions};
        store::BlockCommit commit;
        FinalityChanges finality;
        if (block.header.height > 1) finality.confirmed = finality.finalized = {block.header.prev_block_hash};
        append_events(commit, block, replayed.outcome, finality,
                      [](const ledger::Transaction& tx) { return std::vector{tx.id()}; });
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
        {"state hash", [](object& b) { change_text(b["header"].as_object()["state_hash"]); }},
        {"event bloom", [](object& b) { change_text(b["header"].as_object()["event_bloom"]); }},
        {"error", [](object& b) { first_transaction(b)["err"] = "Unknown"; }},
        {"error", [](object& b) { first_transaction(b)["err"] = "Panic: failed deployment: Unknown"; }},
        {"gas", [](object& b) { add_one(first_transaction(b)["gasSpent"]); }},
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

        const auto report = replay_until(recorded, kHeight);

        ASSERT_TRUE(report) << report.error();
        EXPECT_FALSE(report->all_equal()) << change.kind;
        const auto kind = std::ranges::find(report->kinds, std::string(change.kind), &ReplayReport::Kind::name);
        ASSERT_NE(kind, report->kinds.end()) << change.kind;
        EXPECT_GT(kind->different, 0U) << change.kind << " number " << &change - changes;
    }
}

TEST(Replay, what_is_no_recording_is_refused) {
    EXPECT_FALSE(replay_until(boost::json::parse("{}"), 1));
    EXPECT_FALSE(replay_until(boost::json::parse(R"({"blocks":[{},{}]})"), 1));
    EXPECT_FALSE(replay_until(boost::json::parse(R"({"blocks":[5]})"), 1));
}

}  // namespace
}  // namespace rues::chain
