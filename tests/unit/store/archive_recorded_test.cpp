#include <filesystem>

#include "fixture.hpp"
#include "ledger/recording.hpp"
#include "support/recorded.hpp"

namespace rues::store {
namespace {

/// A store that holds a chain of a Rusk 1.7.0 node. The answers of that node are the oracle.
class RecordedArchive : public StoreTest {
protected:
    void load(const boost::json::value& chain) {
        chain_ = chain;
        const auto recording = *ledger::Recording::read(chain_);
        store_ = open();
        for (std::size_t height = 0; height < recording.size(); ++height) {
            const auto header = recording.header(height);
            ASSERT_TRUE(header) << header.error();
            if (height == 0) {
                ASSERT_TRUE(store_->commit_genesis(*header, {}));
                continue;
            }
            commit(recording, *header);
        }
    }

    void commit(const ledger::Recording& recording, const ledger::Header& header) {
        const auto& json = recording.block(header.height);
        ledger::Block block{header, {}};
        std::vector<ledger::Hash32> origins;  // in order of execution
        for (const auto& tx : json.at("transactions").as_array()) {
            block.transactions.push_back({*ledger::Transaction::decode(recorded::hex(tx.at("raw"))), header.height,
                                          tx.at("gasSpent").to_number<std::uint64_t>(), std::nullopt});
            origins.push_back(block.transactions.back().inner.id());
        }
        origins.push_back(header.hash);
        BlockCommit next;
        next.block = &block;
        next.label = {ledger::Label::Kind::attested, 1};
        // The recording was made when every block was final, so it lists the events of a block by origin, as an archive
        // does.
        for (const auto& origin : origins) {
            for (const auto& event : recorded_events(recording, header.height)) {
                if (event.origin == origin) next.contract_events.push_back(event);
            }
        }
        if (header.height > 1) next.relabelled = {{header.height - 1, {ledger::Label::Kind::final, 1}}};
        if (header.height + 1 == recording.size()) next.label = {ledger::Label::Kind::final, 1};
        const auto done = store_->commit_block(next);
        ASSERT_TRUE(done) << done.error().text;
    }

    static std::vector<ledger::ContractEvent> recorded_events(const ledger::Recording& recording,
                                                              std::uint64_t height) {
        std::vector<ledger::ContractEvent> out;
        const auto& events = recording.block(height).at("contractEvents").as_array();
        for (std::size_t i = 0; i < events.size(); ++i) {
            out.push_back({*base::array_from_hex<32>(events[i].at("source").as_string()),
                           std::string(events[i].at("topic").as_string()), *recording.event_data(height, i),
                           *base::array_from_hex<32>(events[i].at("origin").as_string())});
        }
        return out;
    }

    /// The list that the node answered; null is an empty list.
    static std::vector<std::string> listed(const boost::json::value& origins) {
        std::vector<std::string> out;
        if (origins.is_null()) return out;
        for (const auto& origin : origins.as_array()) out.emplace_back(origin.as_string());
        return out;
    }
    static std::vector<std::string> listed(const Result<History>& history) {
        EXPECT_TRUE(history) << (history ? "" : history.error().text);
        std::vector<std::string> out;
        if (!history) return out;
        EXPECT_FALSE(history->more);
        for (const auto& place : history->transactions) out.push_back(base::to_hex(place.origin));
        return out;
    }

    void compare_events(std::size_t expected_rows) const {
        const auto recording = *ledger::Recording::read(chain_);
        const auto at = store_->snapshot();
        std::map<ledger::ContractId, std::vector<ledger::ContractEvent>> by_contract;
        std::size_t rows = 0;
        for (std::uint64_t height = 0; height < recording.size(); ++height) {
            const auto events = recorded_events(recording, height);
            EXPECT_EQ(at->listed_events(height).value(), events) << height;
            for (const auto& event : events) by_contract[event.contract].push_back(event);
            rows += events.size();
        }
        EXPECT_EQ(rows, expected_rows);
        EXPECT_EQ(at->archive_end().value(), (ArchiveEnd{recording.size() - 1, rows}));
        for (const auto& [contract, expected] : by_contract) {
            const auto found = at->final_events(contract, 0, 10'000);
            ASSERT_TRUE(found);
            std::vector<ledger::ContractEvent> events;
            for (const auto& event : found->events) {
                EXPECT_EQ(event.block_hash, at->block(event.height).value()->header.hash);
                events.push_back(event.event);
            }
            EXPECT_EQ(events, expected);
        }
    }

    void compare_histories(std::size_t expected_accounts) const {
        const auto at = store_->snapshot();
        const HistoryPage all{.most = 10'000};
        const HistoryPage backwards{.descending = true, .most = 10'000};
        std::size_t accounts = 0;
        for (const auto& [name, expected] : chain_.at("history").at("accounts").as_object()) {
            const auto account = base::to_array<96>(base::from_base58(name).value());
            auto full = listed(expected.at("full"));
            EXPECT_EQ(listed(at->history(account, Archive::Flow::any, all)), full) << name;
            EXPECT_EQ(listed(at->history(account, Archive::Flow::out, all)), listed(expected.at("sent"))) << name;
            EXPECT_EQ(listed(at->history(account, Archive::Flow::in, all)), listed(expected.at("received"))) << name;
            std::ranges::reverse(full);
            EXPECT_EQ(listed(at->history(account, Archive::Flow::any, backwards)), full) << name;
            accounts += !full.empty();
        }
        EXPECT_EQ(accounts, expected_accounts);
    }

    /// Compares height, origin, and the target and topic of each event. The payload in JSON is tested where it is
    /// printed.
    void compare_groups(std::size_t expected_groups) const {
        const auto at = store_->snapshot();
        const auto& groups = chain_.at("history").at("groups").as_object();
        EXPECT_EQ(groups.size(), expected_groups);
        std::map<ledger::TxId, TransactionPlace> places;
        for (const auto& [name, ignored] : chain_.at("history").at("accounts").as_object()) {
            const auto account = base::to_array<96>(base::from_base58(name).value());
            const auto history = at->history(account, Archive::Flow::any, {.most = 10'000});
            for (const auto& place : history->transactions) places[place.origin] = place;
        }
        EXPECT_EQ(places.size(), expected_groups);
        std::vector<TransactionPlace> asked;
        for (const auto& [origin, place] : places) asked.push_back(place);
        const auto found = at->groups(asked);
        ASSERT_TRUE(found) << found.error().text;
        for (const auto& group : *found) {
            const auto& expected = groups.at(base::to_hex(group.origin));
            EXPECT_EQ(group.height, expected.at("block_height").to_number<std::uint64_t>());
            const auto& events = expected.at("events").as_array();
            ASSERT_EQ(group.events.size(), events.size());
            for (std::size_t i = 0; i < events.size(); ++i) {
                EXPECT_EQ(base::to_hex(group.events[i].contract), events[i].at("target").as_string());
                EXPECT_EQ(group.events[i].topic, events[i].at("topic").as_string());
            }
        }
    }

    boost::json::value chain_;
    std::unique_ptr<Store> store_;
};

// The expected numbers were counted in the recorded file.
TEST_F(RecordedArchive, events_histories_and_memos_equal_the_answers_of_the_node) {
    load(recorded::load("chain.json"));
    compare_events(795);
    compare_histories(155);
    compare_groups(314);

    const auto at = store_->snapshot();
    for (const auto& [memo, expected] : chain_.at("by_memo").as_object())  // the recording names memos by their text
        EXPECT_EQ(listed(at->with_memo(base::view(memo), {.most = 10})), listed(expected)) << memo;
    // The recording has two groups whose moonlight event has this memo, both in block 170.
    const auto twins = at->with_memo(base::view("twin"), {.most = 10});
    ASSERT_EQ(twins->transactions.size(), 2U);
    for (const auto& place : twins->transactions) EXPECT_EQ(place.height, 170U);
    EXPECT_LT(twins->transactions[0].origin, twins->transactions[1].origin);

    for (const auto& [height, expected] : chain_.at("next_phoenix").as_object()) {
        ASSERT_TRUE(expected.is_null());
        EXPECT_EQ(at->next_phoenix(*base::parse_u64(height) + 1).value(), std::nullopt);
    }
    EXPECT_EQ(store_->statistics().public_transfers, 314U);  // stats/tx_count of the recording
    EXPECT_EQ(check_archive(*store_)->findings, std::vector<std::string>());
}

TEST_F(RecordedArchive, histories_with_deployed_contracts_equal_the_answers_of_the_node) {
    const std::string path = std::string(RUES_SHARED_VECTORS) + "/rusk-1.7/chain-contracts.json";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "the shared vectors are not here";
    load(recorded::load_file(path));
    compare_events(273);
    compare_histories(16);
    compare_groups(84);
    EXPECT_EQ(check_archive(*store_)->findings, std::vector<std::string>());
}

TEST_F(RecordedArchive, the_last_transactions_come_from_the_last_blocks_with_transactions) {
    load(recorded::load("chain.json"));
    std::vector<std::string> expected;
    const auto& blocks = chain_.at("blocks").as_array();
    for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
        for (const auto& tx : block->at("transactions").as_array()) expected.emplace_back(tx.at("id").as_string());
    }
    for (const std::size_t most :
         {std::size_t{0}, std::size_t{1}, std::size_t{17}, std::size_t{200}, expected.size() + 1}) {
        std::vector<std::string> found;
        const auto ids = store_->snapshot()->last_transactions(most).value();
        for (const auto& id : ids) found.push_back(base::to_hex(id));
        auto wanted = expected;
        wanted.resize(std::min(most, wanted.size()));
        EXPECT_EQ(found, wanted) << most;
    }
}

}  // namespace
}  // namespace rues::store
