#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace rues::test {

/// A folder in memory, for tests that open so many stores that a disk's fsync would take most of their time. The usual
/// one on a system that has none.
inline std::filesystem::path memory_folder() {
    std::error_code ignored;
    const std::filesystem::path shared("/dev/shm");
    return std::filesystem::is_directory(shared, ignored) ? shared : std::filesystem::temp_directory_path();
}

/// A folder that is deleted together with this object.
class TemporaryFolder {
public:
    explicit TemporaryFolder(const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
        std::string name = (parent / "rues-test-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace rues::test
