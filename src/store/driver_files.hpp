#pragma once

#include <filesystem>
#include <mutex>
#include <optional>

#include "base/bytes.hpp"
#include "base/error.hpp"

/// Data drivers that owners of contracts uploaded: one file each, docs/formats/drivers.md.
namespace rues::store {

struct DriverFile {
    base::ByteArray<48> signature{};  ///< of the owner, over SHA3-256 of the module
    base::Bytes module;
};

/// Any thread. Reading and writing wait for the disk.
class DriverFiles {
public:
    /// `folder` is created with the first driver.
    explicit DriverFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// nullopt: none is stored.
    base::Result<std::optional<DriverFile>> find(const base::ByteArray<32>& contract) const;
    /// Replaces what is there, whole or not at all; on success it is on the disk.
    base::Result<void> put(const base::ByteArray<32>& contract, const DriverFile& driver);

private:
    std::filesystem::path path_of(const base::ByteArray<32>& contract) const;

    std::filesystem::path folder_;
    std::mutex writing_;
};

}  // namespace rues::store
