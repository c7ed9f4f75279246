#include "gateway/shared_answers.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "gateway/relay.hpp"

namespace rues::gateway {
namespace {

/// Rows whose answers follow from the state at the tip. Not among them: what depends on the mempool (nonces of
/// accounts, gas prices) or on data drivers alone, which each node has its own of, what changes something, and what may
/// be long.
struct SharedRow {
    std::string_view path;
    std::string_view topic;
};
constexpr std::array<SharedRow, 9> kSharedRows{{{"/on/contracts:{entity}/{topic}", ""},
                                                {"/on/contract:{entity}/status", "status"},
                                                {"/on/node/{topic}", "provisioners"},
                                                {"/on/stats/{topic}", "account_count"},
                                                {"/on/blobs:{entity}/{topic}", "hash"},
                                                {"/on/blobs:{entity}/{topic}", "commitment"},
                                                {"/on/contract_owner:{entity}/{topic}", ""},
                                                {"/contracts", ""},
                                                {"/contracts/{entity}", ""}}};

/// With one of these headers an answer is for this client alone, is made piece by piece, or must not be an older one.
constexpr std::array<std::string_view, 7> kAlone{"authorization", "cookie", "rusk-feeder",  "rues-trace",
                                                 "range",         "pragma", "cache-control"};

/// Headers that say only who asks, or what was waited for here. Any other header may change the answer.
constexpr std::array<std::string_view, 10> kOfAsker{
    "user-agent",    "referer",        "priority",       "dnt",           "x-forwarded-for", "rues-min-height",
    "rues-min-hash", "sec-fetch-mode", "sec-fetch-site", "sec-fetch-dest"};

/// Statuses that follow from the request and the state.
constexpr std::array<unsigned, 4> kOfState{200, 400, 404, 422};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::ranges::any_of(names, [name](std::string_view each) { return base::equal_ignoring_case(each, name); });
}

/// Whether the key says all headers that an answer names in `Vary` (RFC 9110 12.5.5).
bool is_in_key(std::string_view vary) {
    while (!vary.empty()) {
        const auto end = std::min(vary.find(','), vary.size());
        const auto name = base::trimmed(vary.substr(0, end));
        if (name == "*" || is_one_of(kOfAsker, name)) return false;
        vary.remove_prefix(std::min(end + 1, vary.size()));
    }
    return true;
}

}  // namespace

bool is_shared(std::string_view path, std::string_view topic, const net::Request& request) {
    if (request.method != "POST" && request.method != "GET") return false;
    const bool is_read = std::ranges::any_of(
        kSharedRows, [&](const SharedRow& each) { return each.path == path && each.topic == topic; });
    return is_read && !request.body.is_secret &&
           std::ranges::none_of(request.headers, [](const auto& header) { return is_one_of(kAlone, header.first); });
}

std::optional<std::string> share_key(const net::Request& request) {
    if (request.body.size() + request.target.size() > kMostShareKey) return std::nullopt;
    std::string out = request.method;
    out.append(" ").append(request.target).append("\n");
    std::vector<std::pair<std::string, std::string>> headers;
    for (const auto& [name, value] : headers_for_node(request)) {
        if (!is_one_of(kOfAsker, name)) headers.emplace_back(base::to_lower_ascii(name), value);
    }
    std::ranges::stable_sort(headers, {}, &std::pair<std::string, std::string>::first);
    for (const auto& [name, value] : headers) out.append(name).append(": ").append(value).append("\n");
    out.append("\n").append(base::text(base::ByteView(request.body)));
    if (out.size() > kMostShareKey) return std::nullopt;
    return out;
}

bool is_for_all(const client::Answer& answer) {
    const bool is_of_state = std::ranges::find(kOfState, answer.status) != kOfState.end();
    const auto vary = answer.header("vary");
    const auto cache = answer.header("cache-control");
    const bool is_restricted = cache && (cache->contains("private") || cache->contains("no-store"));
    return is_of_state && !is_restricted && !answer.header("set-cookie") && (!vary || is_in_key(*vary));
}

std::size_t size_of(std::string_view key, const SharedAnswer& answer) {
    constexpr std::size_t kEntry = 256;  // of the table that keeps it
    std::size_t out = 2 * key.size() + answer.answer.body.size() + sizeof(SharedAnswer) + kEntry;
    for (const auto& [name, value] : answer.answer.headers)
        out += name.size() + value.size() + sizeof(answer.answer.headers[0]);
    return out;
}

}  // namespace rues::gateway
