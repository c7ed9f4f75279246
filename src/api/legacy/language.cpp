#include "api/legacy/language.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/encoding.hpp"
#include "base/json_reading.hpp"
#include "wire/legacy_old.hpp"
#include "wire/version.hpp"
#include "wire/websocket.hpp"

namespace rues::api::legacy {
namespace {

using wire::websocket::Opcode;

wire::HeaderList echoed(const wire::HeaderList& headers) {
    wire::HeaderList out;
    for (const auto& header : headers) {
        if (base::to_lower_ascii(std::string_view(header.first).substr(0, 2)) == "x-") out.push_back(header);
    }
    return out;
}

std::string_view reason_of(unsigned status) {
    switch (status) {
    case 200:
        return "OK";
    case 202:
        return "Accepted";
    case 204:
        return "End";
    case 405:
        return "Method Not Allowed";
    default:
        return "";
    }
}

base::Bytes ws_head(Opcode kind, base::ByteView front, std::size_t bytes_behind) {
    std::string out;
    wire::websocket::append_frame_header(out, kind, front.size() + bytes_behind);
    out += base::text(front);
    return base::to_bytes(out);
}

/// `rues-error-code` as `Rues-Error-Code`.
std::string capitalised(std::string_view name) {
    std::string out(name);
    bool begins = true;
    for (char& c : out) {
        if (begins && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        begins = c == '-';
    }
    return out;
}

/// An answer's data as a value of JSON in the old form: JSON as it is, text as a string, bytes in hex, nothing as null.
std::string old_data(const Said& said, std::string_view content_type, base::ByteView data) {
    if (!said.failure.empty() || said.status == 202) return "null";
    if (content_type == "application/json") return data.empty() ? "null" : std::string(base::text(data));
    return boost::json::serialize(wire::legacy::written_data(data, content_type));
}

Asked of_old(const Target& target, wire::legacy::old::Request request) {
    Asked out;
    out.language = Language::old;
    out.headers = std::move(request.headers);
    out.echo = std::move(request.echo);
    out.type = target.type;
    out.target = target.name;
    out.topic = std::move(request.topic);
    out.own = std::move(request.data);
    out.data = out.own;
    return out;
}

}  // namespace

base::Bytes Asked::take_data() {
    const base::ByteView taken = std::exchange(data, {});
    const bool is_own = taken.data() == own.data() && taken.size() == own.size();
    return is_own ? std::exchange(own, {}) : base::to_bytes(taken);
}

std::expected<Asked, std::string> read_binary(base::ByteView frame) {
    auto view = wire::legacy::View::read(frame);
    if (!view) return std::unexpected(std::move(view.error()));
    Asked out;
    out.headers = std::move(view->headers);
    out.echo = echoed(out.headers);
    out.type = view->target_type;
    out.target = view->target;
    out.topic = view->topic;
    out.data = view->data;
    out.problem = std::move(view->problem);
    return out;
}

std::expected<Asked, std::string> read_text(std::string_view frame) {
    auto text = wire::legacy::Text::read(frame);
    if (!text) return std::unexpected(std::move(text.error()));
    Asked out;
    out.language = Language::text;
    out.headers = std::move(text->headers);
    out.echo = echoed(out.headers);
    out.type = text->event.target_type;
    out.target = std::move(text->event.target);
    out.topic = std::move(text->event.topic);
    out.own = std::move(text->event.data);
    out.data = out.own;
    out.written = std::move(text->written);
    out.problem = std::move(text->problem);
    out.data_problem = std::move(text->data_problem);
    return out;
}

std::expected<Asked, std::string> read_old_binary(const Target& target, base::ByteView frame) {
    auto request = wire::legacy::old::Request::of_binary(frame);
    if (!request) return std::unexpected(std::move(request.error()));
    return of_old(target, std::move(*request));
}

std::expected<Asked, std::string> read_old_text(const Target& target, std::string_view frame) {
    auto request = wire::legacy::old::Request::of_text(frame);
    if (!request) return std::unexpected(std::move(request.error()));
    return of_old(target, std::move(*request));
}

Frame message_frame(bool as_text, const wire::HeaderList& headers, TargetType type, std::string_view target,
                    std::string_view topic, std::string_view content_type, base::Bytes data) {
    if (as_text) {
        const std::string text =
            wire::legacy::text_form(headers, type, target, topic, wire::legacy::written_data(data, content_type));
        return {ws_head(Opcode::text, base::view(text), 0), {}};
    }
    const base::Bytes head = wire::legacy::encode_head(headers, type, target, topic);
    return {ws_head(Opcode::binary, head, data.size()), std::move(data)};
}

Frame frame_of(const Caller& caller, const Said& said, base::Bytes data) {
    const std::string_view type = said.content_type.empty() ? caller.data_type : std::string_view(said.content_type);
    if (caller.language == Language::old) {
        const std::string text = wire::legacy::old::reply(caller.echo, old_data(said, type, data), said.failure);
        return {ws_head(Opcode::text, base::view(text), 0), {}};
    }
    wire::HeaderList headers = caller.echo;
    headers.emplace_back("Content-Type", type);
    headers.emplace_back("Content-Length", std::to_string(data.size()));
    headers.emplace_back("Rusk-Version", wire::kRuskVersion);
    headers.emplace_back(
        "Status", fmt::format("{}; {}", said.status, said.failure.empty() ? reason_of(said.status) : said.failure));
    headers.insert(headers.end(), said.more.begin(), said.more.end());
    return message_frame(caller.language == Language::text, headers, caller.type, caller.target, caller.topic, type,
                         std::move(data));
}

wire::HeaderList passed_on(const net::Headers& headers) {
    wire::HeaderList out;
    for (const auto& [name, value] : headers) {
        if (name == "x-request-id") {
            out.emplace_back("Rues-Failure-Id", value);
        } else if (name.starts_with("rues-") || name == "retry-after" || name == "crs-hash") {
            out.emplace_back(capitalised(name), value);
        }
    }
    return out;
}

}  // namespace rues::api::legacy
