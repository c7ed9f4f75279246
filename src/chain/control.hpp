#pragma once

#include <functional>
#include <vector>

#include "chain/verdict.hpp"
#include "ledger/block.hpp"

namespace rues::chain {

using Numbered = std::expected<std::uint64_t, Rejection>;
/// Receives the answer to `mine` or `advance_time`. Called exactly once: on the chain thread, or on the caller's thread
/// before the call returns when the request is refused at once. It must not block and must not call `Chain::stop`;
/// every other function of the chain may be called from it.
using OnNumber = std::move_only_function<void(Numbered)>;

inline constexpr std::uint64_t kMaxMine = 10'000;  ///< most blocks of one order of `Control::mine`

/// An order to take back blocks.
struct Reorganisation {
    std::uint64_t depth = 0;  ///< this many blocks from the tip down
    /// The blocks that take their place, each a list of encoded transactions. A block holds exactly these, in this
    /// order.
    std::vector<std::vector<base::Bytes>> replace;
    bool may_take_final = true;  ///< false: refused when one of the blocks is final
};
inline constexpr std::size_t kMaxReplace = 64;  ///< most blocks of `Reorganisation::replace`

struct TakenBackBlock {
    std::uint64_t height = 0;
    base::Hash32 hash{};
};
/// The result of a reorganisation.
struct Reorganised {
    std::uint64_t height = 0;  ///< of the tip after it
    base::Hash32 hash{};
    std::vector<TakenBackBlock> reverted;  ///< from the old tip down
    std::vector<ledger::TxId> returned;    ///< transactions that are in the mempool again, in the order of the chain
    struct Dropped {
        ledger::TxId id{};
        std::string why;
    };
    std::vector<Dropped> dropped;  ///< transactions of these blocks that nothing can hold any more
};
/// Receives the answer to `reorganise`, on the same terms as `OnNumber`.
using OnReorganised = std::move_only_function<void(std::expected<Reorganised, Rejection>)>;

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
    /// Takes back blocks and makes others in their place (docs/decisions/0032). The transactions of the blocks return
    /// to the mempool, without `included`, or are `dropped` and `removed` when they are not valid there. Everything
    /// that can be wrong with the order is found before anything changes, and is `refused`: a depth of 0 or one beyond
    /// what the store keeps, a final block when that is not allowed, transactions that cannot be decoded or whose
    /// signature or proof is not good, or that their block cannot hold. The blocks are taken back in one write, and
    /// then each block of `replace` is made in one; a crash in between leaves a shorter chain.
    virtual void reorganise(Reorganisation what, OnReorganised done) = 0;
    /// Moves the chain's clock forward by `seconds`: from the tip's timestamp if that is ahead of the clock, else from
    /// the clock. The move is stored, so a restart keeps it. The callback gets the least timestamp that the next block
    /// will have.
    virtual void advance_time(std::uint64_t seconds, OnNumber done) = 0;
};

}  // namespace rues::chain
