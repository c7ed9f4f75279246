// CPU time of one delivery on the server, next to a bare `send()` loop, which is the least that the kernel costs.
// Events have 300 bytes. The server has one core; the clients are other processes on the other core. A row and its peer
// are measured right after each other, in alternating order.
#include <unistd.h>

#include <memory>

#include "support/load.hpp"
#include "support/measure.hpp"
#include "support/peers.hpp"
#include "support/publishers.hpp"
#include "support/subscribers.hpp"

namespace {

using namespace rues;
using namespace rues::bench;

constexpr std::size_t kRounds = 5;
constexpr std::size_t kSmall = 1'000;
constexpr std::size_t kLarge = 10'000;
constexpr std::size_t kFew = 10;
constexpr std::size_t kMessageBytes = 300;
constexpr std::size_t kLogEntries = 1'000'000;
constexpr std::size_t kOneIn = 100;  ///< one in this many events of the topic `mixed` is `removed`
constexpr unsigned kPingIntervalMs = 25'000;
constexpr double kIdleSeconds = 50;
constexpr double kPromisedIdleBytes = 1'024;
constexpr double kPromisedIdlePercent = 1;

/// One side of a comparison: the program that publishes, its subscribers, and the process whose CPU time is measured.
struct Side {
    const Process& measured;
    Process& publisher;
    Subscribers& subscribers;
    Meter& meter;

    /// CPU microseconds of one delivery in a steady state. A quarter as many bursts run unmeasured before, because the
    /// first deliveries find their sockets in no cache after another process used the CPU.
    double run(const Order& order) {
        Order before = order;
        before.bursts = (order.bursts + 3) / 4;
        cpu_us(before);
        return cpu_us(order) / static_cast<double>(order.events() * subscribers.count());
    }
    double cpu_us(const Order& order) {
        meter.reset();
        subscribers.begin();
        const double before = measured.cpu_us();
        publisher.say(order.line());
        publisher.line_after("done");
        subscribers.wait();
        return measured.cpu_us() - before;
    }
};

std::vector<std::string> included_and_own(std::size_t number) {
    return {"/on/transactions/included", fmt::format("/on/transactions:{:064x}/executed", kLogEntries * 100 + number)};
}
std::vector<std::string> own(std::size_t number) {
    return {included_and_own(number)[1]};
}

/// Our server with its sessions.
struct Ours {
    Meter meter;
    FeedServer server;
    Subscribers subscribers;
    Ours(FeedSettings settings, std::vector<std::string> (*subscriptions)(std::size_t), Cpus at)
        : server(settings, meter, at.measured),
          subscribers(
              {.port = server.port(), .count = settings.sessions, .subscriptions = subscriptions, .tls = settings.tls},
              meter, at.other) {}
    Side side() { return {server.process(), server.process(), subscribers, meter}; }
};

/// The bare loop for comparison: it has the same sockets and the same readers.
struct Bare {
    Ours& of;
    BareLoop loop;
    Bare(Ours& ours, Cpus at) : of(ours), loop(of.server, of.subscribers.count(), of.meter, at.measured) {}
    Side side() { return {loop.process(), loop.process(), of.subscribers, of.meter}; }
};

struct NatsPeer {
    Meter meter;
    Nats server;
    Subscribers subscribers;
    NatsPublisher publisher;
    NatsPeer(std::size_t sessions, Cpus at)
        : server(at.measured),
          subscribers({.port = server.port(), .count = sessions, .speaks = Subscribers::Speaks::nats}, meter, at.other),
          publisher(server.port(), sessions, meter, at.measured) {}
    Side side() { return {server.process(), publisher.process(), subscribers, meter}; }
};

/// A row and the function that measures it once.
struct Measured {
    std::unique_ptr<Row> row;
    std::function<double()> measure;
};

class Table {
public:
    /// The value of a round is the mean of `turns` turns. Rows whose name does not contain `only` are neither measured
    /// nor printed; the name of a peer contains the name of its row.
    explicit Table(std::size_t turns, std::string_view only = {}) : turns_(turns), only_(only) {}
    Row& add(std::string name, std::function<double()> measure, const Row* peer = nullptr, double promised = 0) {
        auto& to = name.contains(only_) ? all_ : left_out_;
        to.push_back({std::make_unique<Row>(Row{std::move(name), {}, peer, promised}), std::move(measure)});
        return *to.back().row;
    }
    /// Each row follows its peer; every second turn runs in reverse order.
    void run() {
        for (std::size_t round = 0; round < kRounds; ++round) {
            std::vector<double> sums(all_.size());
            for (std::size_t turn = 0; turn < turns_; ++turn) {
                for (std::size_t n = 0; n < all_.size(); ++n) {
                    const std::size_t i = (round + turn) % 2 == 0 ? n : all_.size() - 1 - n;
                    sums[i] += all_[i].measure();
                }
            }
            for (std::size_t i = 0; i < all_.size(); ++i)
                all_[i].row->us.push_back(sums[i] / static_cast<double>(turns_));
        }
    }
    bool print(std::string_view title) const {
        std::vector<const Row*> rows;
        for (const auto& each : all_) rows.push_back(each.row.get());
        return bench::print(title, rows);
    }

private:
    const std::size_t turns_;
    const std::string only_;
    std::vector<Measured> all_;
    std::vector<Measured> left_out_;
};

Order order(std::size_t bursts, std::size_t burst, unsigned interval_us, std::size_t outstanding = 0) {
    return {bursts, burst, interval_us, outstanding, kMessageBytes, "included"};
}

bool deliveries(Ours& small, Ours& large, Cpus at, std::string_view rows) {
    Bare bare_small(small, at);
    Bare bare_large(large, at);
    NatsPeer nats(kSmall, at);
    Ours few({.sessions = kFew}, included_and_own, at);
    Ours tls({.sessions = kSmall, .tls = true}, included_and_own, at);

    Table table(4, rows);
    const auto compare = [&table, &tls](const std::string& what, Ours& ours, Bare& bare, const Order& how,
                                        double promised) {
        const Row& peer = table.add("send(): " + what, [&bare, how] { return bare.side().run(how); });
        table.add(what, [&ours, how] { return ours.side().run(how); }, &peer, promised);
        if (ours.subscribers.count() != kSmall) return;
        table.add("TLS: " + what, [&tls, how] { return tls.side().run(how); }, &peer);
    };
    compare("1 event every 20 ms to 1,000", small, bare_small, order(40, 1, 20'000), 1.10);
    compare("1 event every 200 ms to 10,000", large, bare_large, order(5, 1, 200'000), 1.10);
    compare("8 events every 20 ms to 1,000", small, bare_small, order(20, 8, 20'000), 1.15);
    compare("8 events every 200 ms to 10,000", large, bare_large, order(3, 8, 200'000), 1.15);
    compare("32 events every 20 ms to 1,000", small, bare_small, order(20, 32, 20'000), 1.15);
    compare("32 events every 200 ms to 10,000", large, bare_large, order(3, 32, 200'000), 1.15);
    compare("as many as are read, 48 outstanding, to 1,000", small, bare_small, order(250, 1, 0, 48), 0.15);
    const Row& nats_row =
        table.add("nats-server: 48 outstanding, to 1,000", [&nats] { return nats.side().run(order(1'000, 1, 0, 48)); });
    table.add("ours, the same", [&small] { return small.side().run(order(1'000, 1, 0, 48)); }, &nats_row, 0.75);

    const auto unwanted = [](Ours& ours) {
        constexpr unsigned kEvents = 6'000;
        Process& process = ours.server.process();
        const double before = process.cpu_us();
        process.say(Order{kEvents, 1, 100, 0, kMessageBytes, "executed"}.line());
        process.line_after("done");
        ::usleep(20'000);  // by then the loop has processed the last event
        return (process.cpu_us() - before) / kEvents;
    };
    const Row& few_row = table.add("an event without subscriber, 10 sessions", [&] { return unwanted(few); });
    table.add("an event without subscriber, 10,000 sessions", [&] { return unwanted(large); }, &few_row, 1.05);
    table.run();
    return table.print("Delivery: a delivery of one event to one session, or an event");
}

void print_latency(std::string_view name, Side side) {
    side.publisher.say("latencies");
    side.publisher.line_after("latencies ");
    side.run(order(100, 1, 100'000));
    side.publisher.say("latencies");
    const std::string both = side.publisher.line_after("latencies ");
    const auto space = both.find(' ');
    fmt::print("{:<60}{:>10.1f} ms{:>9.1f} ms\n", name, std::stod(both) / 1e3, std::stod(both.substr(space)) / 1e3);
    std::fflush(stdout);
}

void latencies(Ours& large, Cpus at) {
    Bare bare(large, at);
    bare.side().run(order(1, 1, 0));
    fmt::print("\n{:<60}{:>13}{:>12}\n", "From publishing to the last write, 10,000 sessions", "p50", "p99");
    print_latency("send()", bare.side());
    print_latency("an event", large.side());
}

bool doors(Cpus at) {
    constexpr std::size_t kClients = 32;
    constexpr std::size_t kEach = 100;
    const Meter meter;
    FeedServer server({.sessions = kClients}, meter, at.measured);
    const Nginx nginx({{"file", "{\"a\":1}"}}, at.measured);
    const std::string file = http_request("GET", "/file");
    std::vector<Client> new_nginx;
    std::vector<Client> kept_nginx;
    std::vector<Client> upgrades;
    std::vector<Client> subscribers;
    for (std::size_t i = 0; i < kClients; ++i) {
        new_nginx.push_back({-1, {file}, nginx.port()});
        kept_nginx.push_back({connect_to(nginx.port()), {file}});
        upgrades.push_back({-1, {upgrade_request()}, server.port()});
        const std::string header = fmt::format("Rusk-Session-Id: {}\r\n", open_session(server.port()));
        Client subscriber{connect_to(server.port()), {}};
        for (const std::string_view method : {"GET", "DELETE"}) {
            for (std::size_t n = 0; n < kEach; ++n) {
                subscriber.requests.push_back(
                    http_request(method, fmt::format("/on/contracts:{:064x}/topic", n), {}, header));
            }
        }
        subscribers.push_back(std::move(subscriber));
    }
    constexpr std::size_t kRequests = kClients * kEach;
    Load from_new_nginx(std::move(new_nginx), 200, at.other);
    Load from_kept_nginx(std::move(kept_nginx), 200, at.other);
    Load upgrading(std::move(upgrades), 101, at.other);
    Load subscribing(std::move(subscribers), 200, at.other);
    const auto subscribe = [&] {
        const double us = subscribing.run(kRequests, server.process());
        subscribing.run(kRequests, server.process());  // removes the subscriptions again
        return us;
    };
    Table table(1);
    const Row& on_new =
        table.add("nginx: a file on a new connection", [&] { return from_new_nginx.run(kRequests, nginx.process()); });
    table.add(
        "an upgrade on a new connection", [&] { return upgrading.run(kRequests, server.process()); }, &on_new, 1.5);
    const Row& on_kept = table.add("nginx: a file on a kept connection",
                                   [&] { return from_kept_nginx.run(kRequests, nginx.process()); });
    table.add("a subscription on a kept connection", subscribe, &on_kept, 1.5);
    upgrading.run(kRequests, server.process());
    from_new_nginx.run(kRequests, nginx.process());
    from_kept_nginx.run(kRequests, nginx.process());
    subscribe();
    table.run();
    return table.print("Doors: 32 clients");
}

/// Waits until the process uses almost no CPU: otherwise background work of the store would be measured too.
void wait_until_quiet(const Process& process) {
    constexpr double kQuietUs = 2'000;
    for (double before = process.cpu_us();;) {
        ::usleep(300'000);
        const double now = process.cpu_us();
        if (now - before < kQuietUs) return;
        before = now;
    }
}

/// Sessions that do not read fall behind while the log grows. Then they read, one after the other.
bool catching_up(Cpus at) {
    Meter meter;
    FeedServer server({.sessions = 1}, meter, at.measured);
    const auto stalled = [&](std::vector<std::string> uris) {
        std::vector<std::unique_ptr<Subscribers>> out;
        for (std::size_t i = 0; i < kRounds; ++i) {
            out.push_back(std::make_unique<Subscribers>(
                Subscribers::Options{
                    .port = server.port(), .count = 1, .subscriptions = [uris](std::size_t) { return uris; }},
                meter, at.other));
        }
        return out;
    };
    auto want_all = stalled({"/on/transactions/included", "/on/transactions/removed"});
    auto want_few = stalled({"/on/transactions/removed"});
    server.process().say(Order{kLogEntries / 1'000, 1'000, 0, 0, kMessageBytes, "mixed"}.line());
    server.process().line_after("done");
    wait_until_quiet(server.process());

    Meter iterator_meter;
    BareIterator iterator(server.store(), iterator_meter, at.measured);
    Subscribers reader({.port = iterator.port(), .count = 1, .speaks = Subscribers::Speaks::nothing}, iterator_meter,
                       at.other);
    const auto iterate = [&](const std::string& topic) {
        iterator_meter.reset();
        const double before = iterator.process().cpu_us();
        if (topic == "send") reader.begin();
        iterator.process().say(Order{1, kLogEntries, 0, 0, kMessageBytes, topic}.line());
        iterator.process().line_after("done");
        if (topic == "send") reader.wait();
        return (iterator.process().cpu_us() - before) / kLogEntries;
    };
    const auto catch_up = [&](std::vector<std::unique_ptr<Subscribers>>& sessions, std::size_t events) {
        const auto session = std::move(sessions.back());
        sessions.pop_back();
        const double before = server.process().cpu_us();
        session->begin(events * kMessageBytes);
        session->wait();
        return (server.process().cpu_us() - before) / kLogEntries;
    };
    iterate("look");
    Table table(1);
    const Row& looking = table.add("RocksDB iterator", [&] { return iterate("look"); });
    table.add(
        "catch-up: one in a hundred matches", [&] { return catch_up(want_few, kLogEntries / kOneIn); }, &looking, 2);
    const Row& sending = table.add("RocksDB iterator and send() of 256 KiB", [&] { return iterate("send"); });
    table.add("catch-up: all match", [&] { return catch_up(want_all, kLogEntries); }, &sending, 2);
    table.run();
    return table.print("Catching up from the log: an entry of 1,000,000");
}

/// Sessions that get no event. Their CPU time is measured from the end of the constructor to `print`.
class Idle {
public:
    explicit Idle(Cpus at)
        : server_({.sessions = kLarge, .ping_interval_ms = kPingIntervalMs}, meter_, at.measured),
          first_(
              {.port = server_.port(), .count = kFew, .subscriptions = [](std::size_t i) { return own(kLarge + i); }},
              meter_, at.other),
          bytes_before_(server_.process().resident_bytes()),
          subscribers_({.port = server_.port(), .count = kLarge, .subscriptions = own}, meter_, at.other),
          bytes_(static_cast<double>(server_.process().resident_bytes() - bytes_before_) / kLarge) {
        first_.idle();
        subscribers_.idle();
        cpu_before_ = server_.process().cpu_us();
        begun_ = now_us();
    }
    bool print() {
        const double left = kIdleSeconds * 1e6 - (now_us() - begun_);
        if (left > 0) ::usleep(static_cast<useconds_t>(left));
        const double percent = 100 * (server_.process().cpu_us() - cpu_before_) / (now_us() - begun_);
        const auto line = [](std::string_view what, double value, std::string_view unit, double promised) {
            fmt::print("{:<60}{:>10.2f} {} (promised {:.0f}{})\n", what, value, unit, promised,
                       value <= promised ? "" : ": BROKEN");
            return value <= promised;
        };
        fmt::print("\n10,000 idle sessions with one subscription each\n");
        const bool small = line("memory of one, above the kernel's", bytes_, "bytes", kPromisedIdleBytes);
        const bool quiet = line("CPU of all, a ping every 25 s", percent, "%", kPromisedIdlePercent);
        std::fflush(stdout);
        return small && quiet;
    }

private:
    Meter meter_;
    FeedServer server_;
    Subscribers first_;  ///< make the server allocate all that it needs only once
    std::size_t bytes_before_;
    Subscribers subscribers_;
    double bytes_;
    double cpu_before_ = 0;
    double begun_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
    if (is_publisher({arguments, static_cast<std::size_t>(count)})) {
        return publish({arguments, static_cast<std::size_t>(count)});
    }
    const Cpus at = cpus();
    pin_here(at.other);
    const std::string_view only = count > 1 ? arguments[1] : "";
    bool kept = true;
    std::unique_ptr<Idle> idle;
    if (only.empty() || only == "idle") idle = std::make_unique<Idle>(at);
    if (only.empty() || only == "delivery") {
        Ours small({.sessions = kSmall}, included_and_own, at);
        Ours large({.sessions = kLarge}, included_and_own, at);
        const std::string_view rows = count > 2 ? arguments[2] : "";
        kept = deliveries(small, large, at, rows) && kept;
        if (rows.empty()) latencies(large, at);
    }
    if (idle) kept = idle->print() && kept;
    if (only.empty() || only == "doors") kept = doors(at) && kept;
    if (only.empty() || only == "catch-up") kept = catching_up(at) && kept;
    return kept ? 0 : 1;
}
