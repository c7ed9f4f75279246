#pragma once

#include <filesystem>
#include <string_view>

/// The folder in which commands keep the prover's keys from one run to the next. A key takes seconds to make, and its
/// file can be deleted at any time.
namespace rues::app {

/// The most key files in such a folder: one of each circuit for both reference strings. More are left over from
/// circuits of other versions of the program.
inline constexpr std::size_t kMostKeyFiles = 8;

/// `rues/prover` in the user's folder for such files: `xdg_cache_home` (XDG_CACHE_HOME), which counts only when it is
/// an absolute path, else `.cache` in `home` (HOME). Empty: there is neither.
std::filesystem::path key_cache_of(std::string_view xdg_cache_home, std::string_view home);
/// The same with the variables of the environment.
std::filesystem::path key_cache();

/// Deletes the key files in `folder` that were written first, until `kMostKeyFiles` are left, and files that a killed
/// process left half written an hour ago or earlier. What cannot be deleted stays.
void trim_key_files(const std::filesystem::path& folder, std::filesystem::file_time_type now);

}  // namespace rues::app
