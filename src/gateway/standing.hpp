#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

/// Which nodes are to be trusted now. Pure: the time is passed in.
namespace rues::gateway {

using Time = std::chrono::steady_clock::time_point;

/// How much a gateway thinks of one node.
struct Standing {
    enum class State : std::uint8_t {
        unknown,      ///< it has not answered yet
        healthy,      ///< it answers, and its tip moves as that of the others
        stale,        ///< its tip stays behind that of others
        unreachable,  ///< it does not answer
        ejected,      ///< it said what cannot be true; not asked until `ejected_until`
    };
    State state = State::unknown;
    std::uint64_t height = 0;  ///< of its tip
    base::Hash32 hash{};
    Time advanced{};  ///< when its tip last changed
    Time ejected_until{};
    std::string why{};            ///< the reason of the last change to stale, unreachable or ejected
    std::uint64_t ejections = 0;  ///< since the start
    std::uint64_t failures = 0;   ///< requests without an answer, since the start
    std::uint64_t stales = 0;     ///< times that it became stale
    std::uint64_t requests = 0;   ///< that were passed to it, since the start
    std::size_t busy = 0;         ///< of these, the ones that it has not answered yet
    Time no_prover_until{};       ///< it has no prover, or its prover was too busy
    /// Since when it has been on another branch than the chain here; nullopt: it is on the same one, or nobody knows.
    std::optional<Time> elsewhere_since{};
};
std::string_view name(Standing::State state) noexcept;

struct Patience {
    /// A node whose tip is at least `kStaleBlocks` behind the best for so long is stale. A node on another branch is
    /// followed after so long, when no other is healthy.
    std::chrono::milliseconds stale_after{10'000};
    /// The first ejection of a node; each further one is twice as long, up to `kLongestEjection`.
    std::chrono::milliseconds ejection{60'000};
};
inline constexpr std::uint64_t kStaleBlocks = 3;
inline constexpr std::chrono::hours kLongestEjection{1};
/// For how long a node that cannot prove is not asked for proofs.
inline constexpr std::chrono::seconds kNoProver{60};

/// The standings of all nodes of a gateway. One thread at a time.
class Standings {
public:
    Standings(std::size_t nodes, const Patience& patience) : patience_(patience), all_(nodes) {}

    std::span<const Standing> all() const noexcept { return all_; }
    /// A node reported its tip. It ends an ejection whose time is over, and makes others stale.
    void reported(std::size_t node, std::uint64_t height, const base::Hash32& hash, Time now);
    void failed(std::size_t node, std::string why, Time now);
    /// A node lied. `why` is one sentence.
    void eject(std::size_t node, std::string why, Time now);
    /// It cannot prove for a while.
    void lacks_prover(std::size_t node, Time now) { all_[node].no_prover_until = now + kNoProver; }

    /// The chain here and that of a node were compared: it is on another branch, or on the same one.
    void compared(std::size_t node, bool is_elsewhere, Time now);

    /// The node to follow: the healthy one with the highest tip, of equal ones the first. A node on another branch is
    /// followed only while no other is healthy, when it has been there for `stale_after` and its tip is higher than
    /// `own_height`, that of the chain here. nullopt: no node is to be followed. A node's word about its tip counts
    /// only while it can show the blocks: who cannot is ejected by the caller.
    std::optional<std::size_t> best(std::uint64_t own_height, Time now) const;
    /// The healthy nodes: the one with the fewest requests first, of equal ones beginning with number `turn` of all, so
    /// that requests spread. When none is healthy, the stale ones; then those on another branch; when there are none
    /// either, those that have not been asked yet. With `least` above 0, only nodes that have block `least` of the
    /// chain here: their tip is there, and they are not on another branch.
    std::vector<std::size_t> in_turn(std::size_t turn, std::uint64_t least = 0) const;
    void asked(std::size_t node) noexcept;
    void answered(std::size_t node) noexcept { --all_[node].busy; }
    /// The highest tip of a healthy node on the branch here; 0: none.
    std::uint64_t highest() const;

private:
    void look_at_age(Standing& of, Time now);

    Patience patience_;
    std::vector<Standing> all_;
};

}  // namespace rues::gateway
