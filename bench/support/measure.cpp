#include "support/measure.hpp"

#include <sched.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace rues::bench {

void give_up(std::string_view why) {
    fmt::print(stderr, "bench: {}\n", why);
    std::exit(1);
}

double thread_cpu_us() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double cpu_us_of(std::size_t times, const std::function<void()>& call) {
    const double before = thread_cpu_us();
    for (std::size_t i = 0; i < times; ++i) call();
    return (thread_cpu_us() - before) / static_cast<double>(times);
}

Cpus cpus() {
    // Read only once, because the calling thread may be pinned later.
    static const Cpus found = [] {
        cpu_set_t usable;
        CPU_ZERO(&usable);
        require(::sched_getaffinity(0, sizeof usable, &usable) == 0, "no affinity mask");
        std::vector<int> numbers;
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (CPU_ISSET(static_cast<std::size_t>(cpu), &usable)) numbers.push_back(cpu);
        }
        return Cpus{numbers.front(), numbers.back()};
    }();
    return found;
}

void pin_here(int cpu) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(cpu), &one);
    require(::sched_setaffinity(0, sizeof one, &one) == 0, "a thread cannot be pinned");
}

double median(std::vector<double> values) {
    require(!values.empty(), "a row was never measured");
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::vector<double> Row::ratios() const {
    require(peer != nullptr && peer->us.size() == us.size(), "rows of different rounds are compared");
    std::vector<double> out;
    for (std::size_t i = 0; i < us.size(); ++i) out.push_back(us[i] / peer->us[i]);
    return out;
}

bool print(std::string_view title, const std::vector<const Row*>& rows) {
    bool kept = true;
    fmt::print("\n{}\n{:<60}{:>10}{:>12}{:>8}  {:<15}{}\n", title, "", "CPU us", "per CPU s", "ratio", "from - to",
               "of");
    for (const Row* row : rows) {
        const double us = row->median_us();
        fmt::print("{:<60}{:>10.{}f}{:>12.0f}", row->name, us, us < 10 ? 3 : 1, 1e6 / us);
        if (row->peer != nullptr) {
            const auto ratios = row->ratios();
            const auto [least, most] = std::ranges::minmax(ratios);
            fmt::print("{:>8.3f}  {:<15}{}", row->ratio(), fmt::format("{:.2f} - {:.2f}", least, most),
                       row->peer->name);
        }
        if (row->promised > 0) {
            const bool good = row->ratio() <= row->promised;
            kept = kept && good;
            fmt::print(" (promised {:.2f}{})", row->promised, good ? "" : ": BROKEN");
        }
        fmt::print("\n");
    }
    std::fflush(stdout);
    return kept;
}

}  // namespace rues::bench
