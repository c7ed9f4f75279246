#include "wire/legacy_old.hpp"

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "base/json_reading.hpp"
#include "wire/legacy.hpp"
#include "wire/version.hpp"

namespace rues::wire::legacy::old {
namespace {

using base::json::object;
using base::json::value;

constexpr std::size_t kMaxDepth = 16;  // of JSON in a header, such as a GraphQL variable
constexpr std::string_view kVariable = "rusk-gqlvar-";

std::expected<const object*, std::string> object_in(const std::expected<value, std::string>& parsed) {
    if (!parsed) return std::unexpected(parsed.error());
    if (const auto* out = parsed->if_object()) return out;
    return std::unexpected("not a JSON object");
}

std::string take_headers(const value* given, Request& out) {
    const auto* members = given == nullptr ? nullptr : given->if_object();
    if (members == nullptr) return "the headers are not a JSON object";
    std::size_t bytes = 0;
    for (const auto& member : *members) {
        std::string json = base::json::print(member.value());
        bytes += member.key().size() + json.size();
        if (bytes > kMaxHeaders) return "the headers are too long";
        const std::string name = base::to_lower_ascii(member.key());
        if (name.starts_with("x-")) out.echo.emplace_back(member.key(), json);
        const auto* text = member.value().if_string();
        const bool is_text = text != nullptr && !name.starts_with(kVariable);
        out.headers.emplace_back(member.key(), is_text ? std::string(*text) : std::move(json));
    }
    return {};
}

std::string take_event(const value* given, Request& out) {
    const auto* event = given == nullptr ? nullptr : given->if_object();
    if (event == nullptr) return "the event is not a JSON object";
    const auto* topic = event->if_contains("topic");
    const auto* data = event->if_contains("data");
    if (topic == nullptr || !topic->is_string()) return "the topic is not a string";
    if (data == nullptr || !data->is_string()) return "the data is not a string";
    if (topic->get_string().size() > kMaxTopic) return "the topic is too long";
    out.topic = std::string_view(topic->get_string());
    const std::string_view written = data->get_string();
    auto bytes = base::from_hex(written);  // also the empty text
    out.data = bytes ? std::move(*bytes) : base::to_bytes(written);
    return {};
}

std::string take_event(base::Reader& reader, Request& out) {
    const auto length = reader.take<std::uint32_t>();
    if (!length) return "the topic's length is missing";
    if (*length > kMaxTopic) return "the topic is too long";
    const auto topic = reader.take_bytes(*length);
    if (!topic) return "the topic is cut off";
    if (!base::is_utf8(base::text(*topic))) return "the topic is not UTF-8";
    out.topic = base::text(*topic);
    out.data = base::to_bytes(reader.rest());
    return {};
}

std::expected<Request, std::string> finished(Request request, std::string problem) {
    if (!problem.empty()) return std::unexpected(std::move(problem));
    return request;
}

}  // namespace

std::expected<Request, std::string> Request::of_body(base::ByteView body, bool is_binary) {
    Request out;
    if (is_binary) {
        base::Reader reader(body);
        std::string problem = take_event(reader, out);
        return finished(std::move(out), std::move(problem));
    }
    const auto parsed = base::json::parse(base::text(body), kMaxDepth);
    if (!parsed) return std::unexpected(parsed.error());
    std::string problem = take_event(&*parsed, out);
    return finished(std::move(out), std::move(problem));
}

std::expected<Request, std::string> Request::of_text(std::string_view text) {
    const auto parsed = base::json::parse(text, kMaxDepth);
    const auto members = object_in(parsed);
    if (!members) return std::unexpected(members.error());
    Request out;
    std::string problem = take_headers((*members)->if_contains("headers"), out);
    if (problem.empty()) problem = take_event((*members)->if_contains("event"), out);
    return finished(std::move(out), std::move(problem));
}

std::expected<Request, std::string> Request::of_binary(base::ByteView message) {
    base::Reader reader(message);
    const auto json = headers_text(reader);
    if (!json) return std::unexpected(json.error());
    const auto parsed = base::json::parse(*json, kMaxDepth);
    if (!parsed) return std::unexpected(parsed.error());
    Request out;
    std::string problem = take_headers(&*parsed, out);
    if (problem.empty()) problem = take_event(reader, out);
    return finished(std::move(out), std::move(problem));
}

std::string reply(const HeaderList& echo, std::string_view data, std::string_view error) {
    std::string out = R"({"headers":{)";
    for (const auto& [key, json] : echo) out.append(boost::json::serialize(key)).append(":").append(json).append(",");
    out.append(R"("Rusk-Version":")").append(kRuskVersion).append(R"("},"data":)").append(data).append(R"(,"error":)");
    return out.append(error.empty() ? "null" : boost::json::serialize(error)).append("}");
}

}  // namespace rues::wire::legacy::old
