#include "app/key_cache.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "app/key_file.hpp"

namespace rues::app {
namespace {

namespace fs = std::filesystem;

/// Writing a key file takes less than a second.
constexpr std::chrono::hours kHalfWritten{1};

/// Entries of the folder that are looked at. The folder is the program's own, so there are never as many.
constexpr std::size_t kMostEntries = 1'024;

std::string_view variable(const char* name) {
    const char* text = std::getenv(name);
    return text != nullptr ? text : "";
}

}  // namespace

fs::path key_cache_of(std::string_view xdg_cache_home, std::string_view home) {
    const fs::path xdg(xdg_cache_home);
    if (xdg.is_absolute()) return xdg / "rues" / "prover";
    if (home.empty()) return {};
    return fs::path(home) / ".cache" / "rues" / "prover";
}

fs::path key_cache() {
    return key_cache_of(variable("XDG_CACHE_HOME"), variable("HOME"));
}

void trim_key_files(const fs::path& folder, fs::file_time_type now) {
    std::error_code error;
    std::vector<std::pair<fs::file_time_type, fs::path>> keys;
    std::size_t seen = 0;
    for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator() && seen < kMostEntries;
         at.increment(error), ++seen) {
        std::error_code problem;
        const auto written = at->last_write_time(problem);
        if (problem) continue;
        const auto extension = at->path().extension();
        if (extension == kKeyExtension) keys.emplace_back(written, at->path());
        if (extension == kHalfExtension && now - written >= kHalfWritten) fs::remove(at->path(), problem);
    }
    std::ranges::sort(keys);
    for (std::size_t i = 0; i + kMostKeyFiles < keys.size(); ++i) fs::remove(keys[i].second, error);
}

}  // namespace rues::app
