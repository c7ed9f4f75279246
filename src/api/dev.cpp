#include <algorithm>

#include "api/routes.hpp"

namespace rues::api::dev {
namespace {

constexpr std::uint64_t kMaxMine = 10'000;
constexpr std::uint64_t kMaxAdvance = 3'155'760'000;  // a hundred years

/// The number in a body; an empty one stands for `if_empty`.
Outcome<std::uint64_t> number_of(const Call& call, std::optional<std::uint64_t> if_empty, std::uint64_t most) {
    const auto text = base::trimmed(base::text(call.request.body));
    const auto number = text.empty() ? if_empty : base::parse_u64(text);
    if (number && *number <= most) return *number;
    return fail(ErrorCode::invalid_input, "a decimal number up to " + std::to_string(most) + " is expected");
}

}  // namespace

bool is_forwarded(const net::Request& request) {
    return request.header("origin") || request.header("forwarded") || request.header("x-forwarded-for");
}

bool is_own(const net::Request& request) {
    if (!request.loopback || is_forwarded(request)) return false;
    std::string_view host = request.header("host").value_or("");
    const auto port = host.rfind(':');
    if (port != std::string_view::npos && host.find(']', port) == std::string_view::npos) host = host.substr(0, port);
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

void advance_time(const Context& context, Call call) {
    const auto seconds = number_of(call, std::nullopt, kMaxAdvance);
    if (!seconds) return std::move(call).fail(seconds.error());
    std::move(call).json(base::json::object{{"timestamp", context.chain.advance_time(*seconds)}});
}

void mine(const Context& context, Call call) {
    const auto count = number_of(call, 1, kMaxMine);
    if (!count) return std::move(call).fail(count.error());
    context.chain.mine(*count, [call = std::move(call)](base::Result<std::uint64_t> height) mutable {
        if (!height) return std::move(call).fail({ErrorCode::internal, height.error().text});
        std::move(call).json(base::json::object{{"height", *height}});
    });
}

}  // namespace rues::api::dev
