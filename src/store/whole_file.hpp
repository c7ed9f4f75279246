#pragma once

#include <filesystem>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace rues::store {

/// All bytes of a regular file. Kind `not_found` where there is none, `invalid` when it is no regular file, has more
/// than `most` bytes, or is written while it is read. Waits for the disk.
base::Result<base::Bytes> read_whole(const std::filesystem::path& path, std::size_t most);

}  // namespace rues::store
