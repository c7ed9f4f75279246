#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/log.hpp"
#include "client/url.hpp"
#include "gateway/standing.hpp"

namespace rues::gateway {

/// Most nodes behind one gateway: each has a thread that watches it.
inline constexpr std::size_t kMostUpstreams = 16;

/// A node behind the gateway.
struct Upstream {
    client::Url url;
    std::string text;  ///< the URL as the operator wrote it
};

/// The nodes behind a gateway and their standings. Any thread; the lock is held only for a look at all of them.
class Upstreams {
public:
    /// REQUIRES: 1 to kMostUpstreams nodes.
    Upstreams(std::vector<Upstream> nodes, const Patience& patience, base::Log log);

    std::size_t size() const noexcept { return nodes_.size(); }
    const Upstream& operator[](std::size_t node) const { return nodes_[node]; }

    Standing standing(std::size_t node) const;
    void reported(std::size_t node, std::uint64_t height, const base::Hash32& hash);
    void failed(std::size_t node, std::string why);
    void eject(std::size_t node, std::string why);
    void lacks_prover(std::size_t node);
    void compared(std::size_t node, bool is_elsewhere);
    /// No node is `unknown`: each has answered once, or failed to.
    bool are_all_asked() const;
    std::optional<std::size_t> best(std::uint64_t own_height) const;
    std::uint64_t highest() const;
    /// The nodes to ask, the least busy first, of equal ones another one with each call (`Standings::in_turn`).
    std::vector<std::size_t> in_turn(std::uint64_t least = 0);
    /// Whether `in_turn(least)` has a node.
    bool has_node_at(std::uint64_t least) const;
    /// The same for a proof: those that can prove come first.
    std::vector<std::size_t> in_turn_for_proof();
    /// The node has shown this block, so its tip is at least there.
    void showed(std::size_t node, std::uint64_t height, const base::Hash32& hash);

    /// A request that a node works on, as long as this lives.
    class Asking {
    public:
        Asking(Upstreams& all, std::size_t node);
        ~Asking();
        Asking(const Asking&) = delete;
        Asking& operator=(const Asking&) = delete;

    private:
        Upstreams& all_;
        const std::size_t node_;
    };

    /// One object for each node: URL, state, tip, how far behind `tip` it is, ejections and their reason.
    base::json::array to_json(std::uint64_t tip) const;

private:
    template <typename Change>
    void change(std::size_t node, Change make);

    const std::vector<Upstream> nodes_;
    const base::Log log_;
    mutable std::mutex mutex_;
    Standings standings_;
    std::size_t turn_ = 0;
};

}  // namespace rues::gateway
