#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "crypto/fr.hpp"

/// Files of a prover's coefficients: 64 bytes of header (`RUESKEY1`, the number of coefficients in 8 bytes little
/// endian, the BLAKE3 of their bytes, zeros), then the coefficients in the memory form of `Fr`.
namespace rues::app {

struct MappedCoefficients {
    std::shared_ptr<const void> owner;  ///< unmaps the file
    std::span<const crypto::Fr> values;
};

/// Maps a file of exactly `count` coefficients. Reads all of it once, for the checksum: only this program has written
/// bytes with it, so that all of them are reduced numbers. Errors: `not_found`; `corrupt`; `io`.
base::Result<MappedCoefficients> map_key_file(const std::filesystem::path& path, std::size_t count);

/// Names of such files: whole ones, and those that are being written.
inline constexpr std::string_view kKeyExtension = ".key";
inline constexpr std::string_view kHalfExtension = ".new";

/// After a crash there is no file of this name, or a whole one, and perhaps a half one beside it. Several processes may
/// write the same file.
base::Result<void> write_key_file(const std::filesystem::path& path, std::span<const crypto::Fr> coefficients);

}  // namespace rues::app
