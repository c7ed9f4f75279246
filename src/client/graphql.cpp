#include "client/graphql.hpp"

#include "client/answer_json.hpp"

namespace rues::client {
namespace {

using base::json::object;

constexpr std::string_view kPath = "/graphql";

std::optional<std::string> first_error(const object& body) {
    const auto* errors = body.if_contains("errors");
    if (errors == nullptr || !errors->is_array() || errors->get_array().empty()) return std::nullopt;
    const object* first = errors->get_array().front().if_object();
    return first != nullptr ? text_in(*first, "message").value_or("an error without a text") : "an unknown error";
}

}  // namespace

Result<object> graphql(const Url& url, std::string_view query, object variables, std::chrono::milliseconds timeout) {
    const object request{{"query", query}, {"variables", std::move(variables)}};
    const auto body = base::to_bytes(base::json::print(request));
    const auto answer = http(url, "POST", kPath, {{"Content-Type", "application/json"}}, body, timeout);
    if (!answer) return std::unexpected(answer.error());
    auto json = json_of(kPath, *answer);
    if (!json) return std::unexpected(json.error());
    object* out = json->if_object();
    if (out == nullptr) return failure(Error::Kind::malformed, std::string(kPath) + ": not a JSON object");
    if (auto error = first_error(*out)) return failure(Error::Kind::refused, std::move(*error));
    auto* data = out->if_contains("data");
    if (data == nullptr || !data->is_object()) return failure(Error::Kind::malformed, std::string(kPath) + ": no data");
    return std::move(data->get_object());
}

}  // namespace rues::client
