#pragma once

#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace rues::app {

/// The bytes of a WebAssembly module in a file; `-` is the standard input. The error names a file that cannot be read
/// or that does not begin as a module does (`\0asm` and version 1).
base::Result<base::Bytes> read_module(const std::string& file);

}  // namespace rues::app
