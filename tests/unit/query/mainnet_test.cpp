#include <filesystem>

#include "fixture.hpp"

/// Blocks, transactions and events that a mainnet node answered in spring 2025, put into a store. Their parents are not
/// recorded, so no block is final here.
namespace rues::query::test {
namespace {

using boost::json::object;
using boost::json::value;

const std::string kFolder = std::string(RUES_SHARED_VECTORS) + "/mainnet/";

value answer_of(const std::string& file) {
    const auto recorded = boost::json::parse(recorded::read_file(kFolder + file));
    return boost::json::parse(recorded.at("response_body").as_string());
}

class Mainnet : public testing::Test {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(kFolder)) GTEST_SKIP() << kFolder << " is not there";
        store_ = store::Store::open({.directory = folder_.path() / "store", .sync_blocks = false}).value();
        ASSERT_TRUE(store_->commit_genesis({}, {}));
    }
    void commit(const value& recorded, std::vector<ledger::ContractEvent> events = {}) {
        const auto header =
            ledger::Header::from_json(boost::json::parse(recorded.at("header").at("json").as_string()).as_object());
        ASSERT_TRUE(header) << header.error();
        commit(*header, recorded.at("transactions").as_array(), std::move(events));
    }
    void commit(const ledger::Header& header, const boost::json::array& transactions,
                std::vector<ledger::ContractEvent> events = {}) {
        ledger::Block block{header, {}};
        for (const auto& each : transactions) {
            auto tx = ledger::Transaction::decode_historical(recorded::hex(each.at("raw")));
            ASSERT_TRUE(tx) << tx.error().text;
            std::optional<std::string> error;
            if (each.at("err").is_string()) error = std::string(each.at("err").as_string());
            block.transactions.push_back(
                {std::move(*tx), header.height, recorded::number(each, "gasSpent"), std::move(error)});
        }
        store::BlockCommit commit;
        commit.block = &block;
        commit.label = {ledger::Label::Kind::attested, 1};
        commit.contract_events = std::move(events);
        ASSERT_TRUE(store_->commit_block(commit));
    }
    value ask(const std::string& document) const {
        const auto answer = test::ask(*store_->snapshot(), document);
        EXPECT_TRUE(answer.errors.empty()) << answer.envelope();
        return boost::json::parse(answer.data, {}, {.max_depth = 100});
    }

    rues::test::TemporaryFolder folder_;
    std::unique_ptr<store::Store> store_;
};

/// Parses JSON texts inside an answer, because the node prints keys of inner objects in a different order each time.
value read(const value& from) {
    if (const auto* list = from.if_array()) {
        boost::json::array out;
        for (const auto& each : *list) out.push_back(read(each));
        return out;
    }
    const auto* members = from.if_object();
    if (members == nullptr) return from;
    object out;
    for (const auto& [key, member] : *members)
        out[key] = key == "json" && member.is_string() ? boost::json::parse(member.as_string()) : read(member);
    return out;
}

const std::string kTransaction =
    "{ tx { json id gasLimit gasPrice txType callData { contractId fnName data } isDeploy memo raw } err gasSpent "
    "blockHash blockHeight blockTimestamp id raw }";
const std::string kBlock =
    " { header { version height prevBlockHash timestamp hash stateHash generatorBlsPubkey txRoot gasLimit seed "
    "iteration "
    "json } reward fees gasSpent transactions " +
    kTransaction + " }";

TEST_F(Mainnet, blocks_and_transactions_equal_the_recording) {
    std::size_t blocks = 0;
    std::size_t transactions = 0;
    for (const char* file : {"get-block-info.json", "get-block-info-1.json", "get-block-info-2.json",
                             "get-block-info-of-a-single-block.json", "get-block-info-of-a-single-block-1.json"}) {
        const auto answer = answer_of(file);
        std::vector<value> recorded;
        if (answer.as_object().contains("block"))
            recorded = {answer.at("block")};
        else
            recorded.assign(answer.at("blocks").as_array().begin(), answer.at("blocks").as_array().end());
        for (const auto& block : recorded) {
            commit(block);
            const std::string hash(block.at("header").at("hash").as_string());
            EXPECT_EQ(read(ask("{ block(hash: \"" + hash + "\")" + kBlock + " }").at("block")), read(block)) << hash;
            ++blocks;
            transactions += block.at("transactions").as_array().size();
        }
    }
    EXPECT_EQ(blocks, 35U);
    EXPECT_EQ(transactions, 2U);
}

/// These transactions were recorded without their blocks; they contain the hash, height and time of the header.
TEST_F(Mainnet, transactions_of_both_kinds_equal_the_recording) {
    std::map<std::string, std::size_t> kinds;
    for (const char* file :
         {"get-block-transactions.json", "get-block-transactions-1.json", "get-block-transactions-2.json"}) {
        const auto answer = answer_of(file);
        for (const auto& tx : answer.at("blockTxs").as_array()) {
            ledger::Header header;
            header.height = recorded::number(tx, "blockHeight");
            header.timestamp = recorded::number(tx, "blockTimestamp");
            header.hash = base::to_array<32>(recorded::hex(tx.at("blockHash")));
            commit(header, {tx});
            const std::string id(tx.at("id").as_string());
            EXPECT_EQ(read(ask("{ tx(hash: \"" + id + "\") " + kTransaction + " }").at("tx")), read(tx)) << id;
            ++kinds[std::string(tx.at("tx").at("txType").as_string())];
        }
    }
    EXPECT_EQ(kinds["Moonlight"] + kinds["Phoenix"], 30U);
    EXPECT_GT(kinds["Phoenix"], 0U);
}

TEST_F(Mainnet, contract_events_equal_the_recording) {
    const auto recorded = answer_of("get-contract-events.json").at("contractEvents").at("json").as_array();
    std::vector<ledger::ContractEvent> events;
    for (const auto& each : recorded)
        events.push_back({base::to_array<32>(recorded::hex(each.at("source"))),
                          std::string(each.at("topic").as_string()), recorded::hex(each.at("data")),
                          base::to_array<32>(recorded::hex(each.at("origin")))});
    commit(answer_of("get-block-info-of-a-single-block.json").at("block"), events);
    const auto answer = ask("{ contractEvents(height: 1085980) { json } }");
    auto expected = recorded;
    // this key exists since 1.7 (docs/reference/rusk-1.7.md 6.1)
    for (auto& each : expected) each.as_object()["reverted"] = false;
    EXPECT_EQ(answer.at("contractEvents").at("json"), value(expected));
}

}  // namespace
}  // namespace rues::query::test
