#include "wire/legacy.hpp"

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "base/json_reading.hpp"
#include "wire/frame.hpp"

namespace rues::wire::legacy {
namespace {

constexpr std::size_t kHeadersDepth = 2;

std::expected<std::string_view, std::string> take_text(base::Reader& reader, std::size_t limit, std::string_view what) {
    const auto length = reader.take<std::uint32_t>();
    if (!length) return std::unexpected(std::string(what) + " length is missing");
    if (*length > limit) return std::unexpected(std::string(what) + " is too long");
    const auto bytes = reader.take_bytes(*length);
    if (!bytes) return std::unexpected(std::string(what) + " is cut off");
    if (!base::is_utf8(base::text(*bytes))) return std::unexpected(std::string(what) + " is not UTF-8");
    return base::text(*bytes);
}

/// Reads an event into `out`, as far as it can be read. The names behind an unknown type are read too, because the
/// answer repeats them.
void read_event(base::ByteView bytes, View& out) {
    base::Reader reader(bytes);
    const auto type = reader.take<std::uint8_t>();
    if (type && *type >= 1 && *type <= 3) {
        out.target_type = static_cast<TargetType>(*type);
    } else {
        out.problem = type ? "unknown target type" : "the target type is missing";
    }
    const auto take = [&](std::string_view what, std::size_t limit, std::string_view& to) {
        auto text = take_text(reader, limit, what);
        if (text) to = *text;
        if (!text && out.problem.empty()) out.problem = std::move(text.error());
        return text.has_value();
    };
    if (take("target", kMaxName, out.target) && take("topic", kMaxTopic, out.topic)) out.data = reader.rest();
}

Event copy_of(const View& view) {
    return {view.target_type, std::string(view.target), std::string(view.topic), base::to_bytes(view.data)};
}

void put_text(base::Writer& out, std::string_view text) {
    out.put(static_cast<std::uint32_t>(text.size())).put(base::view(text));
}

}  // namespace

base::Bytes Event::encode() const {
    base::Writer out(9 + target.size() + topic.size() + data.size());
    out.put(static_cast<std::byte>(target_type));
    put_text(out, target);
    put_text(out, topic);
    out.put(base::ByteView(data));
    return out.take();
}

std::expected<Event, std::string> Event::parse(base::ByteView bytes) {
    View view;
    read_event(bytes, view);
    if (!view.problem.empty()) return std::unexpected(std::move(view.problem));
    return copy_of(view);
}

std::expected<HeaderList, std::string> headers_of(const base::json::value& given) {
    const auto* members = given.if_object();
    if (members == nullptr) return std::unexpected("the headers are not a JSON object");
    HeaderList out;
    std::size_t bytes = 0;
    for (const auto& member : *members) {
        const std::string_view key = member.key();
        const bool is_length = member.value().is_number() && base::equal_ignoring_case(key, "content-length");
        if (!member.value().is_string() && !is_length)
            return std::unexpected("the value of the header " + std::string(key) + " is not a string");
        out.emplace_back(key, is_length ? base::json::print(member.value())
                                        : std::string(std::string_view(member.value().get_string())));
        bytes += key.size() + out.back().second.size();
        if (bytes > kMaxHeaders) return std::unexpected("the headers are too long");
    }
    return out;
}

std::string headers_to_json(const HeaderList& headers) {
    // An event frame has the same shape: u32 length, JSON object of strings, rest.
    const base::Bytes frame = Frame{headers, {}}.encode();
    return std::string(base::text(base::ByteView(frame).subspan(sizeof(std::uint32_t))));
}

base::Bytes encode_head(const HeaderList& headers, TargetType type, std::string_view target, std::string_view topic) {
    const std::string json = headers_to_json(headers);
    base::Writer out(13 + json.size() + target.size() + topic.size());
    put_text(out, json);
    out.put(static_cast<std::byte>(type));
    put_text(out, target);
    put_text(out, topic);
    return out.take();
}

base::Bytes Message::encode() const {
    base::Bytes out = encode_head(headers, event.target_type, event.target, event.topic);
    base::append(out, event.data);
    return out;
}

std::expected<Message, std::string> Message::parse(base::ByteView bytes) {
    auto view = View::read(bytes);
    if (!view) return std::unexpected(view.error());
    if (!view->problem.empty()) return std::unexpected(std::move(view->problem));
    return Message{std::move(view->headers), copy_of(*view)};
}

std::expected<std::string_view, std::string> headers_text(base::Reader& message) {
    const auto length = message.take<std::uint32_t>();
    if (!length) return std::unexpected("the headers' length is missing");
    if (*length > kMaxHeaders) return std::unexpected("the headers are too long");
    const auto json = message.take_bytes(*length);
    if (!json) return std::unexpected("the headers are cut off");
    return base::text(*json);
}

std::expected<View, std::string> View::read(base::ByteView message) {
    base::Reader reader(message);
    const auto json = headers_text(reader);
    if (!json) return std::unexpected(json.error());
    const auto parsed = base::json::parse(*json, kHeadersDepth);
    if (!parsed) return std::unexpected("the headers are not a JSON object: " + parsed.error());
    auto headers = headers_of(*parsed);
    if (!headers) return std::unexpected(headers.error());
    View out;
    out.headers = std::move(*headers);
    read_event(reader.rest(), out);
    return out;
}

}  // namespace rues::wire::legacy
