#pragma once

#include <string>

#include "base/error.hpp"
#include "ledger/genesis.hpp"
#include "store/store.hpp"

/// The input that the program reads from files and the standard input.
namespace rues::app {

/// The largest input in bytes; a larger file or standard input is an error.
inline constexpr std::size_t kMaxInput = std::size_t{1} << 30;

/// `most`: in bytes; a larger file is an error, and no more than that is read.
base::Result<std::string> read_file(const std::string& path, std::size_t most = kMaxInput);
/// The bytes that an argument stands for: of a file (`@file`), of the standard input (`-`), or its own text.
base::Result<std::string> read_argument(const std::string& argument);
/// The genesis in a TOML file; with an empty path, that of the local chain.
base::Result<ledger::Genesis> load_genesis(const std::string& path);
/// Opens the store in the data folder of a node that is not running. It creates none.
base::Result<std::unique_ptr<store::Store>> open_store_of(const std::string& data);

}  // namespace rues::app
