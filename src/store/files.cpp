#include "store/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace rues::store {

using base::Error;

std::unexpected<Error> file_failure(const std::filesystem::path& path, int code) {
    return base::failure(code == ENOSPC ? Error::Kind::no_space : Error::Kind::io,
                         fmt::format("{}: {}", path.string(), std::generic_category().message(code)));
}

int sync_folder(const std::filesystem::path& folder) {
    const int file = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return errno;
    const int problem = ::fsync(file) == 0 ? 0 : errno;
    ::close(file);
    return problem;
}

std::string system_boot_id() {
    std::string out;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> out;
    return out;
}

}  // namespace rues::store
