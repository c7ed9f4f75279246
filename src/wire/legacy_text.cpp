#include "base/encoding.hpp"
#include "base/json_reading.hpp"
#include "wire/legacy.hpp"

/// The text form of Messages.
namespace rues::wire::legacy {
namespace {

using base::json::object;
using base::json::value;

constexpr std::size_t kMaxDepth = 8;  // the form itself has 3
constexpr std::pair<TargetType, std::string_view> kTypes[] = {
    {TargetType::contract, "Contract"}, {TargetType::host, "Host"}, {TargetType::debugger, "Debugger"}};

/// Reads a name into `to`. The result says what is wrong; empty: nothing.
std::string take_name(const object& from, std::string_view member, std::string_view what, std::size_t limit,
                      std::string& to) {
    const auto* given = from.if_contains(member);
    const auto* text = given == nullptr ? nullptr : given->if_string();
    if (text == nullptr) return std::string(what) + " is not a string";
    if (text->size() > limit) return std::string(what) + " is too long";
    to = std::string_view(*text);
    return {};
}

std::string take_target(const object& event, Event& to) {
    const auto* given = event.if_contains("target");
    const auto* target = given == nullptr ? nullptr : given->if_object();
    if (target == nullptr) return "the target is not a JSON object";
    std::string problem = take_name(*target, "name", "target", kMaxName, to.target);
    std::string type;
    if (auto other = take_name(*target, "type", "target type", kMaxName, type); !other.empty()) return other;
    for (const auto& [known, name] : kTypes) {
        if (name != type) continue;
        to.target_type = known;
        return problem;
    }
    return "unknown target type";
}

std::string take_data(const object& event, bool is_hex, Text& out) {
    const auto* given = event.if_contains("data");
    if (given == nullptr) return {};
    const auto* text = given->if_string();
    if (text == nullptr) return "the data is not a string";
    out.written = std::string_view(*text);
    if (!is_hex) {
        out.event.data = base::to_bytes(out.written);
        return {};
    }
    auto bytes = base::from_hex(out.written);
    if (!bytes) out.data_problem = "the data is not hex";
    out.event.data = std::move(bytes).value_or(base::Bytes{});
    return {};
}

/// Keeps the first problem, but reads everything that can be read, because the answer repeats the names.
void read_event(const value* given, Text& out) {
    const auto* event = given == nullptr ? nullptr : given->if_object();
    if (event == nullptr) {
        out.problem = "the event is not a JSON object";
        return;
    }
    const auto note = [&out](std::string problem) {
        if (out.problem.empty()) out.problem = std::move(problem);
    };
    note(take_target(*event, out.event));
    note(take_name(*event, "topic", "topic", kMaxTopic, out.event.topic));
    note(take_data(*event, is_binary_type(find_header(out.headers, "content-type")), out));
}

}  // namespace

std::string_view name_of(TargetType type) noexcept {
    for (const auto& [known, name] : kTypes) {
        if (known == type) return name;
    }
    return {};
}

bool is_written_as_text(std::string_view content_type) noexcept {
    return content_type.starts_with("text/") || content_type == "application/json" ||
           content_type == "application/x-ndjson";
}

std::expected<Text, std::string> Text::read(std::string_view text) {
    const auto parsed = base::json::parse(text, kMaxDepth);
    const auto* members = parsed ? parsed->if_object() : nullptr;
    if (members == nullptr) return std::unexpected("not a JSON object");
    const auto* given = members->if_contains("headers");
    if (given == nullptr) return std::unexpected("the headers are missing");
    auto headers = headers_of(*given);
    if (!headers) return std::unexpected(headers.error());
    Text out;
    out.headers = std::move(*headers);
    read_event(members->if_contains("event"), out);
    return out;
}

std::string text_form(const HeaderList& headers, TargetType type, std::string_view target, std::string_view topic,
                      std::string_view written) {
    const std::string data = boost::json::serialize(written);
    std::string out = R"({"headers":)" + headers_to_json(headers) + R"(,"event":{"target":{"type":)" +
                      boost::json::serialize(name_of(type)) + R"(,"name":)" + boost::json::serialize(target) +
                      R"(},"topic":)" + boost::json::serialize(topic) + R"(,"data":)" + data + R"(},"data":)" + data;
    out += '}';
    return out;
}

std::string written_data(base::ByteView data, std::string_view content_type) {
    return is_written_as_text(content_type) ? base::json::as_text(base::text(data)) : base::to_hex(data);
}

}  // namespace rues::wire::legacy
