#include "api/graphql/socket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <thread>

#include "api/graphql/service.hpp"
#include "app/contract_machine.hpp"
#include "chain/chain.hpp"
#include "chain/default_state.hpp"
#include "chain/genesis_file.hpp"
#include "unit/store/samples.hpp"

namespace rues::api::graphql_ws {
namespace {

using Task = std::move_only_function<void()>;

/// A WebSocket that takes `room` bytes, then nothing until the test sets `room` again.
class Peer final : public net::WebSocket {
public:
    void send_text(std::string_view) override { FAIL() << "messages go out in order, by write"; }
    std::size_t write(std::span<const base::ByteView> buffers, bool) override {
        std::size_t taken = 0;
        for (const auto& buffer : buffers) {
            const std::size_t now = std::min(room, buffer.size());
            received += base::text(buffer.first(now));
            room -= now;
            taken += now;
        }
        return taken;
    }
    void close(std::uint16_t code, std::string_view reason) override { closed = fmt::format("{} {}", code, reason); }
    void pause() override { is_paused = true; }
    void resume() override { is_paused = false; }
    net::Lane lane() override { return net::kNoLane; }
    void use_lane(bool) override {}
    void stopped_in_lane() override {}
    base::Client* client() const noexcept override { return account.get(); }

    /// The whole messages so far.
    std::vector<boost::json::object> messages() const {
        std::vector<boost::json::object> out;
        for (std::string_view rest = received; rest.size() >= 2;) {
            const auto byte = [&](std::size_t i) {
                return static_cast<std::size_t>(static_cast<unsigned char>(rest[i]));
            };
            std::size_t at = 2;
            std::size_t size = byte(1);
            if (size == 126) size = byte(2) << 8 | byte(3), at = 4;
            if (rest.size() < at + size) break;
            out.push_back(boost::json::parse(rest.substr(at, size)).as_object());
            rest.remove_prefix(at + size);
        }
        return out;
    }

    std::size_t room = SIZE_MAX;
    std::string received;
    std::string closed;
    bool is_paused = false;
    base::ClientPtr account;
};

/// Sockets on a loop and a pool that run their tasks only in `work`.
class GraphqlWs : public testing::Test {
protected:
    void SetUp() override {
        store_ = std::move(*store::Store::open({.directory = folder_.path() / "store", .sync_blocks = false}));
        machine_ = std::move(*app::ContractMachine::create());
        const auto genesis = *chain::read_genesis(chain::default_genesis());
        chain_ = std::move(*chain::Chain::create(
            *store_, **machine_, {genesis, vm::genesis_contracts(), chain::default_state()}, {}, clock_, base::no_log(),
            [](const store::LogBatch&) {}, [](const std::string& why) { ADD_FAILURE() << why; }));
        const feed::Executors executors{[this](std::size_t, Task task) { loop_.push_back(std::move(task)); },
                                        [this](Task task) { return loop_.push_back(std::move(task)), true; },
                                        [this](std::size_t, std::chrono::milliseconds after, Task task) {
                                            later_.emplace_back(after, std::move(task));
                                        }};
        feed::Hub::Options options;
        options.limits = feed_limits_;
        hub_ = std::move(*feed::Hub::create(*store_, options, executors, clock_, base::no_log()));
        context_ = std::make_unique<Context>(
            Context{Services{*store_, *chain_, *chain_, *chain_, *hub_, base::no_log(), {}}, {}, {}, {}, {}});
        context_->query_pool = [this](Task task) {
            if (pool_is_full_) return false;
            acting_.push_back(base::ActingFor::kept());
            return pool_.push_back(std::move(task)), true;
        };
        context_->graphql = std::make_shared<graphql_http::Service>();
        context_->on_loop = executors.on_loop;
        context_->start_timer = [this](std::size_t, std::chrono::milliseconds after, Task task) {
            auto kept = std::make_shared<Task>(std::move(task));
            later_.emplace_back(after, [weak = std::weak_ptr(kept)] {
                if (const auto wanted = weak.lock()) (*wanted)();
            });
            return kept;
        };
    }

    std::size_t unsent() const { return context_->graphql_unsent.taken(); }
    Socket& connect(Peer& peer, Limits limits = {}) {
        sockets_.push_back(std::make_unique<Socket>(*context_, 0, true, limits));
        sockets_.back()->on_open(peer);
        sockets_.back()->on_text(R"({"type":"connection_init"})");
        peer.received.clear();
        return *sockets_.back();
    }
    static void ask(Socket& socket, std::string_view id, std::string_view query) {
        socket.on_text(fmt::format(R"({{"id":"{}","type":"subscribe","payload":{{"query":"{}"}}}})", id, query));
    }
    void work() {
        while (!loop_.empty() || (!pool_.empty() && !pool_waits_)) {
            while (!loop_.empty()) run_first(loop_);
            if (!pool_.empty() && !pool_waits_) run_first(pool_);
        }
    }
    static void run_first(std::deque<Task>& tasks) {
        auto task = std::move(tasks.front());
        tasks.pop_front();
        task();
    }
    /// Runs the tasks that were delayed by exactly `time`.
    void wait_for(std::chrono::milliseconds time) {
        auto due = std::exchange(later_, {});
        for (auto& [after, task] : due) {
            if (after == time) {
                task();
            } else {
                later_.emplace_back(after, std::move(task));
            }
        }
    }
    void add_blocks(std::size_t count) {
        for (; count > 0; --count) {
            ledger::Block block;
            block.header.height = store_->snapshot()->height() + 1;
            block.header.hash = block.header.compute_hash();
            store::BlockCommit commit;
            commit.block = &block;
            commit.events = {ledger::block_accepted(block)};
            hub_->appended(*store_->commit_block(commit));
        }
    }
    /// Block heights in the answers to one operation, in order.
    static std::vector<std::uint64_t> heights(const Peer& peer, std::string_view id) {
        std::vector<std::uint64_t> out;
        for (const auto& message : peer.messages()) {
            if (message.at("id").as_string() != id || message.at("type") != "next") continue;
            out.push_back(message.at("payload")
                              .at("data")
                              .at("blockAccepted")
                              .at("block")
                              .at("header")
                              .at("height")
                              .to_number<std::uint64_t>());
        }
        return out;
    }
    static std::vector<std::uint64_t> numbers(std::uint64_t first, std::uint64_t last) {
        std::vector<std::uint64_t> out;
        for (; first <= last; ++first) out.push_back(first);
        return out;
    }
    static std::string last_message(const Peer& peer) { return boost::json::serialize(peer.messages().back()); }

    static constexpr std::string_view kBlocks = "subscription { blockAccepted { block { header { height json } } } }";

    store::samples::TemporaryFolder folder_;
    base::ManualClock clock_{std::chrono::milliseconds(1'700'000'000'000)};
    feed::Limits feed_limits_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<app::ContractMachine> machine_;
    std::unique_ptr<chain::Chain> chain_;
    std::unique_ptr<feed::Hub> hub_;
    std::unique_ptr<Context> context_;
    std::vector<std::unique_ptr<Socket>> sockets_;
    std::deque<Task> loop_, pool_;
    std::vector<std::pair<std::chrono::milliseconds, Task>> later_;
    bool pool_waits_ = false;
    bool pool_is_full_ = false;
    std::vector<base::ClientPtr> acting_;  ///< for whom each task of the pool was given to it
};

TEST_F(GraphqlWs, the_answers_of_a_subscription_are_made_for_its_client_also_when_the_pool_was_full) {
    base::Clients clients;
    Peer peer;
    peer.account = clients.of(*base::ClientKey::parse("192.0.2.1"), base::Client::Time());
    auto& socket = connect(peer);
    {
        const base::ActingFor scope(peer.account.get());  // as `net` reads its messages
        ask(socket, "a", kBlocks);
    }
    work();
    acting_.clear();

    add_blocks(1);  // `feed` delivers for nobody
    work();
    pool_is_full_ = true;
    add_blocks(1);
    work();
    pool_is_full_ = false;
    wait_for(Limits().pool_retry);
    work();

    EXPECT_EQ(heights(peer, "a"), numbers(1, 2));
    EXPECT_THAT(acting_, testing::AllOf(testing::SizeIs(2), testing::Each(peer.account)));
}

TEST_F(GraphqlWs, a_blocked_socket_holds_one_batch_and_later_gets_every_event_in_order) {
    Peer peer;
    auto& socket = connect(peer);
    ask(socket, "a", kBlocks);
    work();
    peer.room = 0;
    add_blocks(1'000);
    work();
    EXPECT_EQ(peer.received, "");
    EXPECT_TRUE(peer.is_paused);
    // At most one batch of answers is above the high water. Each answer has about 2,000 bytes.
    EXPECT_GT(unsent(), 0U);
    EXPECT_LT(unsent(), Limits().high_water + 32 * 4'000);

    for (int i = 0; i < 2'000 && heights(peer, "a").size() < 1'000; ++i) {
        peer.room = 10'000;  // ends inside a message
        socket.on_writable();
        work();
    }
    EXPECT_EQ(heights(peer, "a"), numbers(1, 1'000));
    EXPECT_FALSE(peer.is_paused);
    EXPECT_EQ(unsent(), 0U);
}

TEST_F(GraphqlWs, each_subscription_of_a_socket_has_its_own_cursor_and_gets_its_turn) {
    Peer peer;
    auto& socket = connect(peer);
    ask(socket, "a", kBlocks);
    work();
    add_blocks(3);
    work();
    ask(socket, "b", kBlocks);
    work();
    peer.room = 0;
    add_blocks(200);
    work();
    socket.on_text(R"({"id":"a","type":"complete"})");
    ask(socket, "a", kBlocks);  // a new subscription with the same id
    work();
    add_blocks(100);
    for (int i = 0; i < 2'000 && (heights(peer, "b").size() < 300 || heights(peer, "a").size() < 103); ++i) {
        peer.room = 10'000;
        socket.on_writable();
        work();
    }
    EXPECT_EQ(heights(peer, "b"), numbers(4, 303));
    const auto of_a = heights(peer, "a");
    ASSERT_GE(of_a.size(), 103U);
    EXPECT_EQ(std::vector(of_a.end() - 100, of_a.end()), numbers(204, 303));
}

TEST_F(GraphqlWs, events_refused_by_a_full_pool_are_delivered_later_exactly_once) {
    Peer peer;
    auto& socket = connect(peer);
    ask(socket, "a", kBlocks);
    work();
    pool_is_full_ = true;
    add_blocks(5);
    work();
    EXPECT_EQ(heights(peer, "a"), numbers(1, 0));
    wait_for(Limits().pool_retry);
    work();
    EXPECT_EQ(heights(peer, "a"), numbers(1, 0));
    pool_is_full_ = false;
    wait_for(Limits().pool_retry);
    work();
    EXPECT_EQ(heights(peer, "a"), numbers(1, 5));
}

TEST_F(GraphqlWs, a_query_is_refused_while_the_pool_is_full) {
    Peer peer;
    auto& socket = connect(peer);
    pool_is_full_ = true;
    ask(socket, "a", "{ __typename }");
    EXPECT_EQ(last_message(peer), R"({"id":"a","type":"error","payload":[{"message":"too many queries wait"}]})");
    pool_is_full_ = false;
    ask(socket, "a", "{ __typename }");
    work();
    EXPECT_EQ(last_message(peer), R"({"id":"a","type":"complete"})");
}

TEST_F(GraphqlWs, the_time_of_a_query_counts_from_its_arrival) {
    Peer peer;
    Limits limits;
    limits.deadline = std::chrono::milliseconds(100);
    auto& socket = connect(peer, limits);
    ask(socket, "late", "{ __typename }");
    std::this_thread::sleep_for(limits.deadline);  // the pool has other work
    work();
    EXPECT_EQ(last_message(peer),
              R"({"id":"late","type":"error","payload":[{"message":"The request was cancelled."}]})");
}

TEST_F(GraphqlWs, a_topic_that_makes_the_uri_too_long_is_refused) {
    Peer peer;
    Socket& socket = connect(peer);
    const std::string begin = "subscription { contractEvent(topic: \\\"";
    ask(socket, "fits",
        begin + std::string(feed::kMaxUriBytes - std::string("/on/contracts/").size(), 't') + "\\\") { position } }");
    work();
    EXPECT_TRUE(peer.messages().empty());
    ask(socket, "long", begin + std::string(feed::kMaxUriBytes, 't') + "\\\") { position } }");
    work();
    ASSERT_EQ(peer.messages().size(), 1U);
    EXPECT_NE(last_message(peer).find("has at most 1024 bytes"), std::string::npos) << last_message(peer);
}

TEST_F(GraphqlWs, reading_pauses_while_four_requests_of_a_client_are_on_the_pool) {
    Peer peer;
    auto& socket = connect(peer);
    for (int i = 0; i < 4; ++i) {
        EXPECT_FALSE(peer.is_paused);
        ask(socket, std::to_string(i), "{ __typename }");
    }
    EXPECT_TRUE(peer.is_paused);
    work();
    EXPECT_FALSE(peer.is_paused);
    EXPECT_EQ(peer.messages().size(), 8U);
}

TEST_F(GraphqlWs, at_most_four_subscriptions_of_a_socket_have_events_on_the_pool) {
    Peer peer;
    auto& socket = connect(peer);
    for (int i = 0; i < 10; ++i) ask(socket, std::to_string(i), kBlocks), work();
    pool_waits_ = true;
    add_blocks(1);
    work();
    EXPECT_EQ(pool_.size(), 4U);
    pool_waits_ = false;
    work();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(heights(peer, std::to_string(i)), numbers(1, 1)) << i;
}

TEST_F(GraphqlWs, the_socket_that_exceeds_the_total_of_unsent_bytes_is_closed_with_1013) {
    Limits limits;
    limits.high_water = 1'000;
    constexpr std::size_t kMost = 100'000;
    context_->graphql_unsent = Bound(kMost);
    Peer first, second;
    auto& one = connect(first, limits);
    auto& two = connect(second, limits);
    const std::string query = "{ __schema { types { name fields { name args { name } } } } }";  // about 6,000 bytes
    first.room = 0;
    ask(one, "a", query);
    work();
    const std::size_t each = unsent();
    ASSERT_GT(each, 1'000U);
    EXPECT_EQ(first.closed, "");
    const auto others = context_->graphql_unsent.take(kMost - each);
    ASSERT_TRUE(others);
    second.room = 0;
    ask(two, "a", query);
    work();
    EXPECT_EQ(second.closed, "1013 too many unread answers");
    EXPECT_EQ(first.closed, "");
    two.on_closed(false);
    one.on_closed(false);
    EXPECT_EQ(unsent(), kMost - each);
}

TEST_F(GraphqlWs, a_subscription_that_is_too_far_behind_ends_with_its_last_delivered_position) {
    feed_limits_.catch_up_distance = 50;
    hub_->use_limits(feed_limits_);
    Peer peer;
    auto& socket = connect(peer);
    ask(socket, "a", "subscription { blockAccepted { position block { header { height json } } } }");
    work();
    peer.room = 0;
    for (int i = 0; i < 10 && unsent() == 0; ++i) add_blocks(50), work();
    for (int i = 0; i < 200; ++i) add_blocks(1), work();
    peer.room = SIZE_MAX;
    socket.on_writable();
    work();
    const auto told = peer.messages();
    ASSERT_GE(told.size(), 2U);
    EXPECT_EQ(told.back().at("type"), "error");
    const std::string text(told.back().at("payload").as_array()[0].at("message").as_string());
    const auto& last = told[told.size() - 2].at("payload").at("data").at("blockAccepted").at("position").as_string();
    EXPECT_EQ(text, "the subscription ended (1013): Slow consumer, last position " + std::string(last));
    EXPECT_EQ(peer.closed, "") << "the socket has others";
    ask(socket, "a", "{ __typename }");
    work();
    EXPECT_EQ(last_message(peer), R"({"id":"a","type":"complete"})");
    EXPECT_EQ(hub_->sessions(), 0U);
}

TEST_F(GraphqlWs, results_of_the_pool_for_a_closed_socket_are_dropped) {
    Peer peer;
    auto& socket = connect(peer);
    ask(socket, "a", kBlocks);
    work();
    ask(socket, "b", "{ __typename }");
    add_blocks(3);
    pool_waits_ = true;
    work();
    EXPECT_EQ(pool_.size(), 2U);
    peer.received.clear();
    socket.on_closed(true);
    EXPECT_EQ(hub_->sessions(), 0U);
    pool_waits_ = false;
    work();
    sockets_.clear();
    work();
    EXPECT_EQ(peer.received, "");
}

TEST_F(GraphqlWs, a_client_without_connection_init_is_closed_with_4408) {
    Peer silent, heard;
    Socket socket(*context_, 0, true);
    socket.on_open(silent);
    connect(heard);
    wait_for(Limits().init_timeout);
    EXPECT_EQ(silent.closed, "4408 Connection initialisation timeout");
    EXPECT_EQ(heard.closed, "");
}

TEST_F(GraphqlWs, an_answer_that_is_too_large_becomes_an_error) {
    Limits limits;
    limits.answer_bytes = 1'000;
    Peer peer;
    auto& socket = connect(peer, limits);
    ask(socket, "a", "{ __schema { types { name fields { name args { name } } } } }");
    work();
    const auto messages = peer.messages();
    ASSERT_EQ(messages.size(), 2U);
    EXPECT_FALSE(messages[0].at("payload").at("errors").as_array().empty());
    EXPECT_LT(peer.received.size(), 2'000U);
}

}  // namespace
}  // namespace rues::api::graphql_ws
