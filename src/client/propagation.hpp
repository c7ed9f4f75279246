#pragma once

#include <chrono>
#include <string_view>

#include "base/bytes.hpp"
#include "client/url.hpp"
#include "rues/outcome.hpp"

namespace rues::client {

std::string_view name(Outcome::Kind kind) noexcept;

/// `POST /on/transactions/propagate`. `refused`: the node did not take it, with its text.
Result<void> propagate(const Url& url, base::ByteView transaction);

/// The same, and waits until `goal` is reached or never will be. A server with positions is asked to wait
/// (`Rues-Wait`); else, or where that breaks off, the transaction's own events are waited for. `finalized` is
/// `refused` by a server without positions, before anything is sent.
Result<Outcome> propagate(const Url& url, base::ByteView transaction, Goal goal, std::chrono::milliseconds timeout);

}  // namespace rues::client
