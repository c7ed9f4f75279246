#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace rues::api {

/// A file that is offered, as it was when the program read it. It is kept in memory: whatever is done to the file on
/// the disk meanwhile, each answer is whole and has the tag of its bytes (docs/decisions/0013).
struct File {
    std::shared_ptr<const base::Bytes> bytes;
    std::string tag;  ///< SHA-256 of the bytes in hex; in quotes it is their ETag

    static base::Result<File> read(const std::filesystem::path& path);
};

}  // namespace rues::api
