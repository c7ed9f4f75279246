#include "app/offered.hpp"

#include <fmt/format.h>

#include "app/input.hpp"
#include "base/json_reading.hpp"

namespace rues::app {
namespace {

std::unexpected<base::Error> wrong(const std::filesystem::path& path, std::string_view what) {
    return base::failure(base::Error::Kind::invalid, fmt::format("{}: {}", path.string(), what));
}

base::Result<void> offer_crs(const std::filesystem::path& path, api::Settings& out) {
    auto file = api::File::read(path);
    if (!file) return std::unexpected(file.error());
    out.crs = std::move(*file);
    return {};
}

base::Result<void> offer_drivers(const std::filesystem::path& folder, api::Settings& out) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        if (entry.path().extension() != ".wasm" || !entry.is_regular_file(error)) continue;
        auto file = api::File::read(entry.path());
        if (!file) return std::unexpected(file.error());
        out.static_drivers.emplace(entry.path().filename().string(), std::move(*file));
    }
    if (error) return wrong(folder, error.message());
    return {};
}

base::Result<void> offer_locations(const std::filesystem::path& path, api::Settings& out) {
    const auto text = read_file(path.string());
    if (!text) return wrong(path, "cannot be read");
    const auto json = base::json::parse(*text);
    const bool objects = json && json->is_array() &&
                         std::ranges::all_of(json->get_array(), [](const auto& item) { return item.is_object(); });
    if (!objects) return wrong(path, "expected a JSON array of objects");
    out.peers_location = json->get_array();
    return {};
}

}  // namespace

base::Result<void> offer(const NodeSettings& settings, api::Settings& out) {
    out.peers = settings.peers;
    out.ws_origins = settings.ws_origins;
    base::Result<void> done;
    if (!settings.crs.empty()) done = offer_crs(settings.crs, out);
    if (done && !settings.static_drivers.empty()) done = offer_drivers(settings.static_drivers, out);
    if (done && !settings.peers_location.empty()) done = offer_locations(settings.peers_location, out);
    return done;
}

}  // namespace rues::app
