// Delivery of a contract's events to 1,000 sessions, decoded by the contract's data driver and as they are, and the
// decoding itself. Both servers publish the same events, one at a time and in bursts.
#include "base/encoding.hpp"
#include "drivers/driver.hpp"
#include "support/contract_events.hpp"
#include "support/publishers.hpp"
#include "support/subscribers.hpp"
#include "vm/parts.hpp"

namespace {

using namespace rues;
using namespace rues::bench;

constexpr int kRounds = 5;
constexpr std::size_t kSessions = 1'000;

/// A server whose sessions get the events in one form.
struct Side {
    Side(std::string_view topic, const std::string& query, Cpus at)
        : topic_(topic),
          server_({.sessions = kSessions}, meter_, at.measured),
          subscribers_({.port = server_.port(),
                        .count = kSessions,
                        .subscriptions =
                            [query](std::size_t) {
                                return std::vector{"/on/contracts:" + base::to_hex(ledger::kTransferContract) +
                                                   "/moonlight" + query};
                            }},
                       meter_, at.other) {}
    /// CPU microseconds of one delivery. A part of the bursts runs unmeasured before, because the first deliveries find
    /// their sockets in no cache.
    double us(std::size_t bursts, std::size_t burst) {
        run({(bursts + 3) / 4, burst, 20'000, 0, 0, topic_});
        return run({bursts, burst, 20'000, 0, 0, topic_}) / static_cast<double>(bursts * burst * kSessions);
    }

private:
    double run(const Order& order) {
        meter_.reset();
        subscribers_.begin();
        const double before = server_.process().cpu_us();
        server_.process().say(order.line());
        server_.process().line_after("done");
        subscribers_.wait();
        return server_.process().cpu_us() - before;
    }

    std::string topic_;
    Meter meter_;
    FeedServer server_;
    Subscribers subscribers_;
};

}  // namespace

bool rues::bench::measure_decoding() {
    const Cpus at = cpus();
    pin_here(at.other);
    Side stored(kStoredEvents, "", at);
    Side decoded(kDecodedEvents, "?decode=json", at);

    Row one{"as it is: 1 event every 20 ms to 1,000"};
    Row one_decoded{"decoded: 1 event every 20 ms to 1,000", {}, &one, 1.15};
    Row many{"as they are: 32 events every 20 ms to 1,000"};
    Row many_decoded{"decoded: 32 events every 20 ms to 1,000", {}, &many, 1.15};
    Row decoding{"the decoding of one event"};
    const auto* const driver = drivers::driver_of(ledger::kTransferContract);
    const base::Bytes payload = moonlight_payload();
    for (int round = 0; round < kRounds; ++round) {
        const auto measure = [&](bool is_decoded) {
            Side& side = is_decoded ? decoded : stored;
            (is_decoded ? one_decoded : one).us.push_back(side.us(40, 1));
            (is_decoded ? many_decoded : many).us.push_back(side.us(20, 32));
        };
        measure(round % 2 == 0);
        measure(round % 2 != 0);
        decoding.us.push_back(cpu_us_of(100, [&] {
            const auto made = driver->decode_event("moonlight", payload);
            require(made.has_value() && !base::json::print(*made).empty(), "the event cannot be decoded");
        }));
    }
    pin_here(at.measured);
    return print("Decoded events: a delivery to one session, with the decoding, which is done once",
                 {&one, &one_decoded, &many, &many_decoded, &decoding});
}
