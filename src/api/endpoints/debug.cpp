#include <openssl/crypto.h>

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

Result<Answer> clients(const Context& context, Exchange&) {
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
        for (std::size_t i = 0; i < base::kHoldings; ++i) {
            all[base::row_of(static_cast<base::Holding>(i)).name] =
                object{{"held", common.held[i].load(std::memory_order_relaxed)},
                       {"of_one", common.of_one[i].load(std::memory_order_relaxed)},
                       {"of_all", common.of_all[i].load(std::memory_order_relaxed)},
                       {"refused", common.refused[i].value()},
                       {"full", common.full[i].value()}};
        }
    }
    return object{{"clients", std::move(listed)}, {"all", std::move(all)}};
}

}  // namespace rues::api::debug
