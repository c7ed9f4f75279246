#pragma once

#include <chrono>
#include <string_view>

#include "base/bytes.hpp"
#include "client/url.hpp"
#include "rues/outcome.hpp"

namespace rues::client {

std::string_view name(Outcome::Kind kind) noexcept;

/// Sends a transaction (`POST /on/transactions/propagate`). Error `refused`: the node did not accept it; the text is
/// the node's.
Result<void> propagate(const Url& url, base::ByteView transaction);

/// Sends a transaction and waits until it reaches `goal` or can never reach it; `pending` after `timeout`. A server
/// with positions is asked to wait (`Rues-Wait`). Without positions, or when that request fails or ends too early, the
/// client subscribes to the transaction's events and waits for them. A server without positions gets no transaction for
/// the goal `finalized`: the error is `refused`.
Result<Outcome> propagate(const Url& url, base::ByteView transaction, Goal goal, std::chrono::milliseconds timeout);

}  // namespace rues::client
