#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/lru_cache.hpp"

/// Data drivers that owners of contracts uploaded, one file each. docs/formats/drivers.md.
namespace rues::store {

struct DriverFile {
    base::ByteArray<48> signature{};  ///< the owner's signature of the SHA3-256 of the module
    base::Bytes module;
    base::Hash32 hash{};  ///< BLAKE3 of the module; set by `DriverFiles`
};
using DriverFilePtr = std::shared_ptr<const DriverFile>;

/// The drivers that were read or written last are kept in memory, and so are contracts without a driver. So a change of
/// such a file on the disk may not show before the next start. Any thread. Reading and writing wait for the disk.
class DriverFiles {
public:
    /// Most bytes of drivers in memory.
    static constexpr std::size_t kMaxKept = 64 << 20;
    /// Modules of one contract that are remembered after they were replaced; the oldest is forgotten first.
    static constexpr std::size_t kMaxReplaced = 1'024;

    /// The first `put` creates `folder`.
    explicit DriverFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// nullptr when no driver is stored for this contract. `is_genuine` checks a driver that was read from the disk,
    /// where a truncated driver looks like a whole one; when it returns false, the result is an error of kind
    /// `corrupt`.
    base::Result<DriverFilePtr> find(const base::ByteArray<32>& contract,
                                     const std::function<bool(const DriverFile&)>& is_genuine);
    /// Replaces the contract's driver, completely or not at all. On success the new driver is synced to the disk.
    /// False: another driver has replaced this one before, so it is not taken again, and nothing was changed. An
    /// owner's signature has no date and is public, so anybody could send an old driver again.
    base::Result<bool> put(const base::ByteArray<32>& contract, DriverFile driver);

private:
    std::filesystem::path path_of(const base::ByteArray<32>& contract) const;
    /// nullopt: not known.
    std::optional<DriverFilePtr> kept(const base::ByteArray<32>& contract);
    void keep(const base::ByteArray<32>& contract, DriverFilePtr driver);
    /// The hash of the module that is stored now, genuine or not; nullopt: none. REQUIRES: `disk_` is locked.
    base::Result<std::optional<base::Hash32>> present(const base::ByteArray<32>& contract);

    const std::filesystem::path folder_;
    std::mutex disk_;    ///< held while a file is read or written; taken before `memory_`
    std::mutex memory_;  ///< guards `kept_`
    base::LruCache<base::ByteArray<32>, DriverFilePtr> kept_{kMaxKept};
};

}  // namespace rues::store
