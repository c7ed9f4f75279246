#pragma once

#include <filesystem>

#include "base/error.hpp"

/// Calls of the system that several files of the room need. Private to the room.
namespace rues::store {

/// The error for a call that failed with this error number while it worked on `path`.
std::unexpected<base::Error> file_failure(const std::filesystem::path& path, int code);

/// Syncs a folder: only then does a renamed file in it survive a power cut. Returns 0, or the error number.
int sync_folder(const std::filesystem::path& folder);

/// The system's boot id, which changes with every boot of the machine; empty when the system has none.
std::string system_boot_id();

}  // namespace rues::store
