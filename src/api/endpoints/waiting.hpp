#pragma once

#include "api/api.hpp"

/// Answers to `propagate` that wait until the transaction is included, executed or final. docs/delivery.md.
namespace rues::api::waiting {

enum class Until : std::uint8_t { included, executed, finalized };

/// The headers `Rues-Wait` and `Rues-Wait-Seconds` of a request.
struct Wish {
    Until until = Until::executed;
    std::chrono::seconds most{30};  ///< then the answer is `pending`
};
/// Reads the wish from the request's headers; nullopt without `Rues-Wait`; 400 for wrong values.
Result<std::optional<Wish>> wish_of(const net::Request& request);

/// Propagates the transaction and answers with its outcome when the wish is fulfilled or its time is over. A
/// transaction that the chain already has or had is not an error: it is waited for, or its outcome is the answer. When
/// the client ends its side or the server stops, the answer is the state known by then, or 503 when the chain has not
/// looked at the transaction yet. 503 when too many wait (`Work::wait`). On the exchange's loop.
///
/// `on_nothing_more` is called when nothing more will happen to the transaction: it was refused, or was executed
/// already.
void propagate(const Context& context, Exchange exchange, const ledger::TxId& id, base::Bytes transaction,
               const Wish& wish, std::move_only_function<void()> on_nothing_more);

}  // namespace rues::api::waiting
