#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rues::chain {

/// Why a contract call failed, as contracts see it of each other (docs/reference/ledger.md 4.2).
struct ContractError {
    enum class Kind : std::uint8_t { panic, out_of_gas, does_not_exist, unknown };
    Kind kind = Kind::unknown;
    std::string message{};  ///< of a panic

    /// As the ledger keeps it: `Panic: …`, `OutOfGas`, `Contract does not exist`, `Unknown`.
    std::string display() const;
    /// As Rust's `{:?}` prints it: `Panic("…")`, `OutOfGas`, `DoesNotExist`, `Unknown`.
    std::string debug() const;
    friend bool operator==(const ContractError&, const ContractError&) = default;
};

/// Text in double quotes as Rust's `{:?}` prints it. Control characters are escaped; all other characters outside of
/// ASCII are kept, also the few that Rust takes for unprintable.
std::string quoted(std::string_view utf8);

}  // namespace rues::chain
