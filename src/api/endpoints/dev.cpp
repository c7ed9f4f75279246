#include <fmt/format.h>

#include <algorithm>

#include "api/endpoints/transactions.hpp"
#include "api/routes.hpp"
#include "api/running.hpp"
#include "base/encoding.hpp"
#include "base/json_reading.hpp"

namespace rues::api::dev {
namespace {

constexpr std::uint64_t kMaxAdvance = 3'155'760'000;  // a hundred years

/// Names that always mean this machine, whatever DNS says (docs/reference/differences.md 3).
constexpr std::string_view kOwnNames[] = {"localhost", "127.0.0.1", "[::1]"};

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Whether a header shows that a proxy or load balancer passed the request on, because clients do not send it. `name`
/// is in lower case. There are many such headers, but nearly all names contain `forwarded` or say that the value is an
/// address: X-Real-IP, CF-Connecting-IP, True-Client-IP, Fly-Client-IP, X-Cluster-Client-IP, X-Azure-ClientIP,
/// X-Remote-Addr.
bool tells_of_proxy(std::string_view name) {
    if (name.contains("forwarded")) return true;
    constexpr std::string_view kEnds[] = {"-ip", "clientip", "socketip", "-ipv6", "-addr"};
    constexpr std::string_view kBegins[] = {"x-original-", "x-envoy-", "cf-", "tailscale-", "cloudfront-"};
    constexpr std::string_view kNames[] = {"via",         "cdn-loop", "x-proxy-id", "x-amzn-trace-id",
                                           "x-amz-cf-id", "x-varnish"};
    return std::ranges::any_of(kEnds, [&](std::string_view end) { return name.ends_with(end); }) ||
           std::ranges::any_of(kBegins, [&](std::string_view begin) { return name.starts_with(begin); }) ||
           std::ranges::find(kNames, name) != std::end(kNames);
}

/// The decimal number in the body; for an empty body `if_empty`. 400 for anything else.
Result<std::uint64_t> number_of(const Exchange& exchange, std::optional<std::uint64_t> if_empty, std::uint64_t most) {
    const auto text = base::trimmed(base::text(exchange.request.body));
    const auto number = text.empty() ? if_empty : base::parse_u64(text);
    if (number && *number <= most) return *number;
    return fail(ErrorCode::invalid_input, "a decimal number up to " + std::to_string(most) + " is expected");
}

chain::OnNumber answer(Exchange exchange, std::string_view name) {
    return [exchange = std::move(exchange), name](chain::Numbered number) mutable {
        if (!number) return std::move(exchange).fail(transactions::failure_of(std::move(number.error())));
        std::move(exchange).json(base::json::object{{name, *number}});
    };
}

using Blocks = std::vector<std::vector<base::Bytes>>;

/// The member `replace` of an order.
Result<Blocks> blocks_of(const base::json::value& from) {
    const auto* list = from.if_array();
    if (list == nullptr) return fail(ErrorCode::invalid_input, "replace: a list of blocks is expected");
    if (list->size() > chain::kMaxReplace) {
        return fail(ErrorCode::invalid_input, fmt::format("replace: at most {} blocks", chain::kMaxReplace));
    }
    Blocks out;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const auto* block = (*list)[i].if_array();
        if (block == nullptr)
            return fail(ErrorCode::invalid_input, fmt::format("replace[{}]: a list of transactions is expected", i));
        auto& transactions = out.emplace_back();
        for (std::size_t j = 0; j < block->size(); ++j) {
            const auto* text = (*block)[j].if_string();
            auto bytes = text != nullptr ? base::from_hex(std::string_view(*text)) : std::nullopt;
            if (!bytes)
                return fail(ErrorCode::invalid_input, fmt::format("replace[{}][{}]: hex digits are expected", i, j));
            transactions.push_back(std::move(*bytes));
        }
    }
    return out;
}

Result<chain::Reorganisation> reorganisation_of(std::string_view body) {
    const auto parsed = base::json::parse(body);
    if (!parsed) return fail(ErrorCode::invalid_input, parsed.error());
    const auto* members = parsed->if_object();
    if (members == nullptr) return fail(ErrorCode::invalid_input, "a JSON object with a depth is expected");
    chain::Reorganisation out;
    bool has_depth = false;
    for (const auto& [name, value] : *members) {
        if (name == "depth") {
            boost::system::error_code error;
            out.depth = value.is_number() ? value.to_number<std::uint64_t>(error) : 0;
            if (!value.is_number() || error)
                return fail(ErrorCode::invalid_input, "depth: the number of blocks to take back is expected");
            has_depth = true;
        } else if (name == "replace") {
            auto blocks = blocks_of(value);
            if (!blocks) return std::unexpected(blocks.error());
            out.replace = std::move(*blocks);
        } else if (name == "final") {
            if (!value.is_bool()) return fail(ErrorCode::invalid_input, "final: true or false is expected");
            out.may_take_final = value.get_bool();
        } else {
            return fail(ErrorCode::invalid_input,
                        "only depth, replace and final are known, not " + base::json::as_text(name));
        }
    }
    if (!has_depth) return fail(ErrorCode::invalid_input, "depth: the number of blocks to take back is expected");
    return out;
}

base::json::object answer_of(const chain::Reorganised& done) {
    base::json::array reverted;
    for (const auto& block : done.reverted)
        reverted.push_back(base::json::object{{"height", block.height}, {"hash", base::json::hex(block.hash)}});
    base::json::array returned;
    for (const auto& id : done.returned) returned.push_back(base::json::hex(id));
    base::json::array dropped;
    for (const auto& [id, why] : done.dropped)
        dropped.push_back(base::json::object{{"id", base::json::hex(id)}, {"reason", why}});
    return {{"height", done.height},
            {"hash", base::json::hex(done.hash)},
            {"reverted", std::move(reverted)},
            {"returned", std::move(returned)},
            {"dropped", std::move(dropped)}};
}

}  // namespace

bool is_foreign(const net::Request& request) {
    return std::ranges::any_of(request.headers, [](const auto& header) {
        const std::string name = base::to_lower_ascii(header.first);
        if (name == "sec-fetch-site") return header.second != "none" && header.second != "same-origin";
        return name == "origin" || tells_of_proxy(name);
    });
}

bool is_own(const net::Request& request) {
    if (!request.loopback || is_foreign(request)) return false;
    const std::string host = base::to_lower_ascii(request.header("host").value_or(""));
    return std::ranges::any_of(kOwnNames, [&](std::string_view name) {
        if (!host.starts_with(name)) return false;
        const auto port = std::string_view(host).substr(name.size());
        return port.empty() || (port.starts_with(':') && std::ranges::all_of(port.substr(1), is_digit));
    });
}

void advance_time(const Context& context, Exchange exchange) {
    const auto seconds = number_of(exchange, std::nullopt, kMaxAdvance);
    if (!seconds) return std::move(exchange).fail(seconds.error());
    context.control.advance_time(*seconds, answer(std::move(exchange), "timestamp"));
}

void mine(const Context& context, Exchange exchange) {
    const auto count = number_of(exchange, 1, chain::kMaxMine);
    if (!count) return std::move(exchange).fail(count.error());
    context.control.mine(*count, answer(std::move(exchange), "height"));
}

void reorganise(const Context& context, Exchange exchange) {
    auto what = std::make_shared<chain::Reorganisation>();
    const auto decode = [what](Exchange& from) -> std::optional<Failure> {
        auto read = reorganisation_of(base::text(from.request.body));
        if (!read) return read.error();
        *what = std::move(*read);
        return std::nullopt;
    };
    const auto order = [&context, what](Exchange to) {
        context.control.reorganise(
            std::move(*what), [to = std::move(to)](std::expected<chain::Reorganised, chain::Rejection> done) mutable {
                if (!done) return std::move(to).fail(transactions::failure_of(std::move(done.error())));
                std::move(to).json(answer_of(*done));
            });
    };
    if (exchange.request.body.size() > kLargeBody) return decode_on_pool(context, std::move(exchange), decode, order);
    if (auto wrong = decode(exchange)) return std::move(exchange).fail(std::move(*wrong));
    order(std::move(exchange));
}

}  // namespace rues::api::dev
