#pragma once

#include <filesystem>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace rues::store {

/// Reads a whole regular file. Waits for the disk. Errors: kind `not_found` when there is no such file; `invalid` when
/// it is not a regular file, has more than `most` bytes, or is written to during the read; `io` when the disk fails.
base::Result<base::Bytes> read_whole(const std::filesystem::path& path, std::size_t most);

}  // namespace rues::store
