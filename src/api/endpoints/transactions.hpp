#pragma once

#include "api/errors.hpp"
#include "chain/chain.hpp"

namespace rues::api::transactions {

/// What a client is told of a transaction that was not taken.
Failure failure_of(chain::Rejection rejection);

}  // namespace rues::api::transactions
