#pragma once

#include <functional>

#include "chain/verdict.hpp"

namespace rues::chain {

using Numbered = std::expected<std::uint64_t, Rejection>;
/// Receives the answer to `mine` or `advance_time`. Called exactly once: on the chain thread, or on the caller's thread
/// before the call returns when the request is refused at once. It must not block and must not call `Chain::stop`;
/// every other function of the chain may be called from it.
using OnNumber = std::move_only_function<void(Numbered)>;

inline constexpr std::uint64_t kMaxMine = 10'000;  ///< most blocks of one order of `Control::mine`

/// Makes blocks and moves the clock by order, as only a local chain can. Any thread may call every function. Requests
/// enter a queue, as those of `Submission` do; when it is full or the chain is stopping, the callback gets `full`.
/// After the store failed, every request gets `failed`.
class Control {
public:
    virtual ~Control() = default;

    /// Seals `count` blocks, whatever the mode of mining. The callback gets the height of the tip after the last of
    /// them; with `count` 0, the present height. More than `kMaxMine` blocks are `refused`; an order beyond the 1,024
    /// under way is `full`. Between two blocks of an order the chain thread does all other waiting work, so an order of
    /// many blocks delays that work by one block at most. Several orders take turns.
    virtual void mine(std::uint64_t count, OnNumber done) = 0;
    /// For a program that is stopping: ends every order of `mine` between two blocks with `full` and refuses new orders
    /// with `full`, for good. Blocks that are already sealed stay. Everything else goes on.
    virtual void end_mining() = 0;
    /// Moves the chain's clock forward by `seconds`: from the tip's timestamp if that is ahead of the clock, else from
    /// the clock. The move is stored, so a restart keeps it. The callback gets the least timestamp that the next block
    /// will have.
    virtual void advance_time(std::uint64_t seconds, OnNumber done) = 0;
};

}  // namespace rues::chain
