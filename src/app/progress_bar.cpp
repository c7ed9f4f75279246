#include "app/progress_bar.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace rues::app {
namespace {

constexpr std::uint64_t kWidth = 30;

void write_now(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

}  // namespace

std::string progress_line(std::string_view what, std::uint64_t done, std::uint64_t total, std::string_view more) {
    const double part = total == 0 ? 1.0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    const auto full = static_cast<std::size_t>(part * kWidth);
    return fmt::format("{} [{}{}] {:>3}%, {} of {}{}{}", what, std::string(full, '#'), std::string(kWidth - full, '-'),
                       static_cast<unsigned>(part * 100), done, total, more.empty() ? "" : ", ", more);
}

ProgressBar::ProgressBar(std::string what) : what_(std::move(what)), is_on_terminal_(::isatty(STDERR_FILENO) == 1) {}

void ProgressBar::show(std::uint64_t done, std::uint64_t total, std::string_view more) {
    if (!is_on_terminal_) return;
    is_shown_ = true;
    write_now("\r" + progress_line(what_, done, total, more) + "\x1b[K");
}

void ProgressBar::clear() {
    if (is_shown_) write_now("\r\x1b[K");
    is_shown_ = false;
}

}  // namespace rues::app
