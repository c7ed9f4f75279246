#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Tools of every benchmark. Time is CPU time (user and system), never wall time, because the machine is shared. Only
/// ratios within one run mean something: each round measures every row, so that a disturbance affects all rows.
namespace rues::bench {

/// Ends the program: a benchmark that measures something else than it claims is worse than no benchmark.
[[noreturn]] void give_up(std::string_view why);
inline void require(bool holds, std::string_view what) {
    if (!holds) give_up(what);
}

/// CPU time of the calling thread so far, in microseconds.
double thread_cpu_us();
/// CPU microseconds of one call; the mean of `times` calls.
double cpu_us_of(std::size_t times, const std::function<void()>& call);

/// The CPU for the measured process, and the CPU for its clients.
struct Cpus {
    int measured;
    int other;  ///< the same as `measured` when there is only one CPU
};
Cpus cpus();
/// Pins the calling thread, and every thread and process that it starts later, to one CPU.
void pin_here(int cpu);

double median(std::vector<double> values);

/// One line of a report, with one measured value for each round.
struct Row {
    std::string name;
    std::vector<double> us{};  ///< CPU microseconds of one item, one value for each round
    /// The row of comparison, and the promised ratio to it; 0: no promise.
    const Row* peer = nullptr;
    double promised = 0;

    double median_us() const { return median(us); }
    /// The median of the ratios of all rounds. A disturbance that slows a whole round does not change its ratio.
    double ratio() const { return median(ratios()); }
    std::vector<double> ratios() const;
};

/// Prints the rows under a title. False when a row breaks its promise.
bool print(std::string_view title, const std::vector<const Row*>& rows);

}  // namespace rues::bench
