#include "app/node_log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/details/os.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>

#include "app/line_writer.hpp"
#include "app/output.hpp"
#include "base/json.hpp"

namespace rues::app {
namespace {

using base::LogLevel;

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
    case LogLevel::debug:
        return spdlog::level::debug;
    case LogLevel::info:
        return spdlog::level::info;
    case LogLevel::warning:
        return spdlog::level::warn;
    case LogLevel::error:
        break;
    }
    return spdlog::level::err;
}

/// Begin and end of a level's name on a terminal.
std::pair<std::string_view, std::string_view> colours_of(spdlog::level::level_enum level) {
    constexpr std::string_view kEnd = "\033[m";
    switch (level) {
    case spdlog::level::debug:
        return {"\033[36m", kEnd};
    case spdlog::level::info:
        return {"\033[32m", kEnd};
    case spdlog::level::warn:
        return {"\033[33m\033[1m", kEnd};
    default:
        return {"\033[31m\033[1m", kEnd};
    }
}

/// The error stream, written without the C library's `stderr`: the lock of that is taken at the end of the process, and
/// a write that never returns would hold it.
class ErrorStream final : public spdlog::sinks::base_sink<std::mutex> {
protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t formatted;
        formatter_->format(message, formatted);
        std::string line(formatted.data(), formatted.size());
        if (has_colours_ && message.color_range_end > message.color_range_start) {
            const auto [begin, end] = colours_of(message.level);
            line.insert(message.color_range_end, end);
            line.insert(message.color_range_start, begin);
        }
        for (std::string_view rest = line; !rest.empty();) {
            const auto written = ::write(STDERR_FILENO, rest.data(), rest.size());
            if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
            if (written < 0 && errno != EINTR) return;  // nobody is left to be told
        }
    }
    void flush_() override {}

private:
    const bool has_colours_ = spdlog::details::os::in_terminal(stderr) && spdlog::details::os::is_color_terminal();
};

std::int64_t unix_ms_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace

std::string json_line(LogLevel level, std::string_view text, std::int64_t unix_ms) {
    constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
    const auto seconds = fmt::gmtime(static_cast<std::time_t>(unix_ms / 1'000));
    return base::json::print(base::json::object{
        {"time", fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", seconds, unix_ms % 1'000)},
        {"level", kNames[static_cast<std::size_t>(level)]},
        {"message", text},
    });
}

NodeLog make_node_log(LogLevel level, bool json) {
    const auto logger = std::make_shared<spdlog::logger>("rues", std::make_shared<ErrorStream>());
    logger->set_level(spdlog::level::trace);
    logger->set_pattern(json ? "%v" : "%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
    // The level is compared when a line is logged, not when it is written.
    const auto least = std::make_shared<std::atomic<LogLevel>>(level);
    const auto line_of = [json](LogLevel at, std::string_view text) {
        return json ? json_line(at, text, unix_ms_now()) : printable(text);
    };
    const auto stream = [logger, least, line_of](LogLevel at, std::string_view text) {
        if (at >= least->load()) logger->log(to_spdlog(at), line_of(at, text));
    };
    const auto log = [logger, least, line_of, writer = std::make_shared<LineWriter>(stream, "lines")](
                         LogLevel at, std::string_view text) {
        if (at < least->load()) return;
        writer->add([logger, at, time = spdlog::log_clock::now(), line = line_of(at, text)](const base::Log&) {
            logger->log(time, {}, to_spdlog(at), line);
        });
    };
    return {log, stream, [least](LogLevel at) { least->store(at); }};
}

}  // namespace rues::app
