#include <boost/json.hpp>

#include "support/recorded.hpp"
#include "unit/api/fixture.hpp"

namespace rues::api {
namespace {

using boost::json::object;

/// A node that has executed recorded transactions: those that fund accounts, and all of the owner of one contract.
class DeployedTest : public test::ApiTest {
protected:
    /// The contract that these tests look at, deployed in block 2; blocks 3 to 8 call it, and the last call fails.
    static constexpr std::string_view kPrefix = "a8956062";

    void SetUp() override {
        begin();
        chain_->start();
        std::vector<boost::json::value> funding;
        std::vector<boost::json::value> owned;
        for (const auto& block : recorded_.at("blocks").as_array()) {
            const auto height = block.at("header").at("height").to_number<std::uint64_t>();
            for (const auto& tx : block.at("transactions").as_array()) {
                if (height <= 6) funding.push_back(tx);
                if (height == 8) sender_ = tx.at("json").at("sender").as_string();
                if (height == 8) id_ = tx.at("contractId").as_string();
                if (tx.at("json").at("sender").as_string() == sender_) owned.push_back(tx);
            }
        }
        ASSERT_TRUE(id_.starts_with(kPrefix));
        send(funding);
        for (const auto& tx : owned) {
            send({tx});
            sent_.emplace_back(tx.at("id").as_string());
        }
    }
    void send(const std::vector<boost::json::value>& transactions) {
        for (const auto& tx : transactions) {
            auto bytes = recorded::hex(tx.at("raw"));
            bytes.erase(bytes.begin());  // the ledger's envelope to that of clients (docs/reference/rusk-1.7.md 7.1)
            bytes[0] = std::byte{1};
            const auto answer = ask("POST", "/on/transactions/propagate", "Content-Type: application/octet-stream\r\n",
                                    std::string(base::text(bytes)));
            ASSERT_EQ(answer.status, 202U) << answer.body;
        }
        ASSERT_EQ(ask("POST", "/dev/mine").status, 200U);
    }
    object get(const std::string& path) {
        const auto answer = ask("GET", path);
        EXPECT_EQ(answer.status, 200U) << path << ": " << answer.body;
        return boost::json::parse(answer.body).as_object();
    }
    std::string refusal(const std::string& path, unsigned status) {
        const auto answer = ask("GET", path);
        EXPECT_EQ(answer.status, status) << path;
        return answer.body;
    }

    const boost::json::value recorded_ = recorded::load("chain-contracts.json");
    std::string sender_;
    std::string id_;
    std::vector<std::string> sent_;  ///< ids: the deployment, then the calls
};

TEST_F(DeployedTest, a_contract_has_the_size_and_hash_of_its_code_its_owner_and_its_deployment) {
    const auto found = get("/contracts/" + id_);

    EXPECT_EQ(found.at("id").as_string(), id_);
    EXPECT_TRUE(found.at("owner").is_null());  // its owner has 111 bytes, and is no account
    EXPECT_EQ(found.at("deployment").at("block_height").to_number<int>(), 2);
    EXPECT_EQ(found.at("deployment").at("transaction").as_string(), sent_[0]);
    const auto tx = ledger::Transaction::decode(
        (*store_->snapshot()->transaction(*base::array_from_hex<32>(sent_[0])).value()).raw);
    EXPECT_EQ(found.at("code_hash").as_string(), base::to_hex(tx->deploy()->bytecode_hash));
    EXPECT_EQ(found.at("code_bytes").to_number<std::size_t>(), tx->deploy()->bytecode.size());
    EXPECT_GT(found.at("memory_pages").to_number<int>(), 0);
    EXPECT_EQ(get("/contracts/0x" + id_), found);
}

TEST_F(DeployedTest, a_genesis_contract_has_no_deployment_and_is_not_in_the_list) {
    const auto transfer = get("/contracts/01" + std::string(62, '0'));
    EXPECT_TRUE(transfer.at("deployment").is_null());
    EXPECT_EQ(transfer.at("owner").as_string(), base::to_base58(genesis_.owner.value_or(ledger::dusk_key()).bytes()));

    const auto listed = get("/contracts");

    ASSERT_EQ(listed.at("contracts").as_array().size(), 1U);
    EXPECT_EQ(listed.at("contracts").at(0), get("/contracts/" + id_));
    EXPECT_TRUE(listed.at("next").is_null());
}

TEST_F(DeployedTest, calls_come_newest_first_page_by_page_with_their_errors) {
    std::vector<std::string> found;
    std::string before;
    for (;;) {
        const auto page = get("/contracts/" + id_ + "/calls?limit=4" + before);
        for (const auto& call : page.at("calls").as_array()) {
            found.emplace_back(call.at("transaction").as_string());
            EXPECT_EQ(call.at("sender").as_string(), sender_);
        }
        if (page.at("next").is_null()) break;
        before = "&before=" + std::string(page.at("next").as_string());
    }

    EXPECT_EQ(found, std::vector(sent_.rbegin(), sent_.rend() - 1));
    const auto newest = get("/contracts/" + id_ + "/calls?limit=1").at("calls").at(0).as_object();
    EXPECT_EQ(newest.at("fn_name").as_string(), "absent");
    EXPECT_EQ(newest.at("err").as_string(), "Unknown");
    EXPECT_GT(newest.at("gas_spent").to_number<std::uint64_t>(), 0U);
    EXPECT_EQ(newest.at("block_height").to_number<std::uint64_t>(), chain_->tip().height);
    EXPECT_EQ(newest.at("block_timestamp").to_number<std::uint64_t>(), chain_->tip().timestamp);
}

TEST_F(DeployedTest, a_contract_that_nobody_called_has_an_empty_list_and_an_unknown_one_is_404) {
    const std::string unknown(64, 'a');
    EXPECT_EQ(ask("GET", "/contracts/02" + std::string(62, '0') + "/calls").body, R"({"calls":[],"next":null})");
    EXPECT_EQ(refusal("/contracts/" + unknown, 404), R"({"error":"Not found: contract"})");
}

TEST_F(DeployedTest, a_malformed_id_cursor_or_parameter_is_400) {
    for (const std::string path : {"/contracts/12", "/contracts/12/calls"})
        EXPECT_EQ(refusal(path, 400), R"({"error":"Invalid input: Invalid contract id"})");
    for (const auto& list : {std::string("/contracts"), "/contracts/" + id_ + "/calls"}) {
        for (const std::string before : {"x", "1", "1-", "-1", "1-4294967296", "18446744073709551616-0"})
            EXPECT_EQ(refusal(list + "?before=" + before, 400),
                      R"({"error":"Invalid input: before must be the `next` of a page"})");
        for (const std::string limit : {"0", "201", "x", ""})
            EXPECT_EQ(refusal(list + "?limit=" + limit, 400),
                      R"({"error":"Invalid input: limit must be a number from 1 to 200"})");
        EXPECT_EQ(refusal(list + "?topic=x", 400), R"({"error":"Invalid input: unknown parameter topic"})");
    }
}

TEST_F(DeployedTest, a_page_of_events_with_a_topic_has_only_those_and_says_where_to_continue) {
    const std::string transfer = "/archive/contracts/01" + std::string(62, '0');
    const auto all = get(transfer + "?limit=200").at("events").as_array();
    std::vector<boost::json::value> expected;
    for (const auto& event : all) {
        if (event.at("topic").as_string() == "moonlight") expected.push_back(event);
    }
    ASSERT_GT(expected.size(), 5U);
    ASSERT_LT(expected.size(), all.size() + 1);

    std::vector<boost::json::value> found;
    std::string before;
    for (;;) {
        const auto page = get(transfer + "?topic=moonlight&limit=3" + before);
        EXPECT_LE(page.at("events").as_array().size(), 3U);
        for (const auto& event : page.at("events").as_array()) found.push_back(event);
        if (page.at("next").is_null()) break;
        before = "&before=" + std::string(page.at("next").as_string());
    }

    EXPECT_EQ(found, expected);
    EXPECT_EQ(ask("GET", transfer + "?topic=").body, R"({"events":[],"next":null})");
    EXPECT_EQ(ask("GET", transfer + "?topic=moonligh").body, R"({"events":[],"next":null})");
}

using ManyEvents = test::ApiTest;

// The stake contract emits `reward` in each block, and nothing else.
TEST_F(ManyEvents, a_page_with_a_topic_examines_a_bounded_number_of_events) {
    chain_->start();
    for (int i = 0; i < 12; ++i) ASSERT_EQ(ask("POST", "/dev/mine", {}, "100").status, 200U);
    const std::string stake = "/archive/contracts/02" + std::string(62, '0');
    const auto newest = boost::json::parse(ask("GET", stake + "?limit=1").body).at("events").at(0).at("id");

    const auto page = boost::json::parse(ask("GET", stake + "?topic=stake").body).as_object();

    EXPECT_TRUE(page.at("events").as_array().empty());
    const auto next = base::parse_u64(std::string(page.at("next").as_string()));
    ASSERT_TRUE(next);
    EXPECT_EQ(*next, newest.to_number<std::uint64_t>() - 999);
}

}  // namespace
}  // namespace rues::api
