#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace rues::api {

/// A file that the server offers, as it was when the program read it. Its bytes stay in memory, so every answer is
/// whole and has the tag of its bytes even when the file on the disk changes (docs/decisions/0013).
struct File {
    std::shared_ptr<const base::Bytes> bytes;
    std::string tag;  ///< SHA-256 of the bytes in hex; in quotes it is their ETag

    /// Reads a regular file of at most 256 MiB; waits for the disk. Errors: not_found; io; invalid for a folder, a
    /// pipe, a larger file, and a file that is written meanwhile.
    static base::Result<File> read(const std::filesystem::path& path);
};

}  // namespace rues::api
