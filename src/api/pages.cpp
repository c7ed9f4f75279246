#include "api/openapi.hpp"
#include "api/routes.hpp"
#include "wire/version.hpp"

extern const char kRuesStartPage[];
extern const unsigned long kRuesStartPageSize;

namespace rues::api::pages {
namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";

}  // namespace

/// A session for who upgrades (decisions 5), a page for browsers, JSON for all others (decisions 23).
void start(const Context& context, Call call) {
    if (call.request.header("upgrade")) return sessions::upgrade(context, std::move(call));
    call.extra.emplace_back("vary", "accept");
    if (call.request.header("accept").value_or("").contains("text/html")) {
        call.extra.emplace_back("content-security-policy",
                                "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                                "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'");
        return std::move(call).send(200, kHtml, base::to_bytes({kRuesStartPage, kRuesStartPageSize}));
    }
    std::move(call).json(base::json::object{{"name", "rues"},
                                            {"version", context.version},
                                            {"rusk_version", wire::kRuskVersion},
                                            {"chain_id", context.chain.options().chain_id},
                                            {"events", "/on"},
                                            {"status", "/status"},
                                            {"openapi", "/openapi.json"}});
}

void openapi(const Context& context, Call call) {
    std::move(call).send(200, "application/json", base::to_bytes(context.openapi));
}

}  // namespace rues::api::pages
