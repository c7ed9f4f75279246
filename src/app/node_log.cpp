#include "app/node_log.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

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
    auto logger = spdlog::stderr_color_mt("rues");
    logger->set_level(to_spdlog(level));
    logger->set_pattern(json ? "%v" : "%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
    const auto write = [logger, json](LogLevel at, std::string_view text) {
        if (!logger->should_log(to_spdlog(at))) return;
        logger->log(to_spdlog(at), json ? json_line(at, text, unix_ms_now()) : printable(text));
    };
    return {write, [logger](LogLevel at) { logger->set_level(to_spdlog(at)); }};
}

}  // namespace rues::app
