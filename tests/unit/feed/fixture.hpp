#pragma once

#include "fakes.hpp"
#include "support/temporary_folder.hpp"

namespace rues::feed::test {

using enum wire::Component;
using Sequence = std::vector<std::uint64_t>;

inline const std::string kA(64, 'a');
inline const std::string kB(64, 'b');
inline const wire::Uri kAccepted = uri(blocks, kA, "accepted");
inline const wire::Uri kOther = uri(blocks, kB, "accepted");
inline const wire::Uri kAny = uri(blocks, std::nullopt, "accepted");

/// A hub with two loops that run only when the test says so.
struct Feed : testing::Test {
    /// Creates the hub. A second call is a restart after a kill: tasks that were under way are lost.
    void start(Limits limits = {}, const std::filesystem::path& journal = {}) {
        hub.reset();
        for (auto& loop : manual.loops) loop.clear();
        manual.pool.clear();
        manual.decoders.clear();
        manual.decoded_reads.clear();
        manual.later.clear();
        Hub::Options options{2, limits, base::ByteArray<16>{}, journal};
        options.decoder = decoder;
        auto made = Hub::create(log, options, manual.executors(), clock, base::no_log());
        ASSERT_TRUE(made) << made.error().text;
        hub = std::move(*made);
        hub->start();
    }
    wire::SessionId open(Socket& on, Opening opening = {}) {
        const auto id = hub->open(0, on, std::move(opening));
        EXPECT_TRUE(id);
        manual.run();
        return id.value_or(wire::SessionId{});
    }
    /// Subscribes or unsubscribes, then lets the replay start, as if the answer had been sent.
    Subscribed change(bool subscribe, const wire::SessionId& id, const wire::Uri& to, SubscribeOptions options = {}) {
        std::optional<Subscribed> out;
        auto done = [&](Subscribed subscribed) { out.emplace(std::move(subscribed)); };
        subscribe ? hub->subscribe(id, to, options, done) : hub->unsubscribe(id, to, done);
        manual.run();
        out.value().hold.reset();
        manual.run();
        return *out;
    }
    SubscribeResult subscribe(const wire::SessionId& id, const wire::Uri& to) { return change(true, id, to).result; }
    Subscribed subscribe_after(const wire::SessionId& id, const wire::Uri& to, std::uint64_t seq,
                               std::uint64_t epoch = kEpoch) {
        return change(true, id, to, {.after = wire::Position{epoch, seq}});
    }
    SubscribeResult unsubscribe(const wire::SessionId& id, const wire::Uri& to) { return change(false, id, to).result; }
    void publish(const std::vector<wire::Uri>& events) {
        hub->appended(log.append(events));
        manual.run();
    }
    /// Makes room for `bytes` in the socket and tells the hub.
    void drain(const wire::SessionId& id, Socket& to, std::size_t bytes = Socket::kUnlimited) {
        to.room = bytes;
        to.blocked = false;
        hub->writable(0, id);
        manual.run();
    }
    Restored take_over(const wire::SessionId& id, std::optional<std::uint64_t> after) {
        std::optional<Restored> out;
        const auto position = after ? std::optional(wire::Position{kEpoch, *after}) : std::nullopt;
        hub->take_over(id, position, 0, [&](Restored restored) { out = std::move(restored); });
        manual.run();
        return out.value();
    }

    LogOnly log;
    Manual manual{2};
    base::ManualClock clock{std::chrono::milliseconds(1'700'000'000'000)};
    Decoder decoder;  ///< of the next hub
    std::unique_ptr<Hub> hub;
    Socket socket;
    const std::size_t one = message(1, kAccepted).size();
};

}  // namespace rues::feed::test
