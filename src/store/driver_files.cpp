#include "store/driver_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "store/files.hpp"
#include "store/whole_file.hpp"

namespace rues::store {
namespace {

using base::Error;
using base::failure;

/// Writes all of `bytes` and syncs the file.
base::Result<void> write_whole(const std::filesystem::path& path, base::ByteView bytes) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return file_failure(path, errno);
    int problem = 0;
    while (!bytes.empty() && problem == 0) {
        const auto done = ::write(file, bytes.data(), bytes.size());
        if (done > 0) bytes = bytes.subspan(static_cast<std::size_t>(done));
        if (done < 0 && errno != EINTR) problem = errno;
    }
    if (problem == 0 && ::fsync(file) != 0) problem = errno;
    if (::close(file) != 0 && problem == 0) problem = errno;
    if (problem != 0) return file_failure(path, problem);
    return {};
}

}  // namespace

std::filesystem::path DriverFiles::path_of(const base::ByteArray<32>& contract) const {
    return folder_ / base::to_hex(contract);
}

std::optional<DriverFilePtr> DriverFiles::kept(const base::ByteArray<32>& contract) {
    const std::lock_guard lock(memory_);
    const auto* known = kept_.find(contract);
    return known != nullptr ? std::optional(*known) : std::nullopt;
}

void DriverFiles::keep(const base::ByteArray<32>& contract, DriverFilePtr driver) {
    const std::size_t bytes = sizeof(DriverFile) + (driver ? driver->module.size() : 0);
    const std::lock_guard lock(memory_);
    kept_.put(contract, std::move(driver), bytes);
}

base::Result<DriverFilePtr> DriverFiles::find(const base::ByteArray<32>& contract,
                                              const std::function<bool(const DriverFile&)>& is_genuine) {
    if (auto known = kept(contract)) return std::move(*known);
    const std::lock_guard lock(disk_);
    if (auto known = kept(contract)) return std::move(*known);
    const auto path = path_of(contract);
    const auto bytes = read_whole(path, kMaxKept);
    if (!bytes && bytes.error().kind == Error::Kind::not_found) {
        keep(contract, nullptr);
        return nullptr;
    }
    if (!bytes) return std::unexpected(bytes.error());
    const base::ByteView all = *bytes;
    DriverFile out;
    if (all.size() >= out.signature.size()) {
        out.signature = base::to_array<48>(all.first(48));
        out.module = base::to_bytes(all.subspan(48));
        if (is_genuine(out)) {
            out.hash = crypto::blake3(out.module);
            auto driver = std::make_shared<const DriverFile>(std::move(out));
            keep(contract, driver);
            return driver;
        }
    }
    return failure(Error::Kind::corrupt, fmt::format("{} differs from the uploaded driver", path.string()));
}

base::Result<void> DriverFiles::put(const base::ByteArray<32>& contract, DriverFile driver) {
    const std::lock_guard lock(disk_);
    std::error_code problem;
    std::filesystem::create_directories(folder_, problem);
    if (problem) return file_failure(folder_, problem.value());
    const auto path = path_of(contract);
    const std::filesystem::path fresh = path.string() + ".new";
    base::Bytes bytes = base::to_bytes(driver.signature);
    base::append(bytes, driver.module);
    if (auto written = write_whole(fresh, bytes); !written) {
        std::filesystem::remove(fresh, problem);
        return written;
    }
    std::filesystem::rename(fresh, path, problem);
    if (problem) {
        std::error_code ignored;
        std::filesystem::remove(fresh, ignored);
        return file_failure(path, problem.value());
    }
    driver.hash = crypto::blake3(driver.module);
    keep(contract, std::make_shared<const DriverFile>(std::move(driver)));
    if (const int unsynced = sync_folder(folder_); unsynced != 0) return file_failure(folder_, unsynced);
    return {};
}

}  // namespace rues::store
