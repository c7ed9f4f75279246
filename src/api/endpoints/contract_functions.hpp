#pragma once

#include "api/context.hpp"

/// One table of the read functions of the genesis contracts. docs/reference/ledger.md 8.3, 8.5.
namespace rues::api::contracts {

/// The items that a feeder gives, archived, in order; nullopt after the last.
using Items = std::move_only_function<std::optional<base::Bytes>()>;

/// Archived argument in, archived result out, as the contract itself has them. Of `query` and `feeder` one is there.
struct Function {
    ledger::ContractId contract;
    std::string_view name;
    Result<base::Bytes> (*query)(const Context& context, const store::Snapshot& state,
                                 base::ByteView argument) = nullptr;
    /// Looks at everything at once, so that all items are of one moment whenever the client takes them.
    Result<Items> (*feeder)(const Context& context, const store::Snapshot& state, base::ByteView argument) = nullptr;
};

std::span<const Function> functions();

}  // namespace rues::api::contracts
