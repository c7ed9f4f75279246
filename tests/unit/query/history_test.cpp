#include <algorithm>

#include "fixture.hpp"

/// The archive's answers: the recorded answers, then order, pages and error texts

/// (docs/reference/graphql.md 3, 4.5, 4.6, 5).
namespace rues::query::test {
namespace {

using boost::json::array;
using boost::json::value;

/// The JSON of a history field; null when the field is null.
value history(const std::string& field) {
    const auto answer = data_of("{ x: " + field + " { json } }");
    return answer.at("x").is_null() ? value() : answer.at("x").at("json");
}

std::string argument(std::string_view name, std::string_view text) {
    return std::string(name) + ": " + base::json::print(boost::json::string(text));
}

/// The recorded groups of these origins, without groups of the tip, which is not final here.
value groups_of(const value& origins) {
    if (origins.is_null()) return nullptr;
    array out;
    for (const auto& origin : origins.as_array())
        out.push_back(chain().at("history").at("groups").at(origin.as_string()));
    return out.empty() ? value() : value(out);
}

TEST(RecordedHistory, the_history_of_every_account_equals_the_recording) {
    std::size_t groups = 0;
    for (const auto& [account, lists] : chain().at("history").at("accounts").as_object()) {
        const std::pair<const char*, std::string> fields[] = {
            {"full", "fullMoonlightHistory(" + argument("address", account) + ")"},
            {"sent", "moonlightHistory(" + argument("sender", account) + ")"},
            {"received", "moonlightHistory(" + argument("receiver", account) + ")"}};
        for (const auto& [list, field] : fields) {
            const auto expected = groups_of(lists.at(list));
            EXPECT_EQ(history(field), expected) << field;
            groups += expected.is_null() ? 0 : expected.as_array().size();
        }
        auto reversed = groups_of(lists.at("full"));
        if (reversed.is_array()) std::ranges::reverse(reversed.as_array());
        EXPECT_EQ(history("fullMoonlightHistory(ord: \"desc\", " + argument("address", account) + ")"), reversed);
    }
    EXPECT_GT(groups, 900U);
}

/// The argument is the memo's own text. (The recorded requests passed hex instead, and found nothing.)
TEST(RecordedHistory, the_history_of_every_memo_equals_the_recording) {
    for (const auto& [memo, expected] : chain().at("by_memo").as_object())
        EXPECT_EQ(history("transactionsByMemo(" + argument("memo", memo) + ")"), expected) << memo;
    for (const auto& [height, expected] : chain().at("next_phoenix").as_object())
        EXPECT_EQ(data_of("{ nextPhoenix(height: " + std::string(height) + ") }").at("nextPhoenix"), expected);
}

/// An account with a long history, and the heights of its transactions.
struct Known {
    std::string account;
    std::vector<std::uint64_t> heights;
};
const Known& busiest() {
    static const Known out = [] {
        Known best;
        for (const auto& [account, lists] : chain().at("history").at("accounts").as_object()) {
            const auto groups = groups_of(lists.at("sent"));
            if (!groups.is_array() || groups.as_array().size() <= best.heights.size()) continue;
            best = {std::string(account), {}};
            for (const auto& group : groups.as_array()) best.heights.push_back(recorded::number(group, "block_height"));
        }
        return best;
    }();
    return out;
}

std::vector<std::uint64_t> heights(const std::string& field) {
    std::vector<std::uint64_t> out;
    const auto found = history(field);
    if (found.is_array())
        for (const auto& group : found.as_array()) out.push_back(recorded::number(group, "block_height"));
    return out;
}

TEST(History, bounds_are_inclusive) {
    const auto& [account, all] = busiest();
    ASSERT_GT(all.size(), 20U);
    const std::uint64_t from = all[5];
    const std::uint64_t to = all[all.size() - 5];
    std::vector<std::uint64_t> expected;
    std::ranges::copy_if(all, std::back_inserter(expected),
                         [&](auto height) { return height >= from && height <= to; });
    const std::string bounds = ", fromBlock: " + std::to_string(from) + ", toBlock: " + std::to_string(to);
    EXPECT_EQ(heights("moonlightHistory(" + argument("sender", account) + bounds + ")"), expected);
    EXPECT_TRUE(heights("moonlightHistory(" + argument("sender", account) + ", fromBlock: 100000)").empty());
    EXPECT_TRUE(heights("moonlightHistory(" + argument("sender", account) + ", fromBlock: 9, toBlock: 8)").empty());
}

TEST(History, pages_have_no_gaps_and_end_with_null) {
    const auto& [account, all] = busiest();
    std::vector<std::uint64_t> found;
    const auto page = [&](int number) {
        return heights("moonlightHistory(" + argument("sender", account) +
                       ", maxCount: 7, pageCount: " + std::to_string(number) + ")");
    };
    for (int number = 1;; ++number) {
        const auto part = page(number);
        if (part.empty()) break;
        found.insert(found.end(), part.begin(), part.end());
    }
    EXPECT_EQ(found, all);
    EXPECT_EQ(heights("moonlightHistory(" + argument("sender", account) + ", maxCount: 3)").size(), 3U);
    EXPECT_EQ(heights("moonlightHistory(" + argument("sender", account) + ", pageCount: 2)"), all);
    EXPECT_TRUE(heights("moonlightHistory(" + argument("sender", account) +
                        ", maxCount: 9223372036854775807, pageCount: 9223372036854775807)")
                    .empty());
}

TEST(History, with_both_accounts_only_payments_from_sender_to_receiver_are_found) {
    const auto& sender = busiest().account;
    std::size_t compared = 0;
    for (const auto& [receiver, lists] : chain().at("history").at("accounts").as_object()) {
        if (lists.at("received").is_null() || compared == 20) continue;
        std::vector<std::uint64_t> expected;
        const auto groups = groups_of(lists.at("received"));
        if (!groups.is_array()) continue;
        for (const auto& group : groups.as_array()) {
            const auto& sent = chain().at("history").at("accounts").at(sender).at("sent").as_array();
            if (std::ranges::find(sent, group.at("origin")) != sent.end())
                expected.push_back(recorded::number(group, "block_height"));
        }
        EXPECT_EQ(
            heights("moonlightHistory(" + argument("sender", sender) + ", " + argument("receiver", receiver) + ")"),
            expected);
        ++compared;
    }
    EXPECT_EQ(compared, 20U);
}

const std::string kStake = "02" + std::string(62, '0');

value page_of_events(const std::string& more) {
    return data_of("{ finalizedEvents(contractId: \"" + kStake + "\"" + more + ") { json } }")
        .at("finalizedEvents")
        .at("json");
}

TEST(FinalizedEvents, pages_follow_cursors_and_hold_every_final_event) {
    std::vector<value> expected;
    const auto recording = ledger::Recording::read(chain()).value();
    std::uint64_t id = 0;
    for (std::size_t height = 1; height + 1 < recording.size(); ++height) {
        const auto& events = recording.block(height).at("contractEvents").as_array();
        for (std::size_t i = 0; i < events.size(); ++i) {
            ++id;
            if (events[i].at("source") != kStake.c_str()) continue;
            auto event = events[i].as_object();
            event["data"] = base::to_hex(recording.event_data(height, i).value());
            event["id"] = id;
            event["block_height"] = height;
            event["block_hash"] = recording.block(height).at("header").at("hash");
            expected.emplace_back(event);
        }
    }
    std::vector<value> found;
    std::string cursor;
    for (bool more = true; more;) {
        const auto page = page_of_events(", limit: 200" + cursor);
        const auto& events = page.at("events").as_array();
        ASSERT_FALSE(events.empty());
        found.insert(found.end(), events.begin(), events.end());
        EXPECT_EQ(page.at("startCursor").as_string(),
                  base::to_base64(base::view("v1:" + std::to_string(recorded::number(events.front(), "id")))));
        more = page.at("hasNextPage").as_bool();
        cursor = ", cursor: \"" + std::string(page.at("endCursor").as_string()) + "\"";
    }
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], expected[i]) << i;
}

TEST(FinalizedEvents, limits_are_clamped_and_an_empty_page_has_no_cursors) {
    EXPECT_EQ(page_of_events("").at("events").as_array().size(), 50U);
    EXPECT_EQ(page_of_events(", limit: 0").at("events").as_array().size(), 1U);
    EXPECT_EQ(page_of_events(", limit: -7").at("events").as_array().size(), 1U);
    EXPECT_EQ(page_of_events(", limit: 9999").at("events").as_array().size(), 200U);
    const value nothing{{"endCursor", nullptr}, {"events", array()}, {"hasNextPage", false}, {"startCursor", nullptr}};
    EXPECT_EQ(page_of_events(", cursor: \"" + base::to_base64(base::view("v1:9000000000")) + "\""), nothing);
    EXPECT_EQ(page_of_events(", cursor: \"" + base::to_base64(base::view("v1:-3")) + "\", limit: 1"),
              page_of_events(", limit: 1"));
    // The node compares texts.
    for (const auto& id : {std::string(64, 'z'), "0A" + std::string(62, '0')})
        EXPECT_EQ(data_of("{ finalizedEvents(contractId: \"" + id + "\") { json } }").at("finalizedEvents").at("json"),
                  nothing);
}

TEST(ContractEvents, a_hash_finds_the_events_of_its_block_and_an_unknown_block_has_none) {
    const auto& block = chain().at("blocks").as_array()[60];
    const std::string hash(block.at("header").at("hash").as_string());
    const auto by_hash = data_of("{ contractEvents(hash: \"" + hash + "\") { json } }");
    EXPECT_EQ(by_hash, data_of("{ contractEvents(height: 60) { json } }"));
    for (const char* of : {"height: 9999", "hash: \"00\""})
        EXPECT_EQ(data_of("{ contractEvents(" + std::string(of) + ") { json } }").at("contractEvents").at("json"),
                  value(array()));
}

TEST(ContractEvents, a_negative_height_is_the_last_block_that_is_not_final) {
    const auto tip = data_of("{ contractEvents(height: 407) { json } }");
    EXPECT_FALSE(tip.at("contractEvents").at("json").as_array().empty());
    EXPECT_EQ(data_of("{ contractEvents(height: -1) { json } }"), tip);
}

struct Wrong {
    const char* field;
    const char* message;
};
class HistoryRefusals : public testing::TestWithParam<Wrong> {};

TEST_P(HistoryRefusals, an_error_has_the_text_of_the_node) {
    const auto answer = boost::json::parse(ask("{ " + std::string(GetParam().field) + " { json } }").envelope());
    ASSERT_TRUE(answer.as_object().contains("errors")) << GetParam().field;
    EXPECT_EQ(answer.at("errors").at(0).at("message"), GetParam().message) << GetParam().field;
}

INSTANTIATE_TEST_SUITE_P(
    Archive, HistoryRefusals,
    testing::Values(
        Wrong{R"(fullMoonlightHistory(address: "x"))", "Invalid public key length"},
        Wrong{R"(fullMoonlightHistory(address: ""))", "Invalid public key length"},
        Wrong{R"(fullMoonlightHistory(address: "ab0"))", "provided string contained invalid character '0' at byte 2"},
        Wrong{R"(fullMoonlightHistory(address: "aé"))",
              "provided string contained non-ascii character starting at byte 1"},
        Wrong{
            R"(fullMoonlightHistory(address: "111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111"))",
            "Failed to serialize given public key"},
        Wrong{R"(fullMoonlightHistory(address: "x", fromBlock: -1))", "Failed to parse \"Int\": Invalid number"},
        Wrong{R"(moonlightHistory)", "No sender or receiver provided"},
        Wrong{R"(moonlightHistory(maxCount: 0))", "MaxCount must be greater than 0"},
        Wrong{R"(moonlightHistory(maxCount: -1))", "Failed to parse \"Int\": Invalid number"},
        Wrong{R"(moonlightHistory(sender: "0"))", "Failed to decode given public key to bytes"},
        Wrong{R"(moonlightHistory(receiver: "2"))", "Failed to deserialize bytes BadLength { found: 1, expected: 96 }"},
        Wrong{R"(moonlightHistory(sender: "2", maxCount: 1, pageCount: 0))",
              "Failed to deserialize bytes BadLength { found: 1, expected: 96 }"},
        Wrong{
            R"(moonlightHistory(sender: "oCqYsUMRqpRn2kSabH52Gt6FQCwH5JXj5MtRdYVtjMSJ73AFvdbPf98p3gz98fQwNy9ZBiDem6m9BivzURKFSKLYWP3N9JahSPZs9PnZ996P18rTGAjQTNFsxtbrKx79yWu", maxCount: 1, pageCount: 0))",
            "PageCount must be greater than 0"},
        Wrong{R"(finalizedEvents(contractId: "02"))", "Invalid contract_id"},
        Wrong{
            R"(finalizedEvents(contractId: "0200000000000000000000000000000000000000000000000000000000000000", cursor: "x"))",
            "Invalid cursor"},
        Wrong{
            R"(finalizedEvents(contractId: "0200000000000000000000000000000000000000000000000000000000000000", cursor: "djE6"))",
            "Invalid cursor"},
        Wrong{
            R"(finalizedEvents(contractId: "0200000000000000000000000000000000000000000000000000000000000000", cursor: "djI6MQ=="))",
            "Invalid cursor"}));

}  // namespace
}  // namespace rues::query::test
