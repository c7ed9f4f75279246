#pragma once

#include <string>

#include "base/error.hpp"
#include "ledger/genesis.hpp"
#include "store/store.hpp"

/// What the program reads from files and the standard input.
namespace rues::app {

/// Most bytes read from a file or the standard input; more is an error.
inline constexpr std::size_t kMaxInput = std::size_t{1} << 30;

base::Result<std::string> read_file(const std::string& path);
/// An argument that stands for itself, for a file (`@file`), or for the standard input (`-`).
base::Result<std::string> read_argument(const std::string& argument);
/// The genesis of a TOML file; an empty path: the local chain's own.
base::Result<ledger::Genesis> load_genesis(const std::string& path);
/// The store in the data folder of a node that does not run; none is created.
base::Result<std::unique_ptr<store::Store>> open_store_of(const std::string& data);

}  // namespace rues::app
