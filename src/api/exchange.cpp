#include "api/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/encoding.hpp"
#include "base/json_reading.hpp"
#include "base/random.hpp"
#include "wire/headers.hpp"
#include "wire/version.hpp"

namespace rues::api {

namespace {

/// The id only distinguishes runs in a log, so zeros are good enough when the system has no randomness.
std::string run_id() {
    base::ByteArray<4> drawn{};
    if (!base::system_random(drawn)) drawn = {};
    return base::to_hex(drawn);
}

/// A body that holds the request's place until it is sent.
class PlacedBody final : public net::BodySource {
public:
    PlacedBody(std::unique_ptr<net::BodySource> source, Place place) noexcept
        : place_(std::move(place)), source_(std::move(source)) {}
    net::Piece next(const std::stop_token& gone) override { return source_->next(gone); }

private:
    const Place place_;
    const std::unique_ptr<net::BodySource> source_;
};

}  // namespace

FailureLog::FailureLog(base::Log log) : log_(std::move(log)), run_(run_id()) {}

std::string FailureLog::report(std::string_view what) const {
    const auto number = count_.fetch_add(1, std::memory_order_relaxed) + 1;
    std::string id = fmt::format("{}-{}", run_, number);
    log_(base::LogLevel::error, fmt::format("request {} failed: {}", id, what.empty() ? "no answer was given" : what));
    return id;
}

void forbid_buffering(net::Headers& headers) {
    headers.emplace_back("x-accel-buffering", "no");
    headers.emplace_back("cache-control", "no-store, no-transform");  // compressing proxies buffer too
}

net::Headers common_headers(bool cross_origin) {
    net::Headers out{{"rusk-version", std::string(wire::kRuskVersion)}};
    if (cross_origin) {
        out.emplace_back("access-control-allow-origin", "*");
        out.emplace_back("access-control-expose-headers",
                         "Rusk-Version, Rues-Position, Rues-Height, Rues-Hash, Rues-Error-Code, crs-hash, "
                         "Content-Type, Link, Deprecation, Retry-After, "
                         "X-Request-Id, Rues-Queue, *");
    }
    return out;
}

std::string_view common_header_lines(bool cross_origin) {
    static const auto lines = [] {
        std::array<std::string, 2> out;
        for (const bool cross : {false, true}) {
            for (const auto& [name, value] : common_headers(cross))
                out[cross].append(name).append(": ").append(value).append("\r\n");
        }
        return out;
    }();
    return lines[cross_origin];
}

void in_old_form(net::Response& response, const Failure& failure) {
    response.status = 500;
    response.body = base::to_bytes(base::json::as_text(failure.text()));
    std::erase_if(response.headers, [](const auto& header) { return header.first == "content-type"; });
    response.headers.emplace_back("content-type", "text/plain; charset=utf-8");
}

net::Response render(const Failure& failure, bool cross_origin, const FailureLog& failures) {
    const ErrorRow& row = row_of(failure.code);
    failures.count(failure.code);
    net::Response out;
    out.status = row.status;
    out.fixed_headers = common_header_lines(cross_origin);
    out.headers.emplace_back("rues-error-code", row.name);
    if (row.status == 429 || row.status == 503)
        out.headers.emplace_back("retry-after", std::to_string(failure.retry_after));
    if (failure.code == ErrorCode::internal) {
        out.headers.emplace_back("x-request-id", failures.report(failure.detail));
    }
    // The text can quote a header of the client, which need not be UTF-8.
    const std::string text = base::json::as_text(failure.text());
    if (text.empty()) return out;
    out.headers.emplace_back("content-type", row.plain ? "text/plain; charset=utf-8" : "application/json");
    out.body = base::to_bytes(row.plain ? text : base::json::print(base::json::object{{"error", text}}));
    return out;
}

void Exchange::give(net::Response response, std::string_view failure) && {
    if (const auto* recipient = std::get_if<std::unique_ptr<Recipient>>(&to_))
        return (*recipient)->send(std::move(response), failure);
    std::move(std::get<net::Responder>(to_)).send(std::move(response));
}

void Exchange::watch_client() {
    if (auto* responder = std::get_if<net::Responder>(&to_)) responder->watch();
}

void Exchange::watch_client(std::move_only_function<void()> on_end) {
    if (auto* responder = std::get_if<net::Responder>(&to_)) return responder->watch(std::move(on_end));
    std::get<std::unique_ptr<Recipient>>(to_)->watch(std::move(on_end));
}

bool Exchange::client_has_gone() const noexcept {
    if (const auto* responder = std::get_if<net::Responder>(&to_)) return responder->has_gone();
    return std::get<std::unique_ptr<Recipient>>(to_)->has_gone();
}

net::Response Exchange::head(unsigned status, std::string_view content_type) && {
    net::Response response;
    response.status = status;
    response.fixed_headers = common_header_lines(cross_origin);
    response.headers.reserve(extra.size() + 1);
    if (!content_type.empty()) response.headers.emplace_back("content-type", content_type);
    std::ranges::move(extra, std::back_inserter(response.headers));
    response.until_sent = std::move(until_sent);
    return response;
}

void Exchange::send(unsigned status, std::string_view content_type, base::Bytes bytes) && {
    net::Response response = std::move(*this).head(status, content_type);
    response.body = std::move(bytes);
    std::move(*this).give(std::move(response));
}

void Exchange::send_shared(unsigned status, std::string_view content_type, net::SharedBytes bytes) && {
    net::Response response = std::move(*this).head(status, content_type);
    response.shared_body = std::move(bytes);
    std::move(*this).give(std::move(response));
}

void Exchange::stream(unsigned status, std::string_view content_type, std::unique_ptr<net::BodySource> source,
                      net::Executor executor, bool by_item) && {
    net::Response head;
    head.status = status;
    head.fixed_headers = common_header_lines(cross_origin);
    if (!content_type.empty()) head.headers.emplace_back("content-type", content_type);
    head.headers.insert(head.headers.end(), extra.begin(), extra.end());
    if (const auto* recipient = std::get_if<std::unique_ptr<Recipient>>(&to_))
        return (*recipient)->stream(std::move(head), std::move(source), std::move(executor), by_item);
    std::move(std::get<net::Responder>(to_)).stream(std::move(head), std::move(source), std::move(executor));
}

void Exchange::answer(Result<Answer> answer, const net::Executor& executor) && {
    if (!answer) return std::move(*this).fail(answer.error());
    struct {
        Exchange& to;
        const net::Executor& executor;
        void operator()(const base::json::value& json) { std::move(to).json(json); }
        void operator()(const JsonText& json) { std::move(to).json_text(json.text); }
        void operator()(const JsonView& json) { std::move(to).json_text(json.text); }
        void operator()(const JsonShared& json) {
            std::move(to).send_shared(200, "application/json", {base::view(*json.text), json.text});
        }
        void operator()(const base::Bytes& bytes) { std::move(to).raw(bytes); }
        void operator()(const Text& text) { std::move(to).text(text.text); }
        void operator()(Typed& body) { std::move(to).send(200, body.content_type, std::move(body.bytes)); }
        void operator()(Streamed& body) {
            if (body.unbuffered) forbid_buffering(to.extra);
            auto placed = std::make_unique<PlacedBody>(std::move(body.source), std::move(to.place));
            std::move(to).stream(200, body.content_type, std::move(placed), executor, body.by_item);
        }
        void operator()(Empty) { std::move(to).empty(200); }
    } send{*this, executor};
    std::visit(send, *answer);
}

void Exchange::raw(base::ByteView bytes) && {
    const bool binary = wire::wants_binary(request.headers);
    std::move(*this).send(200, {}, binary ? base::to_bytes(bytes) : base::to_bytes(base::to_hex(bytes)));
}

void Exchange::fail(const Failure& failure) && {
    net::Response response = render(failure, cross_origin, *failures_);
    if (has_old_errors) in_old_form(response, failure);
    for (auto& header : extra) {
        // An `x-request-id` of the client does not replace ours, which is the id in the log.
        if (!net::find(response.headers, header.first)) response.headers.push_back(std::move(header));
    }
    std::move(*this).give(std::move(response), base::json::as_text(failure.text()));
}

}  // namespace rues::api
