#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "ledger/genesis.hpp"

/// Genesis files (docs/reference/ledger.md 11.1). Pure.
namespace rues::chain {

/// Reads a genesis file in TOML. The error names the key and the line.
std::expected<ledger::Genesis, std::string> read_genesis(std::string_view toml);

/// The genesis file of the local chain (four accounts, one stake, notes), compiled in from default_genesis.toml.
std::string_view default_genesis();

}  // namespace rues::chain
