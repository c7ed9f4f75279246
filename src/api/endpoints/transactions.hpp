#pragma once

#include "api/errors.hpp"
#include "chain/verdict.hpp"

namespace rues::api::transactions {

/// The error for a transaction that the chain did not accept.
Failure failure_of(chain::Rejection rejection);

}  // namespace rues::api::transactions
