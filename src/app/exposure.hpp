#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/settings.hpp"
#include "ledger/genesis.hpp"

/// Warnings about a node that other machines can reach.
namespace rues::app {

/// True for 127.0.0.0/8 and ::1, also as an IPv4 address inside IPv6. Any other address can be reached from other
/// machines.
bool is_loopback(std::string_view address);

/// One sentence for each thing that other machines can do with this node. Empty when only this machine reaches it.
std::vector<std::string> exposure(const NodeSettings& settings, const ledger::Genesis& genesis);

/// The warning for a file with a secret that its group or every user may read or write. nullopt when only its owner
/// may, or when it is not a regular file.
std::optional<std::string> key_file_warning(const std::filesystem::path& file);

}  // namespace rues::app
