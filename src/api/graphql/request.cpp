#include "api/graphql/request.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "base/encoding.hpp"
#include "base/json_reading.hpp"
#include "wire/path.hpp"

namespace rues::api::graphql_http {
namespace {

using boost::json::object;
using boost::json::value;

constexpr std::string_view kVariablePrefix = "rusk-gqlvar-";

/// The variables in headers, with names in lower case. The last of several headers with one name counts.
net::Headers variables_of(const net::Headers& headers) {
    net::Headers out;
    for (const auto& [name, text] : headers) {
        std::string lower = base::to_lower_ascii(name);
        if (!lower.starts_with(kVariablePrefix)) continue;
        lower.erase(0, kVariablePrefix.size());
        const auto known = std::ranges::find(out, lower, &net::Headers::value_type::first);
        if (known == out.end())
            out.emplace_back(std::move(lower), text);
        else
            known->second = text;
    }
    return out;
}

/// The declared variable that a header means. Header names have no case. So a variable with exactly this name comes
/// first, else the only variable that differs in case alone; null: none, or several.
const graphql::VariableNode* variable_named(std::span<const graphql::VariableNode> declared, std::string_view lower) {
    const graphql::VariableNode* like = nullptr;
    std::size_t count = 0;
    for (const auto& each : declared) {
        if (each.name.text == lower) return &each;
        if (!base::equal_ignoring_case(each.name.text, lower)) continue;
        like = &each;
        ++count;
    }
    return count == 1 ? like : nullptr;
}

/// The value of a variable in a header: an empty text is null, JSON is JSON, any other text is a string. A variable of
/// type String is a string even when the text looks like a number, as a hash of digits does.
value header_value(const std::string& text, const graphql::VariableNode& of) {
    if (text.empty()) return nullptr;
    auto json = base::json::parse(text);
    const bool is_text = of.type.wrapping.lists == 0 && of.type.name.text == "String";
    if (!json || (is_text && !json->is_string() && !json->is_null())) return boost::json::string(text);
    return std::move(*json);
}

/// Reads the optional members of a request. False when one of them has a wrong type.
bool read_members(const object& from, Question& to) {
    if (const auto* query = from.if_contains("query")) {
        if (!query->is_string()) return false;
        to.document = query->get_string();
    }
    if (const auto* name = from.if_contains("operationName"); name != nullptr && !name->is_null()) {
        if (!name->is_string()) return false;
        to.operation = std::string(name->get_string());
    }
    if (const auto* variables = from.if_contains("variables"); variables != nullptr && !variables->is_null()) {
        if (!variables->is_object()) return false;
        to.variables = variables->get_object();
    }
    const auto* extensions = from.if_contains("extensions");
    return extensions == nullptr || extensions->is_null() || extensions->is_object();
}

/// The node's text for a body that is neither a request nor a list of requests.
std::unexpected<std::string> wrong_shape() {
    return std::unexpected(std::string("data did not match any variant of untagged enum BatchRequest"));
}

}  // namespace

graphql::Request Question::request() const {
    graphql::Request out{document, operation, variables};
    if (header_variables.empty()) return out;
    out.more_variables = [this](std::span<const graphql::VariableNode> declared, object& values) {
        for (const auto& [name, text] : header_variables) {
            const auto* variable = variable_named(declared, name);
            if (variable != nullptr && !values.contains(variable->name.text))
                values.emplace(variable->name.text, header_value(text, *variable));
        }
    };
    return out;
}

std::string Question::key() const {
    // Lengths first, so that two different questions never have the same key.
    std::string out = fmt::format("{} {} {}", document.size(), operation ? operation->size() + 1 : 0, document);
    out += operation.value_or("");
    if (!variables.empty()) out += boost::json::serialize(variables);
    for (const auto& [name, text] : header_variables)
        out += fmt::format("\n{} {} {}{}", name.size(), text.size(), name, text);
    return out;
}

std::optional<Question> legacy_question(std::string_view body, const net::Headers& headers) {
    if (!base::is_utf8(body)) return std::nullopt;
    Question out;
    out.header_variables = variables_of(headers);
    // No GraphQL document is a JSON object with the member `query`.
    if (base::trimmed(body).starts_with('{')) {
        const auto json = base::json::parse(body);
        const auto* envelope = json ? json->if_object() : nullptr;
        const auto* query = envelope != nullptr ? envelope->if_contains("query") : nullptr;
        if (query != nullptr && query->is_string() && read_members(*envelope, out)) return out;
        out.operation.reset();
        out.variables.clear();
    }
    out.document = body;
    return out;
}

std::optional<Question> question_in(const object& json) {
    Question out;
    if (!read_members(json, out)) return std::nullopt;
    return out;
}

std::expected<Questions, std::string> posted_questions(std::string_view body) {
    if (base::trimmed(body).empty()) return std::unexpected("EOF while parsing a value at line 1 column 0");
    const auto json = base::json::parse(body);
    if (!json) return std::unexpected(json.error());
    Questions out;
    if (const auto* one = json->if_object()) {
        if (!read_members(*one, out.list.emplace_back())) return wrong_shape();
        return out;
    }
    const auto* batch = json->if_array();
    if (batch == nullptr || batch->empty()) return wrong_shape();
    if (batch->size() > kMaxBatch) return std::unexpected(fmt::format("a batch of more than {} requests", kMaxBatch));
    out.is_batch = true;
    for (const value& each : *batch)
        if (!each.is_object() || !read_members(each.get_object(), out.list.emplace_back())) return wrong_shape();
    return out;
}

std::expected<Question, std::string> got_question(std::string_view target) {
    if (!target.contains('?')) return std::unexpected("GraphQL GET requests require a query parameter");
    const auto query = wire::query_of(target);
    if (!query) return std::unexpected("Invalid request: the query string is not UTF-8");
    Question out;
    out.document = wire::find(*query, "query").value_or("");
    for (const auto name : {"operation_name", "operationName"}) {
        if (const auto operation = wire::find(*query, name); operation && !out.operation)
            out.operation = std::string(*operation);
    }
    for (const auto name : {"variables", "extensions"}) {
        const auto text = wire::find(*query, name);
        if (!text || text->empty()) continue;
        auto json = base::json::parse(*text);
        if (!json || !(json->is_object() || json->is_null()))
            return std::unexpected(fmt::format("invalid {}: not a JSON object", name));
        if (std::string_view(name) == "variables" && json->is_object()) out.variables = std::move(json->get_object());
    }
    return out;
}

bool prefers_response_type(std::optional<std::string_view> accept) {
    double response = 0;
    double json = 0;
    for (std::string_view rest = accept.value_or(""); !rest.empty();) {
        const auto one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
        const auto type = base::trimmed(one.substr(0, one.find(';')));
        double quality = 1;
        if (const auto at = one.find("q="); at != std::string_view::npos)
            quality = std::strtod(std::string(one.substr(at + 2)).c_str(), nullptr);
        if (base::equal_ignoring_case(type, "application/graphql-response+json")) response = quality;
        if (base::equal_ignoring_case(type, "application/json")) json = quality;
    }
    return response > 0 && response >= json;
}

}  // namespace rues::api::graphql_http
