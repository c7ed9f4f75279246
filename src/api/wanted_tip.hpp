#pragma once

#include <chrono>

#include "api/exchange.hpp"

namespace rues::api {

struct Context;
struct Route;

/// A block that a client has seen, and that its answer must know: `Rues-Min-Height` and `Rues-Min-Hash`.
/// docs/delivery.md, heights of answers.
struct WantedTip {
    std::optional<std::uint64_t> height{};
    std::optional<base::Hash32> hash{};

    /// 400 for wrong values.
    static Result<WantedTip> of(const net::Request& request);
    static bool is_named(const net::Request& request);
};

/// Calls `then` when the chain here has the wanted block: at once, or when it comes. In a gateway a node must have it
/// too when the request of this row is passed on. Otherwise the request is answered: 412 when the block was taken back,
/// and 503 when it has not come after `Limits::tip_wait`, when the client ends its side, when the server stops, and
/// when too many requests wait (`Work::block_wait`, `Limits::bodies_of_waiting`). On the exchange's loop, and `then`
/// too.
void await_tip(const Context& context, const Route& row, Exchange exchange, const WantedTip& wanted,
               std::move_only_function<void(Exchange)> then);

/// How often a waiting request looks for its block.
inline constexpr std::chrono::milliseconds kLookForTip{50};

}  // namespace rues::api
