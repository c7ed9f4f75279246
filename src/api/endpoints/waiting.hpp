#pragma once

#include "api/api.hpp"

/// Answers to `propagate` that come only when something has become of the transaction. docs/delivery.md.
namespace rues::api::waiting {

/// Answers that wait at once. Each has its place until nothing of it is left in memory.
inline constexpr std::size_t kMaxWaits = 4'096;

enum class Until : std::uint8_t { included, executed, finalized };

struct Wish {
    Until until = Until::executed;
    std::chrono::seconds most{30};
};
/// What the request's headers ask for; nullopt: nothing.
Outcome<std::optional<Wish>> wish_of(const net::Request& request);

/// Propagates and answers as wished; for a transaction that the chain has, or had, its outcome. Also answered, with
/// what is known by then, when the client ends its side or the server stops. On the call's loop. `on_nothing_more` is
/// called when nothing will happen to the transaction: it was refused, or executed already.
void propagate(const Context& context, Call call, const ledger::TxId& id, base::Bytes transaction, const Wish& wish,
               std::move_only_function<void()> on_nothing_more);

}  // namespace rues::api::waiting
