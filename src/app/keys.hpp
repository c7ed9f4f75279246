#pragma once

#include <filesystem>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "base/siphash.hpp"

/// The node's own secrets. Each call fails with kind `io` when `random` does, and then it has written nothing.
namespace rues::app {

/// The key of maps whose keys clients choose: a new one for each start.
base::Result<base::HashKey> draw_hash_key(const base::RandomSource& random = base::system_random);

/// The key of session ids. It is made once and stored as `session.key` in `folder`, a file that only its owner can
/// read. A shorter file is replaced.
base::Result<base::ByteArray<16>> session_key(const std::filesystem::path& folder,
                                              const base::RandomSource& random = base::system_random);

}  // namespace rues::app
