#include "store/driver_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
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

/// Writes a file beside its place and moves it there, so that it is there whole or not at all. The folder is not
/// synced.
base::Result<void> replace_whole(const std::filesystem::path& path, base::ByteView bytes) {
    const std::filesystem::path fresh = path.string() + ".new";
    std::error_code problem;
    if (auto written = write_whole(fresh, bytes); !written) {
        std::filesystem::remove(fresh, problem);
        return written;
    }
    std::filesystem::rename(fresh, path, problem);
    if (!problem) return {};
    std::error_code ignored;
    std::filesystem::remove(fresh, ignored);
    return file_failure(path, problem.value());
}

/// The file that lists the modules which were replaced, the oldest first: 32 bytes each.
std::filesystem::path replaced_of(const std::filesystem::path& path) {
    return path.string() + ".replaced";
}

base::Result<base::Bytes> read_replaced(const std::filesystem::path& path) {
    auto bytes = read_whole(replaced_of(path), DriverFiles::kMaxReplaced * sizeof(base::Hash32));
    if (!bytes && bytes.error().kind == Error::Kind::not_found) return base::Bytes();
    return bytes;
}

bool contains(base::ByteView list, const base::Hash32& hash) {
    for (; list.size() >= hash.size(); list = list.subspan(hash.size())) {
        if (base::equal(list.first(hash.size()), hash)) return true;
    }
    return false;
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

base::Result<std::optional<base::Hash32>> DriverFiles::present(const base::ByteArray<32>& contract) {
    if (const auto known = kept(contract)) return *known ? std::optional((*known)->hash) : std::nullopt;
    const auto bytes = read_whole(path_of(contract), kMaxKept);
    if (!bytes && bytes.error().kind == Error::Kind::not_found) return std::nullopt;
    if (!bytes) return std::unexpected(bytes.error());
    const base::ByteView all = *bytes;
    return crypto::blake3(all.subspan(std::min(all.size(), sizeof DriverFile::signature)));
}

base::Result<bool> DriverFiles::put(const base::ByteArray<32>& contract, DriverFile driver) {
    const std::lock_guard lock(disk_);
    std::error_code problem;
    std::filesystem::create_directories(folder_, problem);
    if (problem) return file_failure(folder_, problem.value());
    const auto path = path_of(contract);
    driver.hash = crypto::blake3(driver.module);
    const auto before = present(contract);
    if (!before) return std::unexpected(before.error());
    if (*before != driver.hash) {
        auto replaced = read_replaced(path);
        if (!replaced) return std::unexpected(replaced.error());
        if (contains(*replaced, driver.hash)) return false;
        if (*before && !contains(*replaced, **before)) {
            base::append(*replaced, **before);
            if (replaced->size() > kMaxReplaced * sizeof(base::Hash32))
                replaced->erase(replaced->begin(), replaced->begin() + sizeof(base::Hash32));
            if (const auto written = replace_whole(replaced_of(path), *replaced); !written)
                return std::unexpected(written.error());
        }
    }
    base::Bytes bytes = base::to_bytes(driver.signature);
    base::append(bytes, driver.module);
    if (const auto written = replace_whole(path, bytes); !written) return std::unexpected(written.error());
    keep(contract, std::make_shared<const DriverFile>(std::move(driver)));
    if (const int unsynced = sync_folder(folder_); unsynced != 0) return file_failure(folder_, unsynced);
    return true;
}

}  // namespace rues::store
