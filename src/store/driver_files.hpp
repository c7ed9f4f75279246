#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/lru_cache.hpp"

/// Data drivers that owners of contracts uploaded: one file each, docs/formats/drivers.md.
namespace rues::store {

struct DriverFile {
    base::ByteArray<48> signature{};  ///< of the owner, over SHA3-256 of the module
    base::Bytes module;
};
using DriverFilePtr = std::shared_ptr<const DriverFile>;

/// What was read or written last is kept in memory, so what is done to its file on the disk meanwhile does not show
/// before the next start. Any thread. Reading and writing wait for the disk.
class DriverFiles {
public:
    /// Of the drivers in memory.
    static constexpr std::size_t kMaxKept = 64 << 20;

    /// `folder` is created with the first driver.
    explicit DriverFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// nullptr: none is stored. `is_genuine` is asked of what comes from the disk, where a part of a driver looks like
    /// a whole one; what it says no to is an error of kind `corrupt`.
    base::Result<DriverFilePtr> find(const base::ByteArray<32>& contract,
                                     const std::function<bool(const DriverFile&)>& is_genuine);
    /// Replaces what is there, whole or not at all; on success it is on the disk.
    base::Result<void> put(const base::ByteArray<32>& contract, DriverFile driver);

private:
    std::filesystem::path path_of(const base::ByteArray<32>& contract) const;
    DriverFilePtr kept(const base::ByteArray<32>& contract);
    void keep(const base::ByteArray<32>& contract, DriverFilePtr driver);

    const std::filesystem::path folder_;
    std::mutex disk_;    ///< held while a file is read or written; taken before `memory_`
    std::mutex memory_;  ///< of `kept_`
    base::LruCache<base::ByteArray<32>, DriverFilePtr> kept_{kMaxKept};
};

}  // namespace rues::store
