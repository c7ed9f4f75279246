#pragma once

#include <rapidcheck.h>

#include "fixture.hpp"

/// The parts of models that drive a hub at random: a server that can be killed, and clients that come back.
namespace rues::feed::test {

/// A hub of two loops over a log that outlives it. Its tasks run when the model says so. There is no hub before
/// `begin`.
struct ModelServer {
    /// The tail holds less than `tail` messages; it and the reads of catching up have random sizes.
    explicit ModelServer(std::size_t tail) {
        limits.tail_bytes = one * *rc::gen::inRange<std::size_t>(1, tail);
        limits.catch_up_bytes = one * *rc::gen::inRange<std::size_t>(1, 6);
        limits.late_subscriptions = false;
    }

    /// Starts the hub. One that runs is killed: nothing of it is left but its files.
    void begin() {
        hub.reset();
        for (auto& loop : manual.loops) loop.clear();
        manual.pool.clear();
        manual.later.clear();
        hub = *Hub::create(log, {2, limits, {}, folder.path()}, manual.executors(), clock, base::no_log());
    }
    void run_one_task_of_each_loop() {
        for (auto& loop : manual.loops) Manual::one(loop);
    }

    rues::test::TemporaryFolder folder;
    LogOnly log;
    Manual manual{2};
    const base::ManualClock clock{std::chrono::milliseconds(1)};
    Limits limits;
    const std::size_t one = message(1, kAccepted).size();  ///< bytes of a message
    std::unique_ptr<Hub> hub;
};

/// Lets a socket take `room` bytes more.
inline void give_room(Hub& hub, std::size_t loop, const wire::SessionId& id, Socket& socket, std::size_t room) {
    socket.room = room;
    if (room > 0 && std::exchange(socket.blocked, false)) hub.writable(loop, id);
}

/// One client over all its connections.
struct ModelClient {
    void open(ModelServer& server) {
        socket = std::make_unique<Socket>();
        id = *server.hub->open(loop, *socket, {});
    }
    void stall(ModelServer& server) {
        give_room(*server.hub, loop, id, *socket, *rc::gen::inRange<std::size_t>(0, 3 * server.one));
    }
    void read_all(ModelServer& server) { give_room(*server.hub, loop, id, *socket, Socket::kUnlimited); }

    /// Takes the session over on a new connection, from this position or from what the hub knows. `take_in` is called
    /// before the old socket goes.
    void resume(ModelServer& server, std::optional<std::uint64_t> after, const std::function<void()>& take_in) {
        std::optional<Restored> restored;
        const auto position = after ? std::optional(wire::Position{kEpoch, *after}) : std::nullopt;
        server.hub->take_over(id, position, loop, [&](Restored r) { restored = std::move(r); });
        server.manual.run();
        RC_ASSERT(restored->recovered);
        take_in();
        socket = std::make_unique<Socket>();
        Opening opening;
        opening.restored = std::move(restored);
        id = *server.hub->open(loop, *socket, std::move(opening));
    }

    wire::SessionId id{};
    std::unique_ptr<Socket> socket;
    std::size_t loop = 0;
};

/// A place in the log from which a subscription begins, or none: it begins at the end.
inline std::optional<wire::Position> some_position(const LogOnly& log) {
    if (!*rc::gen::arbitrary<bool>()) return std::nullopt;
    return wire::Position{kEpoch, *rc::gen::inRange<std::uint64_t>(0, log.last_seq() + 1)};
}

/// 1 to `most` events of these.
inline std::vector<wire::Uri> some_events(std::span<const wire::Uri> of, int most) {
    std::vector<wire::Uri> out;
    for (int n = *rc::gen::inRange(1, most + 1); n > 0; --n)
        out.push_back(of[*rc::gen::inRange<std::size_t>(0, of.size())]);
    return out;
}

}  // namespace rues::feed::test
