#pragma once

#include "api/running.hpp"

/// Requests that need the data driver of a contract.
namespace rues::api {

/// Gives the exchange to the pool of `work` when the driver of the contract is compiled: at once, or after a stay on
/// the pool that compiles drivers, so that no other request waits for a compilation. Any thread.
void with_driver(const Context& context, Work work, Exchange exchange, const ledger::ContractId& contract,
                 std::move_only_function<void(Exchange)> task);

/// The error for a driver that gave no answer (docs/reference/differences.md 1, 35).
Failure failure_of(const ContractDrivers::Failure& failure);

}  // namespace rues::api
