#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.hpp"

namespace rues::app {

/// Replaces a file by one with this text that only its owner can read. After a crash or a power cut there is the old
/// file or the new one, whole. It is written beside its place, as `<path>.new`. Error `io`: the old one is unchanged.
base::Result<void> replace_private_file(const std::filesystem::path& path, std::string_view text);

}  // namespace rues::app
