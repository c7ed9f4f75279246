#include <algorithm>

#include "api/routes.hpp"

namespace rues::api::dev {
namespace {

constexpr std::uint64_t kMaxMine = 10'000;
constexpr std::uint64_t kMaxAdvance = 3'155'760'000;  // a hundred years

/// A browser page or a proxy must never reach these, whatever address it comes from.
bool is_own(const net::Request& request) {
    if (!request.loopback) return false;
    for (const char* name : {"origin", "forwarded", "x-forwarded-for"}) {
        if (request.header(name)) return false;
    }
    std::string_view host = request.header("host").value_or("");
    const auto port = host.rfind(':');
    if (port != std::string_view::npos && host.find(']', port) == std::string_view::npos) host = host.substr(0, port);
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

}  // namespace

bool is_path(std::string_view path) {
    return path == "/dev" || path.starts_with("/dev/");
}

void dispatch(const Context& context, Call call) {
    call.cross_origin = false;
    if (!is_own(call.request)) return std::move(call).fail({ErrorCode::forbidden, {}});
    const auto path = call.request.path();
    const bool mines = path == "/dev/mine";
    if (!mines && path != "/dev/time") return std::move(call).fail({ErrorCode::path_not_found, {}});
    if (call.request.method != "POST") {
        call.extra.emplace_back("allow", "POST");
        return std::move(call).fail({ErrorCode::method_not_allowed, {}});
    }
    const auto text = base::trimmed(base::text(call.request.body));
    const auto number = text.empty() && mines ? std::optional<std::uint64_t>(1) : base::parse_u64(text);
    const auto most = mines ? kMaxMine : kMaxAdvance;
    if (!number || *number > most) {
        return std::move(call).fail(
            {ErrorCode::invalid_input, "a decimal number up to " + std::to_string(most) + " is expected"});
    }
    if (!mines) return std::move(call).json(base::json::object{{"timestamp", context.chain.advance_time(*number)}});
    context.chain.mine(*number, [call = std::move(call)](base::Result<std::uint64_t> height) mutable {
        if (!height) return std::move(call).fail({ErrorCode::internal, height.error().text});
        std::move(call).json(base::json::object{{"height", *height}});
    });
}

}  // namespace rues::api::dev
