#include "unit/api/fixture.hpp"

namespace rues::api {
namespace {

class HistoryTest : public test::ApiTest {
protected:
    /// Publishes events of one contract with payloads of these sizes, one commit each.
    void publish(const std::vector<std::size_t>& sizes) {
        for (const std::size_t size : sizes) {
            const ledger::ContractEvent event{ledger::kTransferContract, "big", base::Bytes(size), {}};
            ASSERT_TRUE(store_->commit_mempool({{}, {}, {ledger::contract_event(event, {})}}));
        }
    }
    struct Page {
        std::vector<std::string> positions;  ///< of the events on the page
        std::string seen;                    ///< value of Rues-Position
        bool is_last = false;
    };
    Page page(std::size_t limit, const std::string& after) {
        const auto answer =
            ask("GET", "/events/history?on=/on/contracts:" + base::to_hex(ledger::kTransferContract) +
                           "/big&limit=" + std::to_string(limit) + (after.empty() ? "" : "&after=" + after));
        EXPECT_EQ(answer.status, 200U) << answer.body;
        Page out;
        out.seen = answer.headers.at("rues-position");
        out.is_last = out.seen == answer.headers.at("rues-head");
        const std::string key = R"("Rues-Position":")";
        for (auto at = answer.body.find(key); at != std::string::npos; at = answer.body.find(key, at + 1)) {
            const auto begin = at + key.size();
            out.positions.push_back(answer.body.substr(begin, answer.body.find('"', begin) - begin));
        }
        return out;
    }
    std::string at(std::uint64_t seq) const { return wire::Position{store_->epoch(), seq}.to_string(); }
    std::vector<std::string> all(std::initializer_list<std::uint64_t> sequence) const {
        std::vector<std::string> out;
        for (const auto seq : sequence) out.push_back(at(seq));
        return out;
    }
};

constexpr std::size_t kLarge = 1'500'000;  // two fit into the 4 MiB of a page

TEST_F(HistoryTest, the_event_that_reaches_the_limit_but_does_not_fit_is_on_the_next_page) {
    publish({kLarge, kLarge, kLarge, 10, 10});

    const auto first = page(3, "");
    const auto second = page(3, first.seen);

    EXPECT_EQ(first.positions, all({1, 2}));
    EXPECT_EQ(first.seen, at(2));
    EXPECT_FALSE(first.is_last);
    EXPECT_EQ(second.positions, all({3, 4, 5}));
    EXPECT_TRUE(second.is_last);
}

TEST_F(HistoryTest, pages_of_any_limit_have_every_event_exactly_once) {
    publish({10, kLarge, 10, kLarge, kLarge, kLarge, 10});

    for (const std::size_t limit : {1U, 2U, 3U, 4U, 100U}) {
        SCOPED_TRACE(limit);
        std::vector<std::string> found;
        Page last;
        for (int pages = 0; !last.is_last && pages < 20; ++pages) {
            last = page(limit, last.seen);
            EXPECT_LE(last.positions.size(), limit);
            for (auto& position : last.positions) found.push_back(std::move(position));
        }
        EXPECT_EQ(found, all({1, 2, 3, 4, 5, 6, 7}));
    }
}

// Its position shows how far the log was read.
TEST_F(HistoryTest, a_full_page_ends_at_its_last_event_and_nothing_behind_it_is_read) {
    publish({10});
    for (int i = 0; i < 20; ++i) {
        const ledger::ContractEvent other{ledger::kTransferContract, "small", {}, {}};
        ASSERT_TRUE(store_->commit_mempool({{}, {}, {ledger::contract_event(other, {})}}));
    }
    publish({10});

    const auto first = page(1, "");
    const auto second = page(1, first.seen);

    EXPECT_EQ(first.positions, all({1}));
    EXPECT_EQ(first.seen, at(1));
    EXPECT_EQ(second.positions, all({22}));
    EXPECT_EQ(second.seen, at(22));
}

TEST_F(HistoryTest, a_page_after_the_last_event_is_empty_and_is_the_last_page) {
    publish({10, 10});

    const auto end = page(1, at(2));

    EXPECT_TRUE(end.positions.empty());
    EXPECT_TRUE(end.is_last);
}

}  // namespace
}  // namespace rues::api
