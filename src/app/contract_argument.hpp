#pragma once

#include <optional>
#include <string>

#include "app/contract_json.hpp"
#include "base/error.hpp"

/// The contract, function and argument that a command names.
namespace rues::app {

/// A contract's id: 64 hex digits, with or without `0x`, or `transfer` or `stake` for a genesis contract.
base::Result<ledger::ContractId> contract_of(std::string_view text);
bool is_genesis_contract(const ledger::ContractId& contract);

/// An argument as the user wrote it: bytes, or JSON that a driver turns into bytes.
struct ContractArgument {
    std::optional<base::Bytes> bytes;  ///< of `0x` and hex digits
    std::string json;                  ///< empty: no argument was given
};
/// Reads an argument: text, `@FILE`, or `-` for the standard input. Blanks around it do not count. JSON may be anything
/// that does not begin with `0x`; nothing else is checked here.
base::Result<ContractArgument> read_contract_argument(const std::optional<std::string>& given);

/// The bytes that the function gets. JSON is turned into them by the contract's driver; without an argument they are
/// those of `null`, or none when no driver knows the function. Errors of the user's input are `invalid`.
Result<base::Bytes> argument_bytes(const ContractArgument& argument, const ledger::ContractId& contract,
                                   std::string_view function, ContractJson& drivers);

}  // namespace rues::app
