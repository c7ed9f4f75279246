#pragma once

#include "api/reading.hpp"

/// What the genesis contracts answer when asked: one table of their read functions. LM 8.3, 8.5.
namespace rues::api::contracts {

/// What a function is given, in its archived and its JSON form.
enum class Argument : std::uint8_t { none, key, id, range };

/// The items that a feeder gives, archived, in order; nullopt after the last.
using Items = std::move_only_function<std::optional<base::Bytes>()>;

/// Archived argument in, archived result out, as the contract itself has them. Of `query` and `feed` one is there.
struct Function {
    ledger::ContractId contract;
    std::string_view name;
    Argument argument = Argument::none;
    Outcome<base::Bytes> (*query)(const Context& context, const store::Snapshot& state,
                                  base::ByteView argument) = nullptr;
    /// Looks at everything at once, so that all items are of one moment whenever the client takes them.
    Outcome<Items> (*feed)(const Context& context, const store::Snapshot& state, base::ByteView argument) = nullptr;
    base::json::value (*to_json)(base::ByteView result) =
        nullptr;  ///< as the contract's data driver writes it (LM 8.6)
};

std::span<const Function> functions();

/// The archived argument that a JSON text stands for; the error as the data driver's. LM 8.6.
Outcome<base::Bytes> argument_from_json(const Function& function, std::string_view text);

}  // namespace rues::api::contracts
