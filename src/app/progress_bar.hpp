#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rues::app {

/// `notes [#####-----]  50%, 1000 of 2000, 3 found`. More than `total` counts as all of it.
std::string progress_line(std::string_view what, std::uint64_t done, std::uint64_t total, std::string_view more);

/// The progress of a long command: one line on the error stream that is written over, and gone at the end. Without a
/// terminal it shows nothing. One thread.
class ProgressBar {
public:
    explicit ProgressBar(std::string what);
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    ~ProgressBar() { clear(); }

    void show(std::uint64_t done, std::uint64_t total, std::string_view more);
    /// Call it before something else is written to the terminal.
    void clear();

private:
    std::string what_;
    bool is_on_terminal_;
    bool is_shown_ = false;
};

}  // namespace rues::app
