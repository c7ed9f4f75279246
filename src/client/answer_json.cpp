#include "client/answer_json.hpp"

#include <fmt/format.h>

namespace rues::client {

using base::json::object;
using base::json::value;

Result<object> parse_object(base::ByteView text, std::string_view what) {
    boost::system::error_code problem;
    auto parsed = boost::json::parse(base::text(text), problem);
    auto* out = problem ? nullptr : parsed.if_object();
    if (out == nullptr) return failure(Error::Kind::malformed, fmt::format("{}: not a JSON object", what));
    return std::move(*out);
}

std::optional<std::uint64_t> number_in(const object& from, std::string_view key) {
    const value* found = from.if_contains(key);
    if (found == nullptr) return std::nullopt;
    boost::system::error_code problem;
    const auto out = found->to_number<std::uint64_t>(problem);
    return problem ? std::nullopt : std::optional(out);
}

std::optional<std::string> text_in(const object& from, std::string_view key) {
    const value* found = from.if_contains(key);
    if (found == nullptr || !found->is_string()) return std::nullopt;
    return std::string(found->get_string());
}

std::string error_text(const Answer& answer) {
    if (const auto body = parse_object(answer.body, "")) {
        if (auto text = text_in(*body, "error")) return std::move(*text);
    }
    return std::string(base::text(answer.body));
}

}  // namespace rues::client
