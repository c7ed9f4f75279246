#include "api/endpoints/file_answer.hpp"
#include "api/routes.hpp"

namespace rues::api::static_files {

/// Serves the wallets' data drivers, which are files of the configured folder (docs/reference/rusk-1.7.md 9).
void driver(const Context& context, Call call) {
    const auto file = context.static_drivers.find(call.topic);
    if (file == context.static_drivers.end()) return std::move(call).fail({ErrorCode::path_not_found, {}});
    call.extra.emplace_back("cache-control", "public, max-age=31536000, immutable");
    send_file(context, std::move(call), file->second, "application/wasm", false);
}

}  // namespace rues::api::static_files
