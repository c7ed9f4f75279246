#include <openssl/crypto.h>

#include "api/graphql/service.hpp"
#include "api/routes.hpp"

/// Reports of the state of sessions, for operators. docs/delivery.md.
namespace rues::api::debug {
namespace {

using base::json::array;
using base::json::object;

constexpr std::size_t kDigits = 8;  // of a session's id

object report_json(const feed::Report& report, bool whole) {
    object out{{"id", report.id},
               {"loop", report.loop},
               {"state", report.state},
               {"cursor", report.cursor.to_string()},
               {"lag", report.lag},
               {"behind_ms", report.behind_for.count()},
               {"blocked", report.is_blocked},
               {"replays", report.replays},
               {"subscription_count", report.subscription_count}};
    if (!whole) return out;
    array subscriptions;
    for (const auto& uri : report.subscriptions) subscriptions.push_back(base::json::value(uri));
    out["subscriptions"] = std::move(subscriptions);
    array decisions;
    for (const auto& [when, what] : report.decisions) decisions.push_back(object{{"unix_ms", when}, {"what", what}});
    out["decisions"] = std::move(decisions);
    return out;
}

}  // namespace

bool may_look(const Context& context, const net::Request& request) {
    if (dev::is_own(request)) return true;
    if (context.debug_token.empty() || dev::is_foreign(request)) return false;
    const auto given = request.header("authorization").value_or("");
    const std::string expected = "Bearer " + context.debug_token;
    return given.size() == expected.size() && CRYPTO_memcmp(given.data(), expected.data(), expected.size()) == 0;
}

void sessions(const Context& context, Exchange exchange) {
    context.hub.list([exchange = std::move(exchange)](const std::vector<feed::Report>& reports) mutable {
        array out;
        for (const auto& report : reports) out.push_back(report_json(report, false));
        std::move(exchange).json(object{{"sessions", std::move(out)}});
    });
}

void session(const Context& context, Exchange exchange) {
    auto first_bytes = base::from_hex(std::string_view(exchange.topic).substr(0, kDigits));
    if (exchange.topic.size() < kDigits || !first_bytes) {
        return std::move(exchange).fail({ErrorCode::invalid_input, "expected the first 8 digits of a session's id"});
    }
    context.hub.inspect(std::move(*first_bytes),
                        [exchange = std::move(exchange)](const std::optional<feed::Report>& report) mutable {
                            if (!report) return std::move(exchange).fail({ErrorCode::not_found, "session"});
                            std::move(exchange).json(report_json(*report, true));
                        });
}

namespace {

/// The number of answers so far with each error but `internal`; for each class of work the number of requests for which
/// it had no room; for each reason the number of sessions that were closed.
object refusals_json(const Context& context, const Exchange& exchange) {
    object out;
    for (const auto& row : error_table()) {
        if (row.status >= 400 && row.status != 500) out[row.name] = exchange.failures().count_of(row.code);
    }
    object work;
    for (std::size_t i = 0; i < kWorks; ++i) {
        const auto each = static_cast<Work>(i);
        if (class_of(each).most > 0) work[class_of(each).name] = context.places.counts(each).refused.value();
    }
    out["work"] = std::move(work);
    object closed;
    for (const auto& row : feed::kClosingRows)
        closed[row.name] = context.hub.closings()[static_cast<std::size_t>(row.why)].value();
    out["closed"] = std::move(closed);
    return out;
}

/// Caches that all clients share. A full cache drops entries, so it refuses nobody.
object memory_json(const Context& context) {
    object out;
    const auto add = [&out](std::string_view setting, std::size_t used, std::size_t limit) {
        out[setting] = object{{"used", used}, {"limit", limit}};
    };
    const auto [tail, decoded, kept] = context.hub.memory();
    add("tail-cache", tail.used, tail.limit);
    add("decoded-cache", decoded.used, decoded.limit);
    add("resume-bytes", kept.used, kept.limit);
    const auto [answers, reads] = context.graphql->cached_bytes();
    add("graphql-cache", answers, context.graphql->limits().cache_bytes);
    add("read-cache", reads, context.graphql->limits().read_bytes);
    return out;
}

}  // namespace

Result<Answer> clients(const Context& context, Exchange& exchange) {
    constexpr std::size_t kMostClients = 1'000;
    const auto now = std::chrono::steady_clock::now();
    const auto micros = [](std::chrono::nanoseconds time) {
        return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
    };
    array listed;
    object all;
    if (context.clients) {
        for (const auto& client : context.clients->list(kMostClients)) {
            object out{{"client", client->key().text()},
                       {"spent_us", micros(client->spent())},
                       {"debt_us", micros(client->debt(now))},
                       {"refused", client->refused()}};
            for (std::size_t i = 0; i < base::kHoldings; ++i) {
                const auto holding = static_cast<base::Holding>(i);
                out[base::row_of(holding).name] = client->held(holding);
            }
            listed.push_back(std::move(out));
        }
        const auto& common = context.clients->common();
        all["overdrawn"] = common.overdrawn.value();
        all["memory"] = common.memory.value();
        for (std::size_t i = 0; i < base::kHoldings; ++i) {
            all[base::row_of(static_cast<base::Holding>(i)).name] =
                object{{"held", common.held[i].load(std::memory_order_relaxed)},
                       {"of_one", common.of_one[i].load(std::memory_order_relaxed)},
                       {"of_all", common.of_all[i].load(std::memory_order_relaxed)},
                       {"refused", common.refused[i].value()},
                       {"full", common.full[i].value()},
                       {"gave_way", common.gave_way[i].value()},
                       {"setting", base::row_of(static_cast<base::Holding>(i)).setting},
                       {"setting_of_all", base::row_of(static_cast<base::Holding>(i)).setting_of_all}};
        }
    }
    return object{{"clients", std::move(listed)},
                  {"all", std::move(all)},
                  {"memory", memory_json(context)},
                  {"refusals", refusals_json(context, exchange)}};
}

}  // namespace rues::api::debug
