#include "app/offered.hpp"

#include <fmt/format.h>

#include "app/input.hpp"
#include "base/json_reading.hpp"
#include "crypto/hash.hpp"

namespace rues::app {
namespace {

std::unexpected<base::Error> wrong(const std::filesystem::path& path, std::string_view what) {
    return base::failure(base::Error::Kind::invalid, fmt::format("{}: {}", path.string(), what));
}

base::Result<void> offer_crs(const std::filesystem::path& path, api::Context& context) {
    const auto text = read_file(path.string());
    auto file = api::File::find(path);
    if (!text || !file) return wrong(path, "cannot be read");
    file->size = text->size();
    file->tag = base::to_hex(crypto::sha256(base::view(*text)));
    context.crs = std::move(file);
    return {};
}

base::Result<void> offer_drivers(const std::filesystem::path& folder, api::Context& context) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() != ".wasm") continue;
        if (auto file = api::File::find(entry.path())) {
            context.static_drivers.emplace(entry.path().filename().string(), std::move(*file));
        }
    }
    if (error) return wrong(folder, error.message());
    return {};
}

base::Result<void> offer_locations(const std::filesystem::path& path, api::Context& context) {
    const auto text = read_file(path.string());
    if (!text) return wrong(path, "cannot be read");
    const auto json = base::json::parse(*text);
    const bool objects = json && json->is_array() &&
                         std::ranges::all_of(json->get_array(), [](const auto& item) { return item.is_object(); });
    if (!objects) return wrong(path, "a JSON array of objects is expected");
    context.peers_location = json->get_array();
    return {};
}

}  // namespace

base::Result<void> offer(const NodeSettings& settings, api::Context& context) {
    context.peers = settings.peers;
    base::Result<void> done;
    if (!settings.crs.empty()) done = offer_crs(settings.crs, context);
    if (done && !settings.static_drivers.empty()) done = offer_drivers(settings.static_drivers, context);
    if (done && !settings.peers_location.empty()) done = offer_locations(settings.peers_location, context);
    return done;
}

}  // namespace rues::app
