#include <rapidcheck.h>

#include "fakes.hpp"

namespace rues::feed::test {
namespace {

/// A session must receive each event that it was subscribed to both when the event was published and when its turn to
/// be sent comes. The model knows only this promise, and nothing of tails, cursors and loops.
struct ModelSession {
    wire::SessionId id{};
    Socket socket;
    std::map<std::size_t, std::uint64_t> from;  ///< target -> end of the log when it was subscribed
    std::set<std::uint64_t> may;                ///< every event that it was subscribed to when the event was published
    std::set<std::uint64_t> must;               ///< of these, the events that no unsubscription affected
};

std::vector<wire::Uri> targets() {
    using enum wire::Component;
    const std::string a(64, 'a');
    const std::string b(64, 'b');
    return {uri(blocks, a, "accepted"),           uri(blocks, b, "accepted"), uri(contracts, a, "Moved"),
            uri(contracts, a, "moved"),           uri(blocks, a, "reverted"), uri(blocks, std::nullopt, "accepted"),
            uri(blocks, std::nullopt, "reverted")};
}
constexpr std::size_t kTargetsWithEvents = 5;  // sessions may subscribe to the others too

TEST(FeedModel, every_session_gets_its_events_once_and_in_order) {
    EXPECT_TRUE(rc::check([] {
        const auto uris = targets();
        LogOnly log;
        Manual manual(2);
        const std::size_t one = message(1, uris[0]).size();
        Limits limits;
        limits.tail_bytes = one * *rc::gen::inRange<std::size_t>(1, 12);
        limits.catch_up_bytes = one * *rc::gen::inRange<std::size_t>(1, 6);
        const base::ManualClock clock(std::chrono::milliseconds(0));
        limits.late_subscriptions = false;
        const auto hub = *Hub::create(log, {2, limits, {}, {}}, manual.executors(), clock, base::no_log());
        std::vector<std::unique_ptr<ModelSession>> sessions;
        for (std::size_t i = 0; i < 6; ++i) {
            sessions.push_back(std::make_unique<ModelSession>());
            sessions[i]->id = *hub->open(i % 2, sessions[i]->socket, {});
        }
        // A request is applied when its loop runs; then the model learns of it.
        const auto change = [&](ModelSession& session, std::size_t target, bool subscribe) {
            auto done = [&log, &uris, &session, target, subscribe](const Subscribed& subscribed) {
                if (subscribed.result != SubscribeResult::ok) return;
                if (subscribe) {
                    session.from.try_emplace(target, subscribed.position.seq);
                    return;
                }
                session.from.erase(target);
                // An event that was not received yet may come or not.
                const auto received = session.socket.sequence();
                const std::uint64_t last = received.empty() ? 0 : received.back();
                std::erase_if(session.must, [&](std::uint64_t seq) {
                    const auto at = log.uri_at(seq);
                    return seq > last && uris[target].matches(at) &&
                           std::ranges::none_of(session.from, [&](const auto& entry) {
                               return seq > entry.second && uris[entry.first].matches(at);
                           });
                });
            };
            subscribe ? hub->subscribe(session.id, uris[target], {}, done)
                      : hub->unsubscribe(session.id, uris[target], done);
        };
        const auto writable = [&](std::size_t i) {
            if (!std::exchange(sessions[i]->socket.blocked, false)) return;
            hub->writable(i % 2, sessions[i]->id);
        };
        // All sessions subscribe to one topic, and most events have it, so that events are sent by the lanes.
        const bool is_crowded = *rc::gen::arbitrary<bool>();
        for (std::size_t i = 0; is_crowded && i < sessions.size(); ++i) change(*sessions[i], 0, true);
        const auto event = [&] {
            if (is_crowded && *rc::gen::inRange(0, 8) > 0) return uris[0];
            return uris[*rc::gen::inRange<std::size_t>(0, kTargetsWithEvents)];
        };
        const int steps = *rc::gen::inRange(1, 120);
        for (int step = 0; step < steps; ++step) {
            const std::size_t i = *rc::gen::inRange<std::size_t>(0, sessions.size());
            auto& session = *sessions[i];
            switch (*rc::gen::inRange(0, 9)) {
            case 0:
                change(session, *rc::gen::inRange<std::size_t>(0, uris.size()), true);
                break;
            case 1:
                change(session, *rc::gen::inRange<std::size_t>(0, uris.size()), false);
                break;
            case 2:  // the socket takes a little more
                session.socket.lane_is_shut = *rc::gen::inRange(0, 3) == 0;
                session.socket.room = *rc::gen::inRange<std::size_t>(0, 3 * one);
                if (session.socket.room > 0) writable(i);
                break;
            case 3:
                session.socket.room = Socket::kUnlimited;
                writable(i);
                break;
            case 4:
                if (*rc::gen::inRange(0, 4) > 0) break;
                hub->closed(i % 2, session.id, true);
                sessions[i] = std::make_unique<ModelSession>();
                manual.run();  // answers that were under way have no session now
                sessions[i]->id = *hub->open(i % 2, sessions[i]->socket, {});
                break;
            case 5:
                Manual::one(manual.loops[0]);
                Manual::one(manual.loops[1]);
                break;
            case 6:
                Manual::one(manual.pool);
                break;
            default: {
                // Requests are applied first, so that the model knows the subscriptions that an event meets.
                manual.run();
                std::vector<wire::Uri> events;
                for (int n = *rc::gen::inRange(1, 6); n > 0; --n) events.push_back(event());
                const auto batch = log.append(events);
                for (auto& each : sessions) {
                    for (std::size_t k = 0; k < events.size(); ++k) {
                        if (std::ranges::any_of(each->from,
                                                [&](const auto& e) { return uris[e.first].matches(events[k]); }))
                            each->must.insert((*batch)[k].seq), each->may.insert((*batch)[k].seq);
                    }
                }
                hub->appended(batch);
            }
            }
        }
        for (std::size_t i = 0; i < sessions.size(); ++i) {
            manual.run();
            sessions[i]->socket.room = Socket::kUnlimited;
            writable(i);
            manual.run();
            std::size_t unfinished = 1;
            const auto got = sessions[i]->socket.sequence(&unfinished);
            RC_ASSERT(unfinished == 0u);
            RC_ASSERT(std::ranges::adjacent_find(got, std::ranges::greater_equal()) == got.end());
            RC_ASSERT(std::ranges::includes(got, sessions[i]->must));
            RC_ASSERT(std::ranges::includes(sessions[i]->may, got));
        }
    }));
    EXPECT_GT(Socket::by_lane, 0U);
}

}  // namespace
}  // namespace rues::feed::test
