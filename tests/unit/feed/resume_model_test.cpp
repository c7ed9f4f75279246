#include <rapidcheck.h>

#include "fixture.hpp"

namespace rues::feed::test {
namespace {

/// One client over all its connections. For each subscription it keeps the events that it had not seen before: these
/// must be all events after the start of the subscription, in order. The model knows nothing else.
struct Client {
    wire::SessionId id{};
    std::unique_ptr<Socket> socket = std::make_unique<Socket>();
    std::map<std::size_t, Sequence> seen;        ///< by target
    std::map<std::size_t, std::uint64_t> begin;  ///< target -> events after this position are delivered
};

TEST(ResumeModel, every_subscription_is_complete_and_in_order_across_stalls_replays_lost_connections_and_kills) {
    const std::vector<wire::Uri> targets{kAccepted, kOther, uri(contracts, kA, "moved")};
    EXPECT_TRUE(rc::check([&] {
        rues::test::TemporaryFolder folder;
        LogOnly log;
        Manual manual(2);
        const base::ManualClock clock(std::chrono::milliseconds(1));
        Limits limits;
        const std::size_t one = message(1, kAccepted).size();
        limits.tail_bytes = one * *rc::gen::inRange<std::size_t>(1, 12);
        limits.catch_up_bytes = one * *rc::gen::inRange<std::size_t>(1, 6);
        limits.late_subscriptions = false;
        std::unique_ptr<Hub> hub;
        const auto begin = [&] {
            hub.reset();
            for (auto& loop : manual.loops) loop.clear();
            manual.pool.clear();
            manual.later.clear();
            hub = *Hub::create(log, {2, limits, {}, folder.path()}, manual.executors(), clock, base::no_log());
        };
        begin();
        Client client;
        std::size_t loop = 0;
        client.id = *hub->open(loop, *client.socket, {});

        const auto take_in = [&] {
            for (const std::uint64_t seq : client.socket->sequence()) {
                const auto at = log.uri_at(seq);
                const auto target = static_cast<std::size_t>(std::ranges::find(targets, at) - targets.begin());
                auto& seen = client.seen[target];
                if (seen.empty() || seq > seen.back()) seen.push_back(seq);
            }
        };
        const auto settle = [&] {
            manual.run();
            client.socket->room = Socket::kUnlimited;
            if (std::exchange(client.socket->blocked, false)) hub->writable(loop, client.id);
            manual.run();
        };
        // After a kill the client names the position; otherwise the hub knows the last event that it delivered.
        const auto resume = [&](std::optional<std::uint64_t> after) {
            std::optional<Restored> restored;
            const auto position = after ? std::optional(wire::Position{kEpoch, *after}) : std::nullopt;
            hub->take_over(client.id, position, loop, [&](Restored r) { restored = std::move(r); });
            manual.run();
            RC_ASSERT(restored->recovered);
            take_in();
            client.socket = std::make_unique<Socket>();
            Opening opening;
            opening.restored = std::move(restored);
            client.id = *hub->open(loop, *client.socket, std::move(opening));
        };

        const int steps = *rc::gen::inRange(1, 80);
        for (int step = 0; step < steps; ++step) {
            const auto target = *rc::gen::inRange<std::size_t>(0, targets.size());
            switch (*rc::gen::inRange(0, 10)) {
            case 0: {
                if (client.begin.contains(target) || client.seen.contains(target)) break;
                SubscribeOptions options;
                if (*rc::gen::arbitrary<bool>())
                    options.after = wire::Position{kEpoch, *rc::gen::inRange<std::uint64_t>(0, log.last_seq() + 1)};
                hub->subscribe(client.id, targets[target], options, [&](Subscribed subscribed) {
                    RC_ASSERT(subscribed.result == SubscribeResult::ok);
                    client.begin[target] = subscribed.position.seq;
                });
                manual.run();
                break;
            }
            case 1:
                client.socket->room = *rc::gen::inRange<std::size_t>(0, 3 * one);
                if (client.socket->room > 0 && std::exchange(client.socket->blocked, false))
                    hub->writable(loop, client.id);
                break;
            case 2:
                Manual::one(manual.loops[0]);
                Manual::one(manual.loops[1]);
                break;
            case 3:
                Manual::one(manual.pool);
                break;
            case 4:  // the connection is lost
                if (client.begin.empty()) break;
                hub->closed(loop, client.id, false);
                loop = *rc::gen::inRange<std::size_t>(0, 2);
                resume(std::nullopt);
                break;
            case 5:  // the client comes back while the old connection is still there
                if (client.begin.empty()) break;
                resume(std::nullopt);
                break;
            case 6:  // the server is killed
                if (client.begin.empty() || *rc::gen::inRange(0, 3) > 0) break;
                settle();  // so that the client has seen every event so far and can name the end of the log
                begin();
                resume(log.last_seq());
                break;
            default: {
                std::vector<wire::Uri> events;
                for (int n = *rc::gen::inRange(1, 6); n > 0; --n)
                    events.push_back(targets[*rc::gen::inRange<std::size_t>(0, targets.size())]);
                hub->appended(log.append(events));
            }
            }
        }
        settle();
        take_in();
        for (const auto& [target, from] : client.begin) {
            Sequence expected;
            for (std::uint64_t seq = from + 1; seq <= log.last_seq(); ++seq) {
                if (log.uri_at(seq) == targets[target]) expected.push_back(seq);
            }
            RC_ASSERT(client.seen[target] == expected);
        }
    }));
}

}  // namespace
}  // namespace rues::feed::test
