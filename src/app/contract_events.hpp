#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/contract_json.hpp"

/// The events of a transaction, as commands print them.
namespace rues::app {

/// The line that `rues listen` prints for the event; `height` is that of its block.
std::string event_line(ContractJson& drivers, const ledger::ContractEvent& event, std::optional<std::uint64_t> height);
/// `{"contract","topic","data","bytes"}`: `data` is null when no driver can decode the bytes, which are in hex.
base::json::object event_json(ContractJson& drivers, const ledger::ContractEvent& event);

}  // namespace rues::app
