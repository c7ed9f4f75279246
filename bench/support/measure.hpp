#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// What every benchmark needs. Time is CPU time (user and system), never that of a clock: the machine is shared. And
/// only ratios within one run are meant: rounds measure every row in turn, so that what disturbs one disturbs all.
namespace rues::bench {

/// Ends the program: a benchmark that measured something else than it says is worse than none.
[[noreturn]] void give_up(std::string_view why);
inline void require(bool holds, std::string_view what) {
    if (!holds) give_up(what);
}

/// CPU time of the calling thread so far, microseconds.
double thread_cpu_us();
/// CPU time of one call, the mean of `times`.
double cpu_us_of(std::size_t times, const std::function<void()>& call);

/// The CPU on which whatever is measured runs, and the one for who asks it.
struct Cpus {
    int measured;
    int other;  ///< the same when there is only one
};
Cpus cpus();
/// Puts the calling thread, and what it starts from now on, on one CPU.
void pin_here(int cpu);

double median(std::vector<double> values);

/// One line of a report: what was measured once a round.
struct Row {
    std::string name;
    std::vector<double> us{};  ///< CPU microseconds of one item, one a round
    /// The row it is compared with, and the ratio that is promised; none: 0.
    const Row* peer = nullptr;
    double promised = 0;

    double median_us() const { return median(us); }
    /// The median of the ratios round by round, which what slows a whole round does not reach.
    double ratio() const { return median(ratios()); }
    std::vector<double> ratios() const;
};

/// Prints the rows under a title; false when one of them breaks what is promised.
bool print(std::string_view title, const std::vector<const Row*>& rows);

}  // namespace rues::bench
