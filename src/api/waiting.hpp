#pragma once

#include "api/api.hpp"

/// Answers to `propagate` that come only when something has become of the transaction. docs/delivery.md.
namespace rues::api::waiting {

/// Answers that wait at once.
inline constexpr std::size_t kMaxWaits = 4'096;

enum class Until : std::uint8_t { included, executed, finalized };

struct Wish {
    Until until = Until::executed;
    std::chrono::seconds most{30};
};
/// What the request's headers ask for; nullopt: nothing.
Outcome<std::optional<Wish>> wish_of(const net::Request& request);

/// Propagates and answers as wished. On the call's loop. `on_refused`: when the transaction was not taken.
void propagate(const Context& context, Call call, const ledger::TxId& id, base::Bytes transaction, const Wish& wish,
               std::move_only_function<void()> on_refused);

}  // namespace rues::api::waiting
