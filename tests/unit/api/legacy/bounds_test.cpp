// Order and bounds of the requests of a socket: what is in progress, what is held in memory, who waits. docs/legacy.md.
#include "crypto/keys.hpp"
#include "unit/api/legacy/socket_fixture.hpp"

namespace rues::api::legacy {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::StartsWith;

TEST_F(LegacySocket, requests_are_answered_as_each_is_done) {
    open();
    stage_.pool_waits = true;
    ask(message({{"X-Request-Id", "slow"}}, TargetType::host, "node", "provisioners"));
    ask_info("fast");
    stage_.work();

    EXPECT_THAT(ids(), ElementsAre("fast"));

    stage_.pool_waits = false;
    stage_.work();
    EXPECT_THAT(ids(), ElementsAre("fast", "slow"));
}

TEST_F(LegacySocket, reading_pauses_at_64_requests_in_progress_and_goes_on_when_answers_are_sent) {
    open();
    for (int i = 0; i < 64; ++i) {
        EXPECT_FALSE(peer_.is_paused) << i;
        ask_info(std::to_string(i));
    }
    EXPECT_TRUE(peer_.is_paused);

    stage_.work();

    EXPECT_FALSE(peer_.is_paused);
    EXPECT_EQ(peer_.messages().size(), 64U);
    EXPECT_EQ(peer_.writes, 1U) << "answers of one turn of the loop leave together";
}

TEST_F(LegacySocket, an_answer_that_is_not_sent_is_in_progress) {
    Limits limits;
    limits.requests = 3;
    open({}, limits);
    peer_.room = 10;
    for (int i = 0; i < 3; ++i) ask_info(std::to_string(i));
    stage_.work();
    EXPECT_TRUE(peer_.is_paused);

    peer_.room = SIZE_MAX;
    socket_->on_writable();
    stage_.work();

    EXPECT_FALSE(peer_.is_paused);
    EXPECT_EQ(peer_.messages().size(), 3U);
}

TEST_F(LegacySocket, reading_pauses_while_requests_in_progress_have_too_many_bytes) {
    Limits limits;
    limits.bytes = 1'000'000;
    open({}, limits);
    stage_.pool_waits = true;
    const std::string large(600'000, '1');
    ask(message({}, TargetType::contract, kTransfer, "account", large));
    EXPECT_FALSE(peer_.is_paused);
    ask(message({}, TargetType::contract, kTransfer, "account", large));
    EXPECT_TRUE(peer_.is_paused);
    EXPECT_GT(stage_.context->legacy_bytes.taken(), 1'000'000U);

    stage_.pool_waits = false;
    stage_.work();

    EXPECT_FALSE(peer_.is_paused);
    EXPECT_EQ(stage_.context->legacy_bytes.taken(), 0U);
}

TEST_F(LegacySocket, a_request_is_503_when_the_requests_of_all_sockets_hold_too_much) {
    stage_.context->legacy_bytes = Bound(300'000);
    open();
    stage_.pool_waits = true;
    ask(message({}, TargetType::contract, kTransfer, "account", std::string(300'000, '1')));
    ask(message({}, TargetType::contract, kTransfer, "account", std::string(100'000, '1')));
    stage_.work();

    ASSERT_EQ(peer_.messages().size(), 1U);
    EXPECT_EQ(header(peer_.messages()[0], "Status"), "503; too many large requests are in progress");
    EXPECT_EQ(header(peer_.messages()[0], "Retry-After"), "1");
    EXPECT_EQ(peer_.closed, "");
}

TEST_F(LegacySocket, the_socket_whose_answer_has_no_room_is_closed_with_1013) {
    Limits limits;
    limits.high_water = 1'000;
    stage_.context->legacy_bytes = Bound(20'000);
    open({}, limits);
    peer_.room = 0;

    ask(message({}, TargetType::host, "Chain", "gql", "{ __schema { types { name fields { name args { name } } } } }"));
    ask(message({}, TargetType::debugger, "echo", "echo", std::string(20'000, 'x')));
    stage_.work();

    EXPECT_THAT(peer_.closed, StartsWith("1013 too many unread answers"));
    socket_->on_closed(false);
    EXPECT_EQ(stage_.context->legacy_bytes.taken(), 0U);
}

TEST_F(LegacySocket, the_socket_whose_event_has_no_room_is_closed_with_1013_and_a_resumed_one_gets_it) {
    Limits limits;
    limits.high_water = 1'000;
    stage_.context->legacy_bytes = Bound(0);
    open({}, limits);
    answer(message({}, TargetType::host, "rues", "subscribe", "/on/contracts/big"));
    peer_.room = 0;
    stage_.publish({ledger::kTransferContract, "big", base::Bytes(100'000), {}});
    stage_.work();
    EXPECT_EQ(peer_.closed, "1013 too many unread answers");

    stage_.context->legacy_bytes = Bound(1'000'000);
    Peer peer;
    Opening opening;
    opening.on = {{wire::Component::contracts, std::nullopt, "big"}};
    opening.after = wire::Position{stage_.store().epoch(), stage_.store().last_seq() - 1};
    const auto socket = stage_.connect(peer, std::move(opening), limits);
    stage_.work();
    ASSERT_EQ(peer.messages().size(), 1U);
    EXPECT_EQ(peer.messages()[0].event.data.size(), 100'000U);
    socket->on_closed(false);
}

TEST_F(LegacySocket, an_answer_that_comes_after_the_end_of_its_socket_is_dropped) {
    open();
    stage_.pool_waits = true;
    ask(message({}, TargetType::host, "node", "provisioners"));

    socket_->on_closed(true);
    socket_.reset();
    stage_.pool_waits = false;
    stage_.work();

    EXPECT_EQ(peer_.received, "");
}

TEST_F(LegacySocket, a_full_pool_is_503_with_retry_after) {
    open();
    stage_.pool_is_full = true;

    const auto said = answer(message({}, TargetType::host, "node", "provisioners"));

    EXPECT_EQ(header(said, "Status"), "503; too many queries wait");
    EXPECT_EQ(data(said), R"({"error":"too many queries wait"})");
}

// Its place is free at once, so what it held must be too: else clients could fill the memory with refused waits.
TEST_F(LegacySocket, a_wait_that_was_refused_leaves_no_timer_and_so_no_memory) {
    open();
    const auto key = crypto::account_key(ledger::local_chain_seed(), 0);
    ledger::Moonlight body;
    body.sender = key.public_key();
    body.gas_limit = 10'000'000;
    body.gas_price = 1;
    body.nonce = 1;
    const auto bytes = ledger::sign(std::move(body), key).encode(ledger::Envelope::aegis);

    const auto said = answer(
        message({{"Content-Type", "application/octet-stream"}, {"Rues-Wait", "executed"}, {"Rues-Wait-Seconds", "300"}},
                TargetType::host, "transactions", "propagate", base::text(bytes)));

    EXPECT_THAT(header(said, "Status"), StartsWith("400; "));
    EXPECT_EQ(stage_.live_timers(), 0U);
    EXPECT_EQ(stage_.context->places.of(Work::wait).taken(), 0U);
    EXPECT_EQ(stage_.hub().sessions(), 0U);
}

}  // namespace
}  // namespace rues::api::legacy
