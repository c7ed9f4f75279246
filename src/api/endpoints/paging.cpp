#include "api/endpoints/paging.hpp"

#include <fmt/format.h>

#include "api/sessions/subscribing.hpp"
#include "base/decimal.hpp"

namespace rues::api {

Result<PageRequest> page_request(const net::Request& request, Topic topic) {
    const auto query = query_in(request);
    if (!query) return std::unexpected(query.error());
    PageRequest out;
    for (const auto& [name, value] : *query) {
        if (name == "limit") {
            const auto number = base::parse_u64(value);
            if (!number || *number == 0 || *number > kMaxPage)
                return fail(ErrorCode::invalid_input, fmt::format("limit must be a number from 1 to {}", kMaxPage));
            out.limit = *number;
        } else if (name == "before") {
            out.before = value;
        } else if (name == "topic" && topic == Topic::optional) {
            out.topic = value;
        } else {
            return fail(ErrorCode::invalid_input, "unknown parameter " + name);
        }
    }
    return out;
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> parse_cursor(std::string_view text) {
    const auto at = text.find('-');
    if (at == std::string_view::npos) return std::nullopt;
    const auto a = base::parse_u64(text.substr(0, at));
    const auto b = base::parse_u64(text.substr(at + 1));
    return a && b ? std::optional(std::pair(*a, *b)) : std::nullopt;
}

std::string cursor_text(std::uint64_t a, std::uint64_t b) {
    return fmt::format("{}-{}", a, b);
}

std::unexpected<Failure> bad_cursor() {
    return fail(ErrorCode::invalid_input, "before must be the `next` of a page");
}

}  // namespace rues::api
