#include "model_server.hpp"

namespace rues::feed::test {
namespace {

/// For each subscription it keeps the events that it had not seen before: these must be all events after the start of
/// the subscription, in order. The model knows nothing else.
struct Client : ModelClient {
    std::map<std::size_t, Sequence> seen;        ///< by target
    std::map<std::size_t, std::uint64_t> begin;  ///< target -> events after this position are delivered
};

TEST(ResumeModel, every_subscription_is_complete_and_in_order_across_stalls_replays_lost_connections_and_kills) {
    const std::vector<wire::Uri> targets{kAccepted, kOther, uri(contracts, kA, "moved")};
    EXPECT_TRUE(rc::check([&] {
        ModelServer server(12);
        server.begin();
        LogOnly& log = server.log;
        Manual& manual = server.manual;
        const auto& hub = server.hub;
        Client client;
        client.open(server);

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
            client.read_all(server);
            manual.run();
        };
        // After a kill the client names the position; otherwise the hub knows the last event that it delivered.
        const auto resume = [&](std::optional<std::uint64_t> after) { client.resume(server, after, take_in); };

        const int steps = *rc::gen::inRange(1, 80);
        for (int step = 0; step < steps; ++step) {
            const auto target = *rc::gen::inRange<std::size_t>(0, targets.size());
            switch (*rc::gen::inRange(0, 10)) {
            case 0: {
                if (client.begin.contains(target) || client.seen.contains(target)) break;
                SubscribeOptions options;
                options.after = some_position(log);
                hub->subscribe(client.id, targets[target], options, [&](Subscribed subscribed) {
                    RC_ASSERT(subscribed.result == SubscribeResult::ok);
                    client.begin[target] = subscribed.position.seq;
                });
                manual.run();
                break;
            }
            case 1:
                client.stall(server);
                break;
            case 2:
                server.run_one_task_of_each_loop();
                break;
            case 3:
                Manual::one(manual.pool);
                break;
            case 4:  // the connection is lost
                if (client.begin.empty()) break;
                hub->closed(client.loop, client.id, false);
                client.loop = *rc::gen::inRange<std::size_t>(0, 2);
                resume(std::nullopt);
                break;
            case 5:  // the client comes back while the old connection is still there
                if (client.begin.empty()) break;
                resume(std::nullopt);
                break;
            case 6:  // the server is killed
                if (client.begin.empty() || *rc::gen::inRange(0, 3) > 0) break;
                settle();  // so that the client has seen every event so far and can name the end of the log
                server.begin();
                resume(log.last_seq());
                break;
            default:
                hub->appended(log.append(some_events(targets, 5)));
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
