#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "base/encoding.hpp"
#include "log_machine.hpp"
#include "support/load_share.hpp"

/// Random histories of three machines, each of which may believe at any time that it is the ingester. The model knows
/// only the promise: a commit that was acknowledged is in every log once, in the order of the acknowledgements; one
/// that was not is there once or not at all; and all logs are equal.
namespace rues::gateway::cluster {
namespace {

constexpr std::size_t kMachines = 3;

class Cluster {
public:
    Cluster() {
        network_.most_bytes = 2'048;
        for (std::size_t i = 0; i < kMachines; ++i) buses_.push_back(std::make_unique<rues::test::MemoryBus>(network_));
        begin_stream(*buses_[0]);
        for (std::size_t i = 0; i < kMachines; ++i)
            machines_.push_back(std::make_unique<LogMachine>(*buses_[i], static_cast<std::uint8_t>(i + 1)));
    }

    void step() {
        const auto i = *rc::gen::inRange<std::size_t>(0, kMachines);
        auto& bus = *buses_[i];
        auto& machine = *machines_[i];
        switch (*rc::gen::weightedElement<int>(
            {{8, 0}, {3, 1}, {3, 2}, {2, 3}, {2, 4}, {2, 5}, {1, 6}, {2, 7}, {1, 8}, {1, 9}, {1, 10}})) {
        case 0:
            return commit(machine,
                          LogMachine::pool_change(++made_, *rc::gen::element(std::size_t{10}, std::size_t{5'000})));
        case 1:
            return block(machine);
        case 2:
            (void)machine.shared().catch_up();
            return;
        case 3:
            return bus.lose_replies(*rc::gen::inRange(1U, 4U));
        case 4:
            return bus.lose_requests(*rc::gen::inRange(1U, 4U));
        case 5:
            return bus.hold_publishes(*rc::gen::inRange(1U, 4U));
        case 6:
            return bus.cut();
        case 7:
            return bus.join();
        case 8:
            return network_.deliver_held();
        case 9:
            return network_.set_full(*rc::gen::arbitrary<bool>());
        default:
            return machine.kill();
        }
    }

    void check() {
        network_.set_full(false);
        for (auto& bus : buses_) {
            bus->join();
            bus->lose_replies(0);
            bus->lose_requests(0);
            bus->hold_publishes(0);
        }
        network_.deliver_held();
        for (auto& machine : machines_) RC_ASSERT(machine->shared().catch_up().has_value());
        const auto log = machines_[0]->messages();
        for (const auto& machine : machines_) RC_ASSERT(machine->messages() == log);
        RC_ASSERT(machines_[0]->log().tip().height >= acknowledged_height_);

        std::vector<std::uint32_t> seen;
        for (const auto& each : log) {
            const auto number = number_in(each);
            if (number) seen.push_back(*number);
        }
        RC_ASSERT(std::set<std::uint32_t>(seen.begin(), seen.end()).size() == seen.size());  // no duplicate
        std::erase_if(seen,
                      [&](auto number) { return std::ranges::find(acknowledged_, number) == acknowledged_.end(); });
        RC_ASSERT(seen == acknowledged_);  // no gap, and their order
    }

private:
    void commit(LogMachine& machine, Commit commit) {
        if (machine.commit(std::move(commit))) acknowledged_.push_back(made_);
    }
    void block(LogMachine& machine) {
        if (machine.log().tip().height + 1 >= gateway::test::recording().size()) return;
        if (machine.commit(machine.next_block()))
            acknowledged_height_ = std::max(acknowledged_height_, machine.log().tip().height);
    }
    /// The number of the change of the mempool that a message is of: the first four bytes of its entity.
    static std::optional<std::uint32_t> number_in(const Bytes& message) {
        const auto text = base::text(message);
        const auto at = text.find("/on/transactions:");
        if (at == std::string_view::npos || text.find("/dropped") == std::string_view::npos) return std::nullopt;
        const auto id = base::array_from_hex<32>(text.substr(at + 17, 64));
        std::uint32_t out = 0;
        if (!id) return std::nullopt;
        std::memcpy(&out, id->data(), sizeof out);
        return out;
    }

    base::SystemClock clock_;
    rues::test::MemoryNetwork network_{clock_};
    std::vector<std::unique_ptr<rues::test::MemoryBus>> buses_;
    std::vector<std::unique_ptr<LogMachine>> machines_;
    std::uint32_t made_ = 0;
    std::vector<std::uint32_t> acknowledged_;
    std::uint64_t acknowledged_height_ = 0;
};

TEST(ClusterModel, an_acknowledged_commit_is_in_every_log_once_and_in_order) {
    std::size_t cases = 0;
    EXPECT_TRUE(rc::check([&cases] {
        if (cases++ % rues::test::load_share() != 0) return;  // each case has three machines with stores
        Cluster cluster;
        const auto steps = *rc::gen::inRange(10, 60);
        for (int i = 0; i < steps; ++i) cluster.step();
        cluster.check();
    }));
}

}  // namespace
}  // namespace rues::gateway::cluster
