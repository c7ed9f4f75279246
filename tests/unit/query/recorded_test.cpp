#include "fixture.hpp"

/// Compares a node's recorded answers with our answers from a store that holds the same chain.
namespace rues::query::test {
namespace {

using boost::json::object;
using boost::json::value;

TEST(RecordedChain, the_schema_equals_the_schema_of_the_node) {
    const auto rows = recorded::load("http.json");
    for (const auto& row : rows.as_array())
        if (row.at("name") == "gql-sdl") {
            EXPECT_EQ(node_schema().sdl(), row.at("answer").at("body").at("text").as_string());
            return;
        }
    FAIL() << "no row with the schema";
}

constexpr const char* kTransaction =
    "id raw blobHashes callData { contractId fnName data } contractId gasLimit gasPrice isDeploy json memo txType";

/// The recorded transaction in the form of our answers: in the envelope that old and new clients read
/// (docs/reference/differences.md 32).
object expected_transaction(const object& recorded) {
    object out = recorded;
    std::string raw(out.at("raw").as_string());
    out["raw"] = "0" + std::string(1, static_cast<char>(raw[1] - 2)) + raw.substr(4);
    out["json"] = base::json::print(base::json::sorted(out.at("json")));
    return out;
}

/// A transaction of our answer in the recording's form, which has one object for the transaction and its execution.
object told_transaction(const value& ours) {
    object out = ours.at("tx").as_object();
    out["err"] = ours.at("err");
    out["gasSpent"] = ours.at("gasSpent");
    // The node prints keys inside fee and call in a different order in each answer.
    out["json"] = base::json::print(base::json::sorted(boost::json::parse(out.at("json").as_string())));
    return out;
}

TEST(RecordedChain, every_block_and_transaction_equals_the_recording) {
    std::size_t transactions = 0;
    const auto& blocks = chain().at("blocks").as_array();
    for (std::size_t height = 0; height < blocks.size(); ++height) {
        const auto answer = data_of("{ block(height: " + std::to_string(height) +
                                    ") { header { json } status reward fees gasSpent transactions { err gasSpent "
                                    "blockHeight blockHash blockTimestamp id raw tx { " +
                                    kTransaction + " } } } }");
        const auto& block = answer.at("block");
        const auto& recorded = blocks[height];
        const auto header = boost::json::parse(block.at("header").at("json").as_string());
        EXPECT_EQ(header, value(ledger::Recording::read(chain())->header_json(height).value()));
        for (const char* key : {"reward", "fees", "gasSpent"}) EXPECT_EQ(block.at(key), recorded.at(key)) << height;
        // The last block was final when the recording was made; here it is not.
        if (height + 1 < blocks.size()) {
            EXPECT_EQ(block.at("status"), recorded.at("status")) << height;
        }
        const auto& ours = block.at("transactions").as_array();
        const auto& theirs = recorded.at("transactions").as_array();
        ASSERT_EQ(ours.size(), theirs.size()) << height;
        for (std::size_t i = 0; i < ours.size(); ++i, ++transactions) {
            EXPECT_EQ(value(told_transaction(ours[i])), value(expected_transaction(theirs[i].as_object())));
            EXPECT_EQ(ours[i].at("id"), theirs[i].at("id"));
            EXPECT_EQ(ours[i].at("raw"), ours[i].at("tx").at("raw"));
            EXPECT_EQ(ours[i].at("blockHeight"), height);
            EXPECT_EQ(ours[i].at("blockHash"), recorded.at("header").at("hash"));
            EXPECT_EQ(ours[i].at("blockTimestamp"), recorded.at("header").at("timestamp"));
        }
    }
    EXPECT_EQ(transactions, 314U);  // counted in the file
}

/// The fields of a header and its JSON have the same values.
TEST(RecordedChain, the_fields_of_a_header_equal_its_json) {
    for (const int height : {0, 1, 40, 407}) {
        const auto answer = data_of("{ block(height: " + std::to_string(height) +
                                    ") { header { version height prevBlockHash timestamp hash stateHash "
                                    "generatorBlsPubkey txRoot gasLimit seed iteration json } } }");
        const auto& header = answer.at("block").at("header");
        const auto json = boost::json::parse(header.at("json").as_string());
        const std::pair<const char*, const char*> names[] = {
            {"version", "version"},     {"height", "height"},      {"prevBlockHash", "prev_block_hash"},
            {"timestamp", "timestamp"}, {"hash", "hash"},          {"stateHash", "state_hash"},
            {"txRoot", "txroot"},       {"seed", "seed"},          {"generatorBlsPubkey", "generator_bls_pubkey"},
            {"gasLimit", "gas_limit"},  {"iteration", "iteration"}};
        for (const auto& [field, key] : names) EXPECT_EQ(header.at(field), json.at(key)) << field;
    }
}

TEST(RecordedChain, every_contract_event_equals_the_recording) {
    const auto recording = ledger::Recording::read(chain()).value();
    std::size_t count = 0;
    for (std::size_t height = 0; height + 1 < recording.size(); ++height) {
        const auto answer = data_of("{ contractEvents(height: " + std::to_string(height) + ") { json } }");
        const auto& ours = answer.at("contractEvents").at("json").as_array();
        const auto& theirs = recording.block(height).at("contractEvents").as_array();
        ASSERT_EQ(ours.size(), theirs.size()) << height;
        for (std::size_t i = 0; i < ours.size(); ++i, ++count) {
            object expected = theirs[i].as_object();
            expected["data"] = base::to_hex(recording.event_data(height, i).value());
            EXPECT_EQ(ours[i], value(expected)) << height << ": " << i;
        }
    }
    EXPECT_EQ(count, 794U);  // counted in the file
}

}  // namespace
}  // namespace rues::query::test
