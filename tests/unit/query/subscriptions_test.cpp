#include "query/subscriptions.hpp"

#include "fixture.hpp"

namespace rues::query::test {
namespace {

const graphql::Schema& socket_schema() {
    static const graphql::Schema out = subscription_schema();
    return out;
}

std::expected<Source, std::string> source(std::string document) {
    auto prepared = graphql::prepare(socket_schema(), {std::move(document), std::nullopt, {}}, engine_options());
    if (!prepared) return std::unexpected(prepared.error()[0].message);
    return source_of(*prepared);
}

constexpr const char* kId = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";
constexpr const char* kLower = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

TEST(Subscriptions, the_schema_is_the_schema_of_the_node_with_four_more_types) {
    std::string sdl = socket_schema().sdl();
    const auto take = [&](std::string_view begin) {
        const auto at = sdl.find(begin);
        ASSERT_NE(at, std::string::npos) << begin << "\n" << sdl;
        sdl.erase(at, sdl.find("\n}\n", at) - at + 4);
    };
    take("\"\"\"\nA block that was accepted.");
    take("\"\"\"\nA transaction that was executed.");
    take("\"\"\"\nAn event that a contract emitted.");
    take("type Subscription {");
    const std::string_view root = "\tsubscription: Subscription\n";
    ASSERT_NE(sdl.find(root), std::string::npos);
    sdl.erase(sdl.find(root), root.size());
    EXPECT_EQ(sdl, node_schema().sdl());
}

TEST(Subscriptions, each_field_subscribes_to_its_uri) {
    const auto uri = [](const std::string& field) {
        return source("subscription { " + field + " { position } }")->uri.to_string();
    };
    EXPECT_EQ(uri("blockAccepted"), "/on/blocks/accepted");
    EXPECT_EQ(uri("transactionExecuted"), "/on/transactions/executed");
    EXPECT_EQ(uri(std::string("transactionExecuted(id: \"") + kId + "\")"),
              std::string("/on/transactions:") + kLower + "/executed");
    EXPECT_EQ(uri(std::string("contractEvent(contractId: \"") + kId + "\", topic: \"Hello\")"),
              std::string("/on/contracts:") + kLower + "/Hello");
    EXPECT_EQ(uri("contractEvent(topic: \"moonlight\")"), "/on/contracts/moonlight");
}

TEST(Subscriptions, contract_events_without_a_topic_are_searched_up_to_each_block) {
    const auto all = source("subscription { contractEvent { position } }");
    EXPECT_EQ(all->uri.to_string(), "/on/blocks/accepted");
    ASSERT_TRUE(all->contracts);
    const auto one = source(std::string("subscription { contractEvent(contractId: \"") + kId + "\") { position } }");
    ASSERT_TRUE(one->contracts);
    const wire::Uri event{wire::Component::contracts, kLower, "hello"};
    const wire::Uri other{wire::Component::contracts, std::string(64, '0'), "hello"};
    const wire::Uri block{wire::Component::blocks, kLower, "accepted"};
    EXPECT_TRUE(all->contracts->wants(event) && all->contracts->wants(other) && !all->contracts->wants(block));
    EXPECT_TRUE(one->contracts->wants(event) && !one->contracts->wants(other) && !one->contracts->wants(block));
    const auto filter = [](const wire::Uri& at) {
        return store::EventFilter{at.component, wire::text_hash(at.topic), wire::text_hash(*at.entity), 1};
    };
    for (const auto& uri : {event, other, block}) {
        EXPECT_EQ(all->contracts->may_want(filter(uri)), all->contracts->wants(uri));
        EXPECT_EQ(one->contracts->may_want(filter(uri)), one->contracts->wants(uri));
    }
    EXPECT_FALSE(source("subscription { contractEvent(topic: \"x\") { position } }")->contracts);
}

TEST(Subscriptions, invalid_arguments_are_refused) {
    const auto why = [](const std::string& field) {
        const auto out = source("subscription { " + field + " { position } }");
        return out ? "" : out.error();
    };
    EXPECT_EQ(why("transactionExecuted(id: \"0\")"), "Odd number of digits");
    EXPECT_EQ(why("transactionExecuted(id: \"00\")"), "id is 64 hex digits");
    EXPECT_EQ(why("contractEvent(contractId: \"00\", topic: \"a\")"), "contractId is 64 hex digits");
    EXPECT_EQ(why("contractEvent(topic: \"\")"), "topic is empty");
    EXPECT_EQ(why("blockAccepted(after: \"7\")"), "a position must be 16 hex digits, a hyphen and a decimal number");
    EXPECT_EQ(source("subscription { blockAccepted @skip(if: true) { position } }").error(),
              "the field of the subscription is skipped");
    EXPECT_EQ(source("subscription { blockAccepted(after: \"0000000000000001-7\") { position } }")->after,
              (wire::Position{1, 7}));
    EXPECT_FALSE(source("subscription { blockAccepted(after: null) { position } }")->after);
}

// The answer to an event equals the answer to a query for its block.
TEST(Subscriptions, an_event_is_answered_as_a_query_for_it_would_be) {
    const auto& recorded_block = chain().at("blocks").as_array()[170];
    const auto block = *ledger::Recording::read(chain())->header(170);
    const std::string id(recorded_block.at("transactions").as_array()[0].at("id").as_string());
    const auto snapshot = store()->snapshot();
    const auto told = [&](const std::string& document, const ledger::Event& of) {
        auto prepared = graphql::prepare(socket_schema(), {document, std::nullopt, {}}, engine_options());
        const auto event = Event::of(ledger::encode_message(of, {1, 42}));
        EXPECT_TRUE(event);
        Context context(*snapshot);
        return answer(*prepared, *event, context, {}).envelope();
    };
    ledger::Event accepted = ledger::block_accepted({block, {}});
    const auto same = data_of("{ block(height: 170) { header { hash } transactions { id } } }");
    EXPECT_EQ(
        told("subscription { blockAccepted { position block { header { hash } transactions { id } } } }", accepted),
        R"({"data":{"blockAccepted":{"position":"0000000000000001-42","block":)" +
            boost::json::serialize(same.at("block")) + "}}}");

    ledger::Event executed;
    executed.component = wire::Component::transactions;
    executed.entity = id;
    executed.topic = "executed";
    executed.height = 170;
    EXPECT_EQ(told("subscription { transactionExecuted { transaction { id blockHeight } } }", executed),
              R"({"data":{"transactionExecuted":{"transaction":{"id":")" + id + R"(","blockHeight":170}}}})");

    const ledger::ContractEvent emitted{ledger::kTransferContract, "to/pic \"x\"", base::Bytes(2, std::byte{0xab}),
                                        block.hash};
    EXPECT_EQ(told("subscription { contractEvent { blockHeight blockHash contractId topic origin data } }",
                   ledger::contract_event(emitted, block)),
              R"({"data":{"contractEvent":{"blockHeight":170,"blockHash":")" + base::to_hex(block.hash) +
                  R"(","contractId":")" + base::to_hex(ledger::kTransferContract) +
                  R"(","topic":"to/pic \"x\"","origin":")" + base::to_hex(block.hash) + R"(","data":"abab"}}})");
}

TEST(Subscriptions, a_missing_block_is_an_error_in_the_answer) {
    auto prepared = graphql::prepare(socket_schema(),
                                     {"subscription { blockAccepted { position block { status } } }", std::nullopt, {}},
                                     engine_options());
    const Event event{"p", {wire::Component::blocks, std::string(64, '0'), "accepted"}, 99'999, {}, {}, {}};
    const auto snapshot = store()->snapshot();
    Context context(*snapshot);
    const auto response = answer(*prepared, event, context, {});
    EXPECT_EQ(response.data, R"({"blockAccepted":{"position":"p"}})");
    ASSERT_EQ(response.errors.size(), 1U);
    EXPECT_EQ(response.errors[0].message, "The store could not be read.");
}

TEST(Subscriptions, other_bytes_are_not_an_event) {
    EXPECT_FALSE(Event::of({}));
    EXPECT_FALSE(Event::of(base::view("hello, world")));
}

}  // namespace
}  // namespace rues::query::test
