#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace rues::api {

/// A file that is sent as it lies on disk, as it was when the program started.
struct File {
    std::filesystem::path path;
    std::uint64_t size = 0;
    std::string tag;  ///< of its content, without quotes: names it in ETag

    /// A regular file, its tag made from size and time of change; nullopt: there is none.
    static std::optional<File> find(const std::filesystem::path& path);
};

}  // namespace rues::api
