#include "support/recorded.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "crypto/hash.hpp"
#include "ledger/event.hpp"
#include "ledger/recording.hpp"

namespace rues::ledger {
namespace {

using boost::json::array;
using boost::json::value;

const value& chain() {
    static const value v = recorded::load("chain.json");
    return v;
}

const Recording& recording() {
    static const Recording r = *Recording::read(chain());
    return r;
}

/// The keys of an object in their order. The node prints the keys of inner objects (fee, call) in an order that changes
/// from one transaction to the next.
std::vector<std::string> keys(const value& v) {
    std::vector<std::string> out;
    for (const auto& pair : v.as_object()) out.emplace_back(pair.key());
    return out;
}

/// Checks bytes, id, JSON, digest and signature of every transaction of a recorded chain. Returns their number.
std::size_t check_transactions(const value& recorded_chain) {
    std::size_t count = 0;
    for (const auto& block : recorded_chain.at("blocks").as_array()) {
        for (const auto& recorded_tx : block.at("transactions").as_array()) {
            const auto& id = recorded_tx.at("id").as_string();
            const auto raw = recorded::hex(recorded_tx.at("raw"));
            const auto tx = Transaction::decode(raw);
            EXPECT_TRUE(tx) << id << (tx ? "" : tx.error().text);
            if (!tx || tx->moonlight() == nullptr) continue;
            EXPECT_EQ(tx->encode(Envelope::boreas), raw) << id;
            EXPECT_EQ(base::to_hex(tx->id()), id);
            EXPECT_EQ(tx->digest(), crypto::sha3_256(raw)) << id;
            EXPECT_EQ(keys(tx->to_json_declared()), keys(recorded_tx.at("json"))) << id;
            EXPECT_EQ(base::json::print(tx->to_json()), base::json::print(base::json::sorted(recorded_tx.at("json"))))
                << id;
            EXPECT_TRUE(crypto::verify(tx->moonlight()->sender, tx->moonlight()->signature, tx->signature_message()));
            const auto shown = UncheckedTransaction::decode(raw);
            EXPECT_TRUE(shown && shown->to_json_declared() == tx->to_json_declared()) << id;
            EXPECT_EQ(in_aegis_envelope(raw), tx->encode(Envelope::aegis)) << id;
            EXPECT_EQ(in_aegis_envelope(tx->encode(Envelope::aegis)), tx->encode(Envelope::aegis)) << id;
            ++count;
        }
    }
    return count;
}

TEST(RecordedChain, every_transaction_decodes_and_keeps_its_bytes_id_and_json) {
    EXPECT_EQ(check_transactions(chain()), 314U);  // counted in the file
}

TEST(RecordedChain, every_transaction_that_deploys_or_calls_contracts_keeps_its_bytes_id_and_json) {
    const std::string path = std::string(RUES_SHARED_VECTORS) + "/rusk-1.7/chain-contracts.json";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "the shared vectors are not here";

    EXPECT_EQ(check_transactions(recorded::load_file(path)), 84U);  // counted in the file
}

TEST(RecordedChain, headers_have_the_hash_and_json_of_the_node) {
    const auto& blocks = chain().at("blocks").as_array();
    for (std::size_t height = 0; height < blocks.size(); ++height) {
        const auto json = *recording().header_json(height);
        const auto header = Header::from_json(json);
        ASSERT_TRUE(header) << height << ": " << header.error();
        EXPECT_EQ(header->compute_hash(), header->hash) << height;
        EXPECT_EQ(base::json::print(header->to_json_declared()), base::json::print(json)) << height;
        EXPECT_EQ(base::json::print(header->to_json()), base::json::print(base::json::sorted(json))) << height;
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

/// The decoder's error text in an answer of preverify; empty when the node could decode the bytes.
std::string_view decode_error(std::string_view body) {
    constexpr std::string_view kPrefix = "{\"error\":\"Invalid input: Data: ", kEnd = "\"}";
    if (!body.starts_with(kPrefix)) return {};
    return body.substr(kPrefix.size(), body.size() - kPrefix.size() - kEnd.size());
}

struct Checked {
    std::size_t accepted = 0, refused = 0;
};

/// Checks every posted transaction: it decodes to its id, or it is refused with the node's text.
Checked check_posted(const value& scenarios) {
    Checked out;
    for (const auto& scenario : scenarios.at("scenarios").as_array()) {
        for (const auto& step : scenario.at("steps").as_array()) {
            const auto* tx = step.as_object().if_contains("tx");
            // The recording does not have the bytes, or has them in chain.json.
            if (tx == nullptr || !tx->is_string()) continue;
            const auto* answer = step.as_object().if_contains("preverify");
            const std::string_view text =
                answer != nullptr ? decode_error(answer->at("body").as_string()) : std::string_view();
            const auto decoded = Transaction::decode(recorded::hex(*tx));
            if (text.empty()) {
                EXPECT_EQ(decoded ? "" : decoded.error().text, "") << scenario.at("name");
                EXPECT_EQ(decoded ? base::to_hex(decoded->id()) : "", step.at("id").as_string()) << scenario.at("name");
                ++out.accepted;
            } else {
                EXPECT_EQ(decoded ? "decoded" : decoded.error().text, text) << scenario.at("name");
                ++out.refused;
            }
        }
    }
    return out;
}

TEST(RecordedScenarios, posted_transactions_decode_to_their_id_or_are_refused_with_the_text_of_the_node) {
    const auto [accepted, refused] = check_posted(recorded::load("scenarios.json"));
    EXPECT_EQ(refused, 24U);  // counted in the file
    EXPECT_GT(accepted, 200U);
    EXPECT_EQ(check_posted(recorded::load("scenarios-extra.json")).accepted, 8U);
}

TEST(RecordedScenarios, posted_deployments_and_contract_calls_decode_to_their_id) {
    const std::string path = std::string(RUES_SHARED_VECTORS) + "/rusk-1.7/scenarios-contracts.json";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "the shared vectors are not here";

    EXPECT_GT(check_posted(recorded::load_file(path)).accepted, 50U);
}

TEST(RecordedAnswers, bodies_that_are_not_transactions_get_the_text_of_the_node) {
    std::size_t checked = 0;
    const auto answers = recorded::load("http.json");
    for (const auto& row : answers.as_array()) {
        if (row.at("request").at("path").as_string() != "/on/transactions/preverify") continue;
        const auto* text = row.at("answer").at("body").as_object().if_contains("text");
        const auto* sent = row.at("request").at("body").as_object().if_contains("text");
        const auto expected = text != nullptr ? decode_error(text->as_string()) : std::string_view();
        if (expected.empty() || sent == nullptr) continue;
        const std::string_view body = sent->as_string();
        const auto bytes = body.starts_with("0x") ? base::from_hex(body.substr(2)) : base::to_bytes(body);
        if (!bytes) continue;  // refused before it is decoded
        const auto decoded = Transaction::decode(*bytes);
        ASSERT_FALSE(decoded) << row.at("name");
        EXPECT_EQ(decoded.error().text, expected) << row.at("name");
        ++checked;
    }
    EXPECT_EQ(checked, 4U);  // empty, hex, bin, json
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
    std::vector<Transaction> all;
    for (std::string line; std::getline(lines, line);) {
        const auto bytes = *base::from_hex(line);
        const auto tx = Transaction::decode(bytes);
        ASSERT_TRUE(tx) << tx.error().text;
        EXPECT_EQ(tx->encode(Envelope::aegis), bytes);
        EXPECT_EQ(Transaction::decode(tx->encode(Envelope::boreas))->id(), tx->id());
        all.push_back(*tx);
    }
    ASSERT_EQ(all.size(), 60U);
    // docs/reference/phoenix-and-plonk.md 9.2
    EXPECT_EQ(base::to_hex(all[0].id()), "ba7e33a7291238d591944a76261a76b474864aca263c844d507b5eea0f813963");
    EXPECT_EQ(base::to_hex(crypto::hash_to_scalar(all[0].signature_message())),
              // docs/reference/phoenix-and-plonk.md 9.2, payload hash
              "31f15d98f1b37184da470e49b8a0b368d62415511b2b82dcf12464e6f595e218");
}

TEST(SharedVectors, truncated_and_extended_phoenix_transactions_are_refused) {
    const std::string path = std::string(RUES_SHARED_VECTORS) + "/transactions/phoenix.hex";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "the shared vectors are not here";
    const std::string file = recorded::read_file(path);
    auto bytes = *base::from_hex(std::string_view(file).substr(0, file.find('\n')));
    for (std::size_t length = 0; length < bytes.size(); ++length)
        ASSERT_FALSE(Transaction::decode(ByteView(bytes).first(length))) << length;

    bytes.push_back(std::byte{0});
    EXPECT_EQ(Transaction::decode(bytes).error().text, "InvalidData");  // docs/reference/rusk-1.7.md 7.1
    EXPECT_TRUE(Transaction::decode_historical(bytes));
}

/// The first recorded Phoenix transaction (scenarios.json).
Bytes phoenix_transaction() {
    const auto recorded = recorded::load("scenarios.json");
    for (const auto& scenario : recorded.at("scenarios").as_array()) {
        if (scenario.at("name").as_string() == "phoenix-foreign")
            return recorded::hex(scenario.at("steps").as_array().front().at("tx"));
    }
    return {};
}

TEST(Phoenix,
     each_of_the_twenty_points_must_be_one_of_the_prime_subgroup) {  // docs/reference/phoenix-and-plonk.md 8 #0
    const Bytes good = phoenix_transaction();
    ASSERT_TRUE(Transaction::decode(good));
    // One nullifier: the notes begin at 90 and 392, the fee's stealth address at 726.
    std::vector<std::size_t> points;
    for (const std::size_t note : {90UZ, 392UZ}) {
        for (const std::size_t at : {1UZ, 33UZ, 65UZ, 174UZ, 206UZ, 238UZ, 270UZ}) points.push_back(note + at);
    }
    for (const std::size_t at : {0UZ, 32UZ, 65UZ, 97UZ, 129UZ, 161UZ}) points.push_back(726 + at);
    ASSERT_EQ(points.size(), 20U);
    const std::pair<std::string_view, std::string_view> bad[] = {
        {"not canonical", "02000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73"},
        {"off the curve", "0200000000000000000000000000000000000000000000000000000000000000"},
        {"outside the subgroup", "00000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73"}};
    for (const std::size_t at : points) {
        for (const auto& [what, hex] : bad) {
            Bytes changed = good;
            std::ranges::copy(*base::from_hex(hex), changed.begin() + static_cast<std::ptrdiff_t>(at));
            const auto decoded = Transaction::decode(changed);
            ASSERT_FALSE(decoded) << what << " at " << at;
            EXPECT_EQ(decoded.error().text, "InvalidData");
        }
        Bytes lenient = good;
        std::ranges::copy(*base::from_hex(bad[2].second), lenient.begin() + static_cast<std::ptrdiff_t>(at));
        EXPECT_TRUE(Transaction::decode_historical(lenient)) << "before the Aegis fork it was a point";
    }
}

struct MainnetCount {
    std::size_t moonlight = 0, phoenix = 0;
};

/// Checks every object in a recorded answer that has the raw bytes, id and JSON of a transaction.
void check_mainnet(const value& v, MainnetCount& count) {
    if (const auto* list = v.if_array()) {
        for (const auto& item : *list) check_mainnet(item, count);
        return;
    }
    const auto* object = v.if_object();
    if (object == nullptr) return;
    const auto* raw = object->if_contains("raw");
    const auto* json = object->if_contains("json");
    if (raw != nullptr && json != nullptr && object->contains("id")) {
        const auto tx = Transaction::decode_historical(*base::from_hex(raw->as_string()));
        ASSERT_TRUE(tx) << object->at("id");
        EXPECT_EQ(base::to_hex(tx->id()), object->at("id").as_string());
        // That node printed the keys of inner objects in random order.
        EXPECT_EQ(base::json::print(tx->to_json()),
                  base::json::print(base::json::sorted(boost::json::parse(json->as_string()))));
        ++(tx->moonlight() != nullptr ? count.moonlight : count.phoenix);
    }
    for (const auto& pair : *object) check_mainnet(pair.value(), count);
}

TEST(SharedVectors, mainnet_transactions_have_the_recorded_ids_and_json) {
    const std::filesystem::path folder = std::string(RUES_SHARED_VECTORS) + "/mainnet";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "the shared vectors are not here";
    MainnetCount count;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        const auto answer = boost::json::parse(recorded::read_file(file.path()));
        const auto* body = answer.is_object() ? answer.as_object().if_contains("response_body") : nullptr;
        if (body == nullptr) continue;
        boost::system::error_code error;
        check_mainnet(body->is_string() ? boost::json::parse(body->as_string(), error) : *body, count);
    }
    EXPECT_EQ(count.moonlight, 11U);  // counted in the files
    EXPECT_EQ(count.phoenix, 22U);
}

}  // namespace
}  // namespace rues::ledger
