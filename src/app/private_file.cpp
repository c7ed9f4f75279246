#include "app/private_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace rues::app {
namespace {

namespace fs = std::filesystem;

/// 0, or the error number.
int write_synced(int file, std::string_view text) {
    while (!text.empty()) {
        const auto done = ::write(file, text.data(), text.size());
        if (done < 0 && errno != EINTR) return errno;
        if (done > 0) text.remove_prefix(static_cast<std::size_t>(done));
    }
    return ::fsync(file) == 0 ? 0 : errno;
}

/// A renamed file survives a power cut only when its folder was synced. Some file systems cannot do that.
void sync_folder_of(const fs::path& path) {
    const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return;
    ::fsync(file);
    ::close(file);
}

}  // namespace

base::Result<void> replace_private_file(const fs::path& path, std::string_view text) {
    const auto beside = fs::path(path).concat(".new");
    // An older file of this name could be one that others can read.
    ::unlink(beside.c_str());
    const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int problem = file < 0 ? errno : write_synced(file, text);
    if (file >= 0 && ::close(file) != 0 && problem == 0) problem = errno;
    if (problem == 0 && ::rename(beside.c_str(), path.c_str()) != 0) problem = errno;
    if (problem == 0) {
        sync_folder_of(path);
        return {};
    }
    if (file >= 0) ::unlink(beside.c_str());
    return base::failure(base::Error::Kind::io,
                         fmt::format("{} cannot be written: {}", path.string(), std::strerror(problem)));
}

}  // namespace rues::app
