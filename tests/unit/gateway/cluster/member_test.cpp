#include "gateway/cluster/member.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "log_machine.hpp"

namespace rues::gateway::cluster {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr std::chrono::seconds kDeadline{30};  ///< no test waits so long when the code is right

/// A machine with both of its threads. Its node does not answer, so it follows the stream and never ingests anything.
class RunningMachine {
public:
    RunningMachine(rues::test::MemoryBus& bus, const base::Clock& clock, std::uint8_t start)
        : store_(
              store::Store::open({.directory = folder_.path() / "store", .sync_blocks = false, .epoch = kEpochOfTest})
                  .value()),
          nodes_({{client::Url::parse("http://127.0.0.1:1").value(), "http://127.0.0.1:1"}}, {}, base::no_log()) {
        store_->commit_genesis(gateway::test::recording().header(0).value(), {}).value();
        log_.emplace(FollowedLog::open(*store_, [](const store::LogBatch&) {}).value());
        Member::Options options;
        options.machine = "here";
        options.lease_time = milliseconds(500);
        options.epoch = kEpochOfTest;
        options.start[0] = std::byte{start};
        member_.emplace(bus, options, Member::Parts{nodes_, *log_, clock, base::no_log(), [](const auto&) {}});
    }
    ~RunningMachine() { stop(); }
    RunningMachine(const RunningMachine&) = delete;
    RunningMachine& operator=(const RunningMachine&) = delete;

    void start() {
        running_ = std::async(std::launch::async, [this] { return member_->run(over_.get_token()); });
        keeping_ = std::jthread([this] { member_->keep(over_.get_token()); });
    }
    void stop() {
        over_.request_stop();
        if (running_.valid()) running_.wait();
        if (keeping_.joinable()) keeping_.join();
    }
    /// The error with which it ended by itself.
    std::string end() {
        if (running_.wait_for(kDeadline) != std::future_status::ready) return "it did not end";
        const auto done = running_.get();
        return done ? "no error" : done.error().text;
    }
    template <typename Holds>
    bool waits_until(Holds holds) const {
        const auto until = std::chrono::steady_clock::now() + kDeadline;
        while (!holds(member_->to_json())) {
            if (std::chrono::steady_clock::now() > until) return false;
            std::this_thread::sleep_for(milliseconds(5));
        }
        return true;
    }
    bool applies(std::uint64_t message) const {
        return waits_until([&](const auto& status) { return number(status, "applied") == message; });
    }
    static std::uint64_t number(const base::json::object& status, std::string_view key) {
        return status.at(key).to_number<std::uint64_t>();
    }
    static std::string words(const base::json::object& status, std::string_view key) {
        return std::string(status.at(key).get_string());
    }
    Upstreams& nodes() { return nodes_; }

private:
    rues::test::TemporaryFolder folder_;
    std::unique_ptr<store::Store> store_;
    std::optional<FollowedLog> log_;
    Upstreams nodes_;
    std::optional<Member> member_;
    std::stop_source over_;
    std::future<base::Result<void>> running_;
    std::jthread keeping_;
};

class Members : public testing::Test {
protected:
    Members() { begin_stream(writer_bus_); }
    void write() { ASSERT_TRUE(writer_.commit(writer_.next_block())); }

    base::ManualClock clock_{milliseconds(1'000'000)};
    rues::test::MemoryNetwork network_{clock_};
    rues::test::MemoryBus writer_bus_{network_};
    rues::test::MemoryBus bus_{network_};
    LogMachine writer_{writer_bus_, 9};
    RunningMachine machine_{bus_, clock_, 1};
};

TEST_F(Members, an_edge_applies_what_the_stream_has_and_what_comes) {
    write();
    machine_.start();
    EXPECT_TRUE(machine_.applies(2));
    write();
    EXPECT_TRUE(machine_.applies(3));
    EXPECT_TRUE(machine_.waits_until([](const auto& now) {
        return RunningMachine::number(now, "behind") == 0 && RunningMachine::number(now, "stream_last") == 3 &&
               RunningMachine::words(now, "trouble").empty() && RunningMachine::words(now, "role") == "edge";
    }));
}

TEST_F(Members, goes_on_when_the_bus_is_back) {
    machine_.start();
    write();
    ASSERT_TRUE(machine_.applies(2));
    bus_.cut();
    ASSERT_TRUE(machine_.waits_until([](const auto& now) { return !RunningMachine::words(now, "trouble").empty(); }));
    write();
    bus_.join();
    EXPECT_TRUE(machine_.applies(3));
    EXPECT_TRUE(machine_.waits_until([](const auto& now) { return RunningMachine::words(now, "trouble").empty(); }));
}

TEST_F(Members, reads_anew_when_messages_that_the_stream_has_do_not_come) {
    machine_.start();
    write();
    ASSERT_TRUE(machine_.applies(2));
    bus_.stall_reading();
    write();
    EXPECT_TRUE(machine_.waits_until([&](const auto& now) {
        clock_.advance(milliseconds(100));
        return RunningMachine::number(now, "applied") == 3;
    }));
}

TEST_F(Members, starts_without_a_bus_and_joins_in_later) {
    bus_.cut();
    machine_.start();
    write();
    ASSERT_TRUE(machine_.waits_until(
        [](const auto& now) { return RunningMachine::words(now, "trouble") == "the link is cut"; }));
    bus_.join();
    EXPECT_TRUE(machine_.applies(2));
}

TEST_F(Members, ingests_only_while_a_node_is_healthy) {
    machine_.start();
    write();
    ASSERT_TRUE(machine_.applies(2));
    EXPECT_TRUE(machine_.waits_until([](const auto& now) { return RunningMachine::number(now, "stream_last") == 2; }));
    const auto is = [](const char* role) {
        return [role](const auto& now) { return RunningMachine::words(now, "role") == role; };
    };
    machine_.nodes().reported(0, 5, {});
    EXPECT_TRUE(machine_.waits_until(is("ingester")));
    // It cannot be connected, so the follower finds out that it is not healthy.
    EXPECT_TRUE(machine_.waits_until([&](const auto& now) {
        clock_.advance(milliseconds(100));
        return RunningMachine::words(now, "role") == "edge" && RunningMachine::words(now, "lease_holder").empty();
    }));
}

TEST_F(Members, stops_when_the_stream_ends_before_what_it_has_for_longer_than_an_election) {
    machine_.start();
    write();
    write();
    ASSERT_TRUE(machine_.applies(3));
    ASSERT_TRUE(machine_.waits_until([](const auto& now) { return RunningMachine::number(now, "stream_last") == 3; }));

    network_.lose_after(1);
    ASSERT_TRUE(machine_.waits_until([](const auto& now) { return RunningMachine::number(now, "stream_last") == 1; }));
    clock_.advance(Member::kElection + milliseconds(1));

    EXPECT_THAT(machine_.end(), HasSubstr("ends before message 3"));
}

TEST_F(Members, goes_on_when_the_stream_has_it_again_in_time) {
    machine_.start();
    write();
    ASSERT_TRUE(machine_.applies(2));
    ASSERT_TRUE(machine_.waits_until([](const auto& now) { return RunningMachine::number(now, "stream_last") == 2; }));
    const auto kept = network_.messages();
    network_.lose_after(1);
    ASSERT_TRUE(machine_.waits_until([](const auto& now) { return RunningMachine::number(now, "stream_last") == 1; }));
    clock_.advance(Member::kElection - milliseconds(1));
    ASSERT_TRUE(writer_bus_.stream(Timeout(50)).value()->publish(kept[1], "again", 1, Timeout(50)));
    ASSERT_TRUE(machine_.waits_until([](const auto& now) { return RunningMachine::number(now, "stream_last") == 2; }));
    clock_.advance(Member::kElection);
    write();
    EXPECT_TRUE(machine_.applies(3));
}

TEST_F(Members, stops_at_a_message_of_another_log) {
    const auto pieces = pieces_of(LogMachine::pool_change(1, 5).encode(), kEpochOfTest + 1, {}, network_.most_bytes);
    ASSERT_TRUE(writer_bus_.stream(Timeout(50)).value()->publish(pieces[0], "x", 1, Timeout(50)));
    machine_.start();
    EXPECT_THAT(machine_.end(), HasSubstr("message 2 of the stream is not of this machine's log"));
}

TEST_F(Members, a_name_that_two_machines_have_is_told) {
    rues::test::MemoryBus other_bus(network_);
    RunningMachine other(other_bus, clock_, 2);
    machine_.start();
    other.start();
    const auto is_told = [&](const auto& now) {
        clock_.advance(Member::kBeat / 20);
        return RunningMachine::words(now, "trouble").contains("has the name here too");
    };
    EXPECT_TRUE(machine_.waits_until(is_told));
}

TEST(Machine, is_read_as_it_was_written_and_bytes_of_another_form_are_none) {
    const Machine machine{"here", "here/01", true, 7, 9};
    const auto read = Machine::decode(machine.encode());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->name, "here");
    EXPECT_EQ(read->start, "here/01");
    EXPECT_TRUE(read->is_ingester);
    EXPECT_EQ(read->height, 7U);
    EXPECT_EQ(read->applied, 9U);
    EXPECT_FALSE(Machine::decode(base::view("{}")));
    EXPECT_FALSE(Machine::decode(base::view("[1]")));
    EXPECT_FALSE(Machine::decode(base::view("{\"name\": 5}")));
}

}  // namespace
}  // namespace rues::gateway::cluster
