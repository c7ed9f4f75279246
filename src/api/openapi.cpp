#include "api/openapi.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "api/routes.hpp"

extern const char kRuesSchemas[];
extern const unsigned long kRuesSchemasSize;

namespace rues::api {
namespace {

using base::json::array;
using base::json::object;
using base::json::value;
using Form = Content::Form;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kText = "text/plain";
constexpr std::string_view kBinary = "application/octet-stream";
constexpr std::string_view kUntyped = "*/*";  // raw answers have no content type (docs/reference/protocol.md 5.3)

object reference(std::string_view schema) {
    return {{"$ref", fmt::format("#/components/schemas/{}", schema)}};
}

/// Every media type that a body can have, with its schema.
object content(const Content& what, bool is_request) {
    const value json_schema = what.schema.empty() ? value(object{}) : value(reference(what.schema));
    const value text = object{{"type", "string"}};
    const value bytes = object{{"type", "string"}, {"format", "binary"}};
    object out;
    const auto add = [&out](std::string_view type, const value& schema) { out[type] = object{{"schema", schema}}; };
    switch (what.form) {
    case Form::none:
        break;
    case Form::json:
        add(kJson, json_schema);
        break;
    case Form::text:
        add(kText, text);
        break;
    case Form::raw:
        add(is_request ? kBinary : kUntyped, bytes);
        break;
    case Form::wasm:
        add("application/wasm", bytes);
        break;
    case Form::untyped:
        add(kUntyped, text);
        break;
    case Form::start:
        add(kJson, json_schema);
        add("text/html", text);
        break;
    case Form::page:
        for (const char* type : {"text/html", "text/css", "text/javascript", "image/svg+xml"}) add(type, text);
        add(kText, text);
        break;
    case Form::events:
        add("text/event-stream", text);
        break;
    case Form::lines:
        add("application/x-ndjson", text);
        break;
    case Form::bytes:
        add(kBinary, bytes);
        add(kText, text);
        break;
    case Form::any:
        add(kJson, json_schema);
        add(is_request ? kBinary : kUntyped, bytes);
        if (is_request) add(kText, text);
        break;
    }
    return out;
}

bool is_subscription(const Route& row) {
    return row.method == Method::subscribe || row.method == Method::unsubscribe;
}

/// Range requests exist for GET only (RFC 9110 14.2).
bool has_ranges(const Route& row) {
    return row.work == Work::stream && row.method == Method::get;
}

bool can_wait_for_block(const Route& row) {
    return row.handler && (row.method == Method::get || row.method == Method::post);
}

/// Error statuses that requests to this row can get.
std::vector<unsigned> errors_of(const Route& row) {
    if (!row.handler) return {400, 404, 413, 422, 501};
    if (row.rules == Rules::legacy) return {};  // every error is the 500 of the row
    std::vector<unsigned> out{400, 404, 413, 429, 500, 503};
    const auto also = [&out](std::initializer_list<unsigned> more) { out.insert(out.end(), more); };
    if (row.rules == Rules::local || row.rules == Rules::debug) also({403});
    if (row.rules == Rules::rues && row.method == Method::post) also({422, 424, 501});
    if (is_subscription(row)) also({424});
    if (row.method == Method::upgrade) also({403, 426});
    if (has_ranges(row)) also({416});
    if (can_wait_for_block(row)) also({412});
    out.insert(out.end(), row.extras.errors.begin(), row.extras.errors.end());
    std::ranges::sort(out);
    return out;
}

object responses_of(const Route& row) {
    object out;
    const auto add = [&](unsigned status, std::string_view description, const Content& what) {
        value& place = out[std::to_string(status)];
        if (place.is_null()) place = object{{"description", description}};
        object body = content(what, false);
        if (body.empty()) return;
        object& response = place.as_object();
        if (!response.contains("content")) response["content"] = object{};
        for (auto& [type, schema] : body) response["content"].as_object()[type] = std::move(schema);
    };
    if (row.handler && row.rules == Rules::page) add(101, "The connection is now a WebSocket", {});
    if (row.handler) add(row.status, row.status == 101 ? "The connection is now a WebSocket" : "Done", row.gives);
    for (const auto& [status, content, text] : row.extras.answers) add(status, text, content);
    if (has_ranges(row)) add(206, "The requested range", row.gives);
    if (row.work == Work::stream || row.gives.form == Form::start || row.gives.form == Form::page || row.extras.cached)
        add(304, "Not modified", {});
    for (const unsigned status : errors_of(row)) {
        out[std::to_string(status)] = object{{"$ref", fmt::format("#/components/responses/{}", status)}};
    }
    return out;
}

object parameter(std::string_view name, std::string_view in, bool required, std::string_view description) {
    return {{"name", name},
            {"in", in},
            {"required", required},
            {"description", description},
            {"schema", object{{"type", "string"}}}};
}

array parameters_of(const Route& row, std::string_view path) {
    array out;
    for (const char* name : {"entity", "topic", "file", "id", "type", "target"}) {
        if (path.contains(fmt::format("{{{}}}", name))) out.push_back(parameter(name, "path", true, "Percent-encoded"));
    }
    if (row.rules == Rules::rues) {
        out.push_back(parameter("Rusk-Version", "header", false, "Versions of Rusk that the client supports"));
        out.push_back(parameter("Rusk-Version-Strict", "header", false, "Compare pre-releases too"));
    }
    const bool is_dispatch = row.rules == Rules::rues && row.method == Method::post;
    if (is_subscription(row) || is_dispatch) {
        const bool needed = !is_dispatch && row.extras.needs_session;
        out.push_back(parameter("Rusk-Session-Id", "header", needed, "The first message of the session's WebSocket"));
    }
    if (can_wait_for_block(row)) {
        out.push_back(parameter("Rues-Min-Height", "header", false,
                                "A height: the answer is computed at this block or a later one. 503 when it has not "
                                "come after 5 seconds"));
        out.push_back(parameter("Rues-Min-Hash", "header", false,
                                "The same for a block, by its hash. 412 when this block was taken back"));
    }
    if (row.method == Method::subscribe)
        out.push_back(
            parameter("Rues-After", "header", false, "Position: matching events after it are replayed first"));
    if (row.method == Method::subscribe && path.starts_with("/on/") && path != "/on/network/peers") {
        out.push_back(parameter("Rues-Finality", "header", false,
                                "accepted, confirmed or final: events come when their block has this state. Without "
                                "it as the session was opened"));
        out.push_back(parameter("Rues-Retractions", "header", false,
                                "true: when a block is taken back, a copy of each of its events comes. Without it as "
                                "the session was opened"));
    }
    if (row.method == Method::subscribe && path.starts_with("/on/contracts"))
        out.push_back(parameter("Rues-Decode", "header", false,
                                "json: events come decoded; no: as they are. Without it as the session was opened"));
    if (row.method == Method::upgrade && row.setting != &Settings::legacy) {
        out.push_back(parameter("resume", "query", false, "Id of the session to resume"));
        out.push_back(parameter("after", "query", false, "Position of the last event that the client has seen"));
        out.push_back(parameter("decode", "query", false,
                                "json: the session's new subscriptions get events of contracts decoded"));
        out.push_back(parameter("finality", "query", false,
                                "confirmed or final: events of the session's new subscriptions come when their block "
                                "has this state"));
        out.push_back(parameter("retractions", "query", false,
                                "true: the session's new subscriptions get a copy of each event whose block is taken "
                                "back"));
    }
    for (const auto& one : row.extras.parameters)
        out.push_back(
            parameter(one.name, one.in == Parameter::In::header ? "header" : "query", one.required, one.text));
    return out;
}

/// The path as clients write it, with the topic that the row answers.
std::string path_of(const Route& row) {
    constexpr std::string_view kTopic = "{topic}";
    std::string out(row.path);
    const auto at = out.find(kTopic);
    if (at != std::string::npos && !row.topic.empty()) out.replace(at, kTopic.size(), row.topic);
    return out;
}

std::string_view verb(Method method) {
    constexpr std::string_view kVerbs[] = {"get", "post", "get", "delete", "get", "post"};
    return kVerbs[static_cast<std::size_t>(method)];
}

std::string_view tag_of(const Route& row) {
    if (row.path.contains("graphql")) return "GraphQL";
    if (row.setting == &Settings::legacy) return "Legacy";
    if (row.rules == Rules::local || row.rules == Rules::debug) return "Development";
    if (row.path.starts_with("/archive/")) return "Archive";
    if (row.path.starts_with("/events")) return "RUES / Events";
    if (is_subscription(row) || row.method == Method::upgrade) return "RUES / Events";
    return row.rules == Rules::rues ? "RUES / Dispatch" : "Server";
}

object operation(const Route& row, std::string_view path) {
    object out{{"summary", row.summary}, {"tags", array{tag_of(row)}}};
    if (row.deprecated) out["deprecated"] = true;
    if (!row.handler) out["description"] = "Not served by this version.";
    if (array parameters = parameters_of(row, path); !parameters.empty()) out["parameters"] = std::move(parameters);
    if (object body = content(row.takes, true); !body.empty())
        out["requestBody"] = object{{"required", false}, {"content", std::move(body)}};
    out["responses"] = responses_of(row);
    return out;
}

object paths(const Settings& settings) {
    object out;
    for (const Route& row : routes()) {
        if (row.setting != nullptr && !(settings.*row.setting)) continue;
        const std::string path = path_of(row);
        if (!out.contains(path)) out[path] = object{};
        object& item = out[path].as_object();
        if (!item.contains(verb(row.method))) item[verb(row.method)] = operation(row, path);
    }
    return out;
}

/// One response for each status, which describes every error of this status.
object error_responses() {
    object out;
    for (const ErrorRow& row : error_table()) {
        value& place = out[std::to_string(row.status)];
        if (place.is_null()) {
            place = object{{"description", ""},
                           {"headers", object{{"Rues-Error-Code", object{{"schema", object{{"type", "string"}}}}}}}};
        }
        object& response = place.as_object();
        auto& description = response["description"].as_string();
        if (!description.empty()) description.append(", ");
        description.append(row.name);
        if (row.text.empty()) continue;
        if (!response.contains("content")) response["content"] = object{};
        const value schema = row.plain ? value(object{{"type", "string"}}) : value(reference("Error"));
        response["content"].as_object()[row.plain ? kText : kJson] = object{{"schema", schema}};
    }
    return out;
}

std::string_view name(Form form) {
    switch (form) {
    case Form::none:
        break;
    case Form::json:
        return "JSON";
    case Form::text:
    case Form::untyped:
        return "text";
    case Form::bytes:
        return "bytes or `0x` text";
    case Form::raw:
        return "bytes or hex";
    case Form::any:
        return "JSON, bytes or hex";
    case Form::start:
        return "HTML or JSON";
    case Form::page:
        return "HTML and its files";
    case Form::events:
        return "Server-Sent Events";
    case Form::lines:
        return "JSON lines";
    case Form::wasm:
        return "WebAssembly";
    }
    return "";
}

std::string text_of(const Content& what) {
    std::string out(name(what.form));
    if (!what.schema.empty()) out += fmt::format(" `{}`", what.schema);
    return out;
}

}  // namespace

std::string openapi_document(std::string_view version, const Context* context) {
    constexpr std::string_view kAbout =
        "Speaks the protocol of Rusk 1.7.0. Every answer carries `rusk-version`, every error `Rues-Error-Code`. "
        "Unknown topics of known paths are answered 501, unknown paths 404.";
    const Settings defaults;
    const Settings& settings = context != nullptr ? *context : defaults;
    std::string about(kAbout);
    if (settings.legacy) about += " The legacy event system is on: Messages at `/legacy`.";
    const object info{{"title", "rues"},
                      {"version", version},
                      {"license", object{{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}},
                      {"description", about}};
    return base::json::print(object{
        {"openapi", "3.1.0"},
        {"info", info},
        {"paths", paths(settings)},
        {"components",
         object{{"schemas", boost::json::parse({kRuesSchemas, kRuesSchemasSize})}, {"responses", error_responses()}}}});
}

std::string endpoints_page() {
    std::string out =
        "# Endpoints\n\nMade from the program's table of routes by `rues docs endpoints`; do not edit. "
        "`/openapi.json` says the same for programs.\n\n"
        "Work says where a request is answered: `loop` on the event loop; `read` on the loop if everything it reads is "
        "in memory; the others on other threads or later.\n\n"
        "`/dev` and `/debug` are served to this machine's user only. Requests that a proxy forwarded or that a browser "
        "sent for another site are answered 403. When the setting `dev-endpoints` is false, they are 404.\n\n"
        "`/legacy` and `/{type}/{target}` are served with the setting `legacy`; without it they are 404. "
        "docs/legacy.md describes them.\n\n"
        "| path | method | work | body limit | takes | gives | does |\n|---|---|---|---|---|---|---|\n";
    std::set<std::pair<std::string, std::string_view>> seen;
    for (const Route& row : routes()) {
        if (!seen.emplace(path_of(row), verb(row.method)).second) continue;
        const std::string gives = text_of(row.gives);
        out += fmt::format("| `{}` | {} | {} | {} | {} | {}{}{} | {}{}{} |\n", path_of(row), verb(row.method),
                           class_of(row.work).name, row.body_limit, text_of(row.takes), row.status,
                           gives.empty() ? "" : " ", gives, row.summary, row.deprecated ? " (deprecated)" : "",
                           !row.handler ? " (not served yet: 501)" : "");
    }
    return out;
}

std::string errors_page() {
    std::string out =
        "# Errors\n\nMade from the program's table of errors by `rues docs errors`; do not edit. "
        "The code is sent in the header `Rues-Error-Code` and never changes; texts may change. The body is "
        "`{\"error\":\"<text>\"}` unless the row says otherwise; `…` stands for the cause. 429 and 503 carry "
        "`Retry-After`; 500 carries an `x-request-id` that is in the log too.\n\n"
        "| code | HTTP | retry | text |\n|---|---|---|---|\n";
    for (const ErrorRow& row : error_table()) {
        const std::string text = row.text.empty() ? "empty" : fmt::format("`` {} ``", row.text);
        out += fmt::format("| `{}` | {} | {} | {}{} |\n", row.name, row.status, row.retryable ? "yes" : "no", text,
                           row.plain ? " (text/plain)" : "");
    }
    return out;
}

}  // namespace rues::api
