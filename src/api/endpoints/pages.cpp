#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "api/endpoints/page_files.hpp"
#include "api/openapi.hpp"
#include "api/routes.hpp"
#include "crypto/hash.hpp"
#include "wire/version.hpp"

namespace rues::api::pages {
namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";

constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
    {".html", kHtml},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".txt", "text/plain; charset=utf-8"},
};

/// Pages load from this server and connect to this server only. No page may be framed, and no page sends a form.
constexpr std::string_view kOnlyHere =
    "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; ";
constexpr std::string_view kStartPolicy = "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
constexpr std::string_view kExplorerPolicy = "style-src 'self'; script-src 'self'; img-src 'self'";
/// GraphiQL's components write <style> elements, and its style sheet contains fonts and pictures as data.
constexpr std::string_view kGraphiqlPolicy =
    "style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' data:; font-src data:";

/// A page file with the content type and tag of its answer.
struct Page {
    PageFile file;
    std::string_view type;
    std::string tag;
};

/// All pages. The first call hashes them, which takes about a millisecond.
const std::vector<Page>& all_pages() {
    static const auto pages = [] {
        std::vector<Page> out;
        for (const PageFile& file : page_files()) {
            const auto type =
                std::ranges::find_if(kTypes, [&](const auto& known) { return file.name.ends_with(known.first); });
            out.push_back(
                {file, type == std::end(kTypes) ? std::string_view() : type->second, tag_of(base::view(file.bytes))});
        }
        return out;
    }();
    return pages;
}

/// Sends the bytes without a copy. Clients may cache them but must ask each time whether they changed, so that after an
/// update no browser mixes old and new files.
void send_tagged(Exchange exchange, std::string_view type, std::string_view bytes, const std::string& tag) {
    exchange.extra.emplace_back("cache-control", "no-cache");
    exchange.extra.emplace_back("etag", tag);
    const auto known = exchange.request.header("if-none-match");
    if (known && (*known == "*" || known->contains(tag))) return std::move(exchange).empty(304);
    std::move(exchange).send_shared(200, type, {base::view(bytes), nullptr});
}

void send_page(Exchange exchange, std::string_view name, std::string_view policy) {
    const auto& pages = all_pages();
    const auto page = std::ranges::find_if(pages, [&](const Page& one) { return one.file.name == name; });
    if (page == pages.end()) return std::move(exchange).fail({ErrorCode::path_not_found, {}});
    exchange.extra.emplace_back("content-security-policy", std::string(kOnlyHere).append(policy));
    exchange.extra.emplace_back("x-content-type-options", "nosniff");
    exchange.extra.emplace_back("referrer-policy", "no-referrer");
    send_tagged(std::move(exchange), page->type, page->file.bytes, page->tag);
}

/// Sends a file of a folder. `/<folder>` alone is its index.html.
void send_of(std::string_view folder, Exchange exchange, std::string_view policy) {
    const std::string name = fmt::format("{}/{}", folder, exchange.topic.empty() ? "index.html" : exchange.topic);
    send_page(std::move(exchange), name, policy);
}

}  // namespace

std::string tag_of(base::ByteView bytes) {
    return fmt::format("\"{}\"", base::to_hex(base::ByteView(crypto::sha256(bytes)).first(16)));
}

/// Opens a session for an upgrade (docs/reference/differences.md 5), sends a page to browsers and JSON to all other
/// clients (docs/reference/differences.md 23).
void start(const Context& context, Exchange exchange) {
    if (net::asks_for_websocket(exchange.request)) return sessions::upgrade(context, std::move(exchange));
    exchange.extra.emplace_back("vary", "accept");
    if (exchange.request.header("accept").value_or("").contains("text/html")) {
        return send_page(std::move(exchange), "index.html", kStartPolicy);
    }
    base::json::object out{{"name", "rues"},
                           {"version", context.version},
                           {"rusk_version", wire::kRuskVersion},
                           {"chain_id", context.view.parameters().chain_id},
                           {"events", "/on"},
                           {"status", "/status"},
                           {"openapi", "/openapi.json"}};
    if (context.legacy) out["legacy"] = "/legacy";
    std::move(exchange).json(out);
}

void explorer(const Context&, Exchange exchange) {
    send_of("explorer", std::move(exchange), kExplorerPolicy);
}

void graphiql(const Context&, Exchange exchange) {
    send_of("graphiql", std::move(exchange), kGraphiqlPolicy);
}

void openapi(const Context& context, Exchange exchange) {
    send_tagged(std::move(exchange), "application/json", context.openapi, context.openapi_tag);
}

}  // namespace rues::api::pages
