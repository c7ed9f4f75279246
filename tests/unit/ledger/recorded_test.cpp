#include "support/recorded.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "ledger/event.hpp"

namespace rues::ledger {
namespace {

using boost::json::array;
using boost::json::value;

const Recording& recording();

const value& chain() {
    static const value v = recorded::load("chain.json");
    return v;
}

const Recording& recording() {
    static const Recording r = *Recording::read(chain());
    return r;
}

TEST(RecordedChain, every_transaction_decodes_and_gives_its_bytes_id_and_json_back) {
    std::size_t count = 0;
    for (const auto& block : chain().at("blocks").as_array()) {
        for (const auto& recorded_tx : block.at("transactions").as_array()) {
            const auto raw = recorded::hex(recorded_tx.at("raw"));
            const auto tx = Transaction::decode(raw);
            ASSERT_TRUE(tx) << tx.error().text;
            if (tx->moonlight() == nullptr) continue;
            EXPECT_EQ(tx->encode(Envelope::boreas), raw);
            EXPECT_EQ(base::to_hex(tx->id()), recorded_tx.at("id").as_string());
            const auto& json = recorded_tx.at("json");
            const value expected = json.is_string() ? boost::json::parse(json.as_string()) : json;
            EXPECT_EQ(base::json::sorted(tx->to_json()), base::json::sorted(expected));
            EXPECT_TRUE(crypto::verify(tx->moonlight()->sender, tx->moonlight()->signature, tx->signature_message()));
            ++count;
        }
    }
    EXPECT_GT(count, 300U);
}

TEST(RecordedChain, headers_hash_to_what_the_node_said_and_print_as_it_printed_them) {
    const auto& blocks = chain().at("blocks").as_array();
    for (std::size_t height = 0; height < blocks.size(); ++height) {
        const auto json = *recording().header_json(height);
        const auto header = Header::from_json(json);
        ASSERT_TRUE(header) << height << ": " << header.error();
        EXPECT_EQ(header->compute_hash(), header->hash) << height;
        EXPECT_EQ(header->to_json_declared(), json) << height;
        EXPECT_EQ(Header::decode(header->encode()), *header) << height;
    }
}

TEST(RecordedChain, txroot_and_bloom_follow_from_transactions_and_contract_events) {
    const auto& blocks = chain().at("blocks").as_array();
    for (std::size_t height = 0; height < blocks.size(); ++height) {
        std::vector<Hash32> leaves;
        for (const auto& tx : blocks[height].at("transactions").as_array()) {
            leaves.push_back(Transaction::decode(recorded::hex(tx.at("raw")))->digest());
        }
        ByteArray<256> bloom{};
        const auto& events = blocks[height].at("contractEvents").as_array();
        for (std::size_t i = 0; i < events.size(); ++i) {
            bloom_insert(bloom, *base::array_from_hex<32>(events[i].at("source").as_string()),
                         events[i].at("topic").as_string(), *recording().event_data(height, i));
        }
        const auto header = *Header::from_json(*recording().header_json(height));
        EXPECT_EQ(merkle_root(leaves), header.txroot) << height;
        EXPECT_EQ(bloom, header.event_bloom) << height;
    }
}

TEST(RecordedScenarios, what_the_node_could_not_decode_is_refused_with_its_text) {
    std::size_t refused = 0;
    const auto recorded_scenarios = recorded::load("scenarios.json");
    for (const auto& scenario : recorded_scenarios.at("scenarios").as_array()) {
        for (const auto& step : scenario.at("steps").as_array()) {
            const auto* tx = step.as_object().if_contains("tx");
            const auto* answer = step.as_object().if_contains("preverify");
            if (tx == nullptr || tx->is_null() || answer == nullptr ||
                (tx->is_object() && tx->as_object().contains("raw_in_chain"))) {
                continue;
            }
            const std::string_view body = answer->at("body").as_string();
            constexpr std::string_view kPrefix = "{\"error\":\"Invalid input: Data: ";
            const auto decoded = Transaction::decode(recorded::hex(*tx));
            if (body.starts_with(kPrefix)) {
                ASSERT_FALSE(decoded) << scenario.at("name");
                EXPECT_EQ(decoded.error().text, body.substr(kPrefix.size(), body.size() - kPrefix.size() - 2))
                    << scenario.at("name");
                ++refused;
            } else {
                ASSERT_TRUE(decoded) << scenario.at("name") << decoded.error().text;
                EXPECT_EQ(base::to_hex(decoded->id()), step.at("id").as_string()) << scenario.at("name");
            }
        }
    }
    EXPECT_GT(refused, 15U);
}

TEST(SharedVectors, sixty_old_moonlight_transactions_decode_reencode_and_verify_under_v1) {
    const std::string path = std::string(RUES_SHARED_VECTORS) + "/transactions/moonlight.hex";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "the shared vectors are not here";
    std::istringstream lines(recorded::read_file(path));
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        const auto bytes = *base::from_hex(line);
        const auto tx = Transaction::decode_historical(bytes);
        ASSERT_TRUE(tx) << tx.error().text;
        EXPECT_EQ(tx->encode(Envelope::aegis), bytes);
        EXPECT_TRUE(crypto::verify(tx->moonlight()->sender, tx->moonlight()->signature, tx->signature_message(),
                                   crypto::BlsVersion::v1));
    }
    EXPECT_EQ(count, 60);
}

TEST(SharedVectors, sixty_phoenix_transactions_decode_and_reencode) {
    const std::string path = std::string(RUES_SHARED_VECTORS) + "/transactions/phoenix.hex";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "the shared vectors are not here";
    std::istringstream lines(recorded::read_file(path));
    for (std::string line; std::getline(lines, line);) {
        const auto bytes = *base::from_hex(line);
        const auto tx = Transaction::decode(bytes);
        ASSERT_TRUE(tx) << tx.error().text;
        EXPECT_EQ(tx->encode(Envelope::aegis), bytes);
    }
}

/// Every object in a recorded answer that has raw, id and json of a Moonlight transaction.
void check_mainnet(const value& v, std::size_t& count) {
    if (const auto* list = v.if_array()) {
        for (const auto& item : *list) check_mainnet(item, count);
        return;
    }
    const auto* object = v.if_object();
    if (object == nullptr) {
        return;
    }
    if (const auto* raw = object->if_contains("raw"); raw != nullptr && raw->is_string() && object->contains("id")) {
        const auto tx = Transaction::decode_historical(*base::from_hex(raw->as_string()));
        ASSERT_TRUE(tx);
        if (tx->moonlight() != nullptr) {
            EXPECT_EQ(base::to_hex(tx->id()), object->at("id").as_string());
            if (const auto* json = object->if_contains("json"); json != nullptr && json->is_string()) {
                EXPECT_EQ(base::json::sorted(tx->to_json()), base::json::sorted(boost::json::parse(json->as_string())));
            }
            ++count;
        }
    }
    for (const auto& pair : *object) check_mainnet(pair.value(), count);
}

TEST(SharedVectors, mainnet_moonlight_transactions_have_the_recorded_ids_and_json) {
    const std::filesystem::path folder = std::string(RUES_SHARED_VECTORS) + "/mainnet";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the shared vectors are not here";
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        const auto answer = boost::json::parse(recorded::read_file(file.path()));
        const auto* body = answer.is_object() ? answer.as_object().if_contains("response_body") : nullptr;
        if (body == nullptr) continue;
        boost::system::error_code error;
        check_mainnet(body->is_string() ? boost::json::parse(body->as_string(), error) : *body, count);
    }
    EXPECT_GT(count, 0U);
}

}  // namespace
}  // namespace rues::ledger
