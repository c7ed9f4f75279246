#include "app/line_writer.hpp"

#include <fmt/format.h>

namespace rues::app {

void LineWriter::add(std::move_only_function<void(const base::Log&)> lines) {
    const base::ActingFor nobody(nullptr);  // lines keep their order, whoever caused them
    const bool taken = thread_.add([this, lines = std::move(lines)]() mutable {
        if (const auto left_out = left_out_.exchange(0); left_out > 0)
            log_(base::LogLevel::warning,
                 fmt::format("left out, because the log is written too slowly: {} {}", left_out, what_));
        lines(log_);
    });
    if (!taken) ++left_out_;
}

base::Log log_through(LineWriter& writer) {
    return [&writer](base::LogLevel level, std::string_view text) {
        writer.add([level, text = std::string(text)](const base::Log& log) { log(level, text); });
    };
}

}  // namespace rues::app
