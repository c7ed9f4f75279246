#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "client/url.hpp"
#include "ledger/event.hpp"

namespace rues::client {

/// What a transaction would do in the block after the tip.
struct Simulated {
    std::uint64_t gas_spent = 0;
    std::optional<std::string> error;           ///< Debug form of the node's error: `Panic("no")`, `OutOfGas`
    std::vector<ledger::ContractEvent> events;  ///< none from a Rusk node, which does not tell them
    /// The calls (docs/debugging.md). Empty when nobody asked for them, and from a Rusk node, which does not tell them.
    std::optional<base::json::object> trace{};
};

enum class Trace : bool { no, yes };

/// `POST /on/transactions/simulate` (docs/reference/protocol.md 8.3). A transaction that fails is a result, not an
/// error.
Result<Simulated> simulate(const Url& url, base::ByteView transaction, Trace trace = Trace::no);

}  // namespace rues::client
