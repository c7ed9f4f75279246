#include "api/endpoints/file_answer.hpp"
#include "api/routes.hpp"

namespace rues::api::static_files {

/// Serves the wallets' data drivers, which are files of the configured folder (docs/reference/rusk-1.7.md 9).
void driver(const Context& context, Exchange exchange) {
    const auto file = context.static_drivers.find(exchange.topic);
    if (file == context.static_drivers.end()) return std::move(exchange).fail({ErrorCode::path_not_found, {}});
    exchange.extra.emplace_back("cache-control", "public, max-age=31536000, immutable");
    send_file(context, std::move(exchange), file->second, "application/wasm", false);
}

}  // namespace rues::api::static_files
