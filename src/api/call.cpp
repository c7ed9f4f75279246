#include "api/call.hpp"

#include <array>

#include "wire/headers.hpp"
#include "wire/version.hpp"

namespace rues::api {

net::Headers common_headers(bool cross_origin) {
    net::Headers out{{"rusk-version", std::string(wire::kRuskVersion)}};
    if (cross_origin) {
        out.emplace_back("access-control-allow-origin", "*");
        out.emplace_back(
            "access-control-expose-headers",
            "Rusk-Version, Rues-Position, Rues-Error-Code, crs-hash, Content-Type, Link, Deprecation, Retry-After, *");
    }
    return out;
}

std::string_view common_header_lines(bool cross_origin) {
    static const auto lines = [] {
        std::array<std::string, 2> out;
        for (const bool cross : {false, true}) {
            for (const auto& [name, value] : common_headers(cross)) out[cross] += name + ": " + value + "\r\n";
        }
        return out;
    }();
    return lines[cross_origin];
}

net::Response render(const Failure& failure, bool cross_origin) {
    const ErrorRow& row = row_of(failure.code);
    net::Response out;
    out.status = row.status;
    out.fixed_headers = common_header_lines(cross_origin);
    out.headers.emplace_back("rues-error-code", row.name);
    if (row.retryable) out.headers.emplace_back("retry-after", "1");
    const std::string text = failure.text();
    if (!text.empty()) {
        out.headers.emplace_back("content-type", "application/json");
        out.body = base::to_bytes(base::json::print(base::json::object{{"error", text}}));
    }
    return out;
}

void Call::send(unsigned status, std::string_view content_type, base::Bytes bytes) && {
    net::Response response;
    response.status = status;
    response.fixed_headers = common_header_lines(cross_origin);
    if (!content_type.empty()) response.headers.emplace_back("content-type", content_type);
    response.headers.insert(response.headers.end(), extra.begin(), extra.end());
    response.body = std::move(bytes);
    std::move(responder_).send(std::move(response));
}

void Call::raw(base::ByteView bytes) && {
    const bool binary = wire::wants_binary(request.headers);
    std::move(*this).send(200, {}, binary ? base::to_bytes(bytes) : base::to_bytes(base::to_hex(bytes)));
}

void Call::fail(const Failure& failure) && {
    net::Response response = render(failure, cross_origin);
    response.headers.insert(response.headers.end(), extra.begin(), extra.end());
    std::move(responder_).send(std::move(response));
}

}  // namespace rues::api
