// Time from the start of the program to its first answer, and its memory after a minute of blocks, with default
// settings. Time is wall time here, because waiting is part of it. The CPU time beside it does not depend on other work
// of the machine.
#include <unistd.h>

#include <chrono>

#include "support/load.hpp"
#include "support/measure.hpp"

namespace {

using namespace rues;
using namespace rues::bench;

constexpr int kStarts = 20;
constexpr unsigned kRestSeconds = 60;
constexpr double kPromisedMs = 300;
constexpr double kPromisedMegabytes = 80;

struct Start {
    std::vector<double> elapsed_ms;
    std::vector<double> cpu_ms;

    void measure(const std::vector<std::string>& flags, int cpu) {
        const auto begin = std::chrono::steady_clock::now();
        Node node(flags, cpu);
        const int socket = connect_to(node.port());
        ask(socket, http_request("POST", "/on/node/info"), 200);
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
        elapsed_ms.push_back(took.count());
        cpu_ms.push_back(node.process().cpu_us() / 1e3);
        ::close(socket);
    }
};

bool print_promise(std::string_view what, double value, std::string_view unit, double promised) {
    fmt::print("{:<54}{:>10.1f} {}  (promised {:.0f}{})\n", what, value, unit, promised,
               value <= promised ? "" : ": BROKEN");
    std::fflush(stdout);
    return value <= promised;
}

}  // namespace

int main() {
    const auto [cpu, other] = cpus();
    pin_here(other);
    Start fresh;
    Start again;
    const TemporaryFolder data;
    {
        Node first({"--data", data.path().string()}, cpu);
    }
    for (int i = 0; i < kStarts; ++i) {
        fresh.measure({}, cpu);
        again.measure({"--data", data.path().string()}, cpu);
    }
    fmt::print("\nStart on one core, medians of {}\n", kStarts);
    bool kept = print_promise("a new chain, to the first answer", median(fresh.elapsed_ms), "ms", kPromisedMs);
    kept &= print_promise("the same chain again, to the first answer", median(again.elapsed_ms), "ms", kPromisedMs);
    fmt::print("{:<54}{:>10.1f} ms\n{:<54}{:>10.1f} ms\n", "  of it CPU, a new chain", median(fresh.cpu_ms),
               "  of it CPU, the same chain again", median(again.cpu_ms));

    Node resting({}, cpu);
    const auto megabytes = [&] { return static_cast<double>(resting.process().resident_bytes()) / 1e6; };
    fmt::print("{:<54}{:>10.1f} MB\n", "resident memory after the start", megabytes());
    std::fflush(stdout);
    const double before = resting.process().cpu_us();
    ::sleep(kRestSeconds);
    kept &= print_promise(fmt::format("resident memory after {} s of blocks", kRestSeconds), megabytes(), "MB",
                          kPromisedMegabytes);
    fmt::print("{:<54}{:>10.2f} ms\n", "CPU a second at rest, one block included",
               (resting.process().cpu_us() - before) / 1e3 / kRestSeconds);
    return kept ? 0 : 1;
}
