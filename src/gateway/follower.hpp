#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "client/client.hpp"
#include "gateway/branch.hpp"
#include "gateway/followed_log.hpp"
#include "gateway/node_reads.hpp"
#include "gateway/upstreams.hpp"

namespace rues::gateway {

/// Counts and state of a follower, for `/status`. A copy.
struct FollowerReport {
    std::string upstream;               ///< the node that is followed; empty: none
    std::uint64_t blocks = 0;           ///< appended since the start
    std::uint64_t asked_again = 0;      ///< answers that did not stand their check and were asked for again
    std::uint64_t reorganisations = 0;  ///< times that blocks were taken back
    std::uint64_t taken_back = 0;       ///< blocks that were taken back
};

/// Keeps the gateway's log equal to the chain of the nodes behind it. It follows one node at a time, the healthy one
/// with the highest tip: its blocks are asked for whole and proved (`prove`); of its stream it takes the moment at
/// which a block came, and the events of its mempool. A node whose answer does not stand its check is asked again
/// `kTries` times, because it may not have written everything yet, then it is ejected and another one is followed.
///
/// The followed node may take blocks back: then the follower finds the block that both have, proves the node's blocks
/// after it, executes them if it executes blocks, and only then takes its own back. A node whose branch would take back
/// a final block is ejected. Another node's branch is followed only while no node on the branch here is healthy
/// (`Standings::best`).
///
/// One thread, which `run` keeps. It blocks on the network.
class Follower {
public:
    /// All outlive it. What the follower changes in `log` goes through `sink`. `execution`: checks each block before it
    /// is committed; null: headers alone prove blocks. `on_report` is called after each change of the report or of the
    /// log.
    using OnReport = std::function<void(const FollowerReport&)>;
    Follower(Upstreams& upstreams, const FollowedLog& log, Execution* execution, CommitSink& sink,
             const base::Clock& clock, base::Log lines, OnReport on_report);

    /// Follows until a stop is requested, or the store cannot be written: then the error says why.
    base::Result<void> run(const std::stop_token& stop);

    static constexpr unsigned kTries = 3;
    /// Most events, and bytes of them, that a node's stream may bring with one block. More are not of this protocol.
    static constexpr std::size_t kMostMeanwhile = 50'000;
    static constexpr std::size_t kMostMeanwhileBytes = 64 << 20;
    /// Between two of these tries.
    static constexpr std::chrono::milliseconds kAskAgain{300};

private:
    /// How an attempt to get further ended.
    enum class Step : std::uint8_t {
        advanced,
        at_tip,  ///< the node has no further block
        over,    ///< the node is not to be followed now
    };

    void follow(std::size_t node, const std::stop_token& stop);
    // Those that return bool return false when the node is not to be followed now.
    bool begin(std::size_t node, client::Client& stream, const std::stop_token& stop);
    bool may_stay(std::size_t node, const std::stop_token& stop) const;
    bool happened(std::size_t node, client::Client& stream, client::Client::Happening what,
                  const std::stop_token& stop);
    bool idle(std::size_t node, const std::stop_token& stop);
    bool delivered(std::size_t node, client::Client& stream, const wire::Frame& frame, const std::stop_token& stop);
    bool accepted(std::size_t node, const wire::Frame& frame, const std::stop_token& stop);
    bool pool_events(std::size_t node, client::Client& stream, ledger::Event first,
                     std::optional<wire::Position> position);
    std::vector<ledger::Event> ready_events(client::Client& stream, ledger::Event first,
                                            std::optional<wire::Position>& position);

    bool catch_up(std::size_t node, const std::stop_token& stop, std::uint64_t to = UINT64_MAX);
    Step ask(std::size_t node, std::uint64_t last, const std::optional<Checkpoint>& checkpoint,
             const std::stop_token& stop);
    std::optional<Fault> append_proved(BlocksAnswer answer, const std::optional<Checkpoint>& checkpoint,
                                       const std::stop_token& stop);
    bool is_beyond_execution(std::size_t node, const Fault& fault);
    bool may_ask_again(std::size_t node, const Error& wrong, unsigned tries, const std::stop_token& stop);
    bool match_pool(std::size_t node);
    bool flush_meanwhile(const std::optional<Checkpoint>& checkpoint);

    // follower_branches.cpp
    struct Branch;
    Result<std::optional<Branch>> branch_of(std::size_t node, const OpenBlocks& own,
                                            std::optional<std::uint64_t> reverted) const;
    std::optional<Fault> fault_in(Branch& branch, const std::stop_token& stop);
    Step turn(std::size_t node, const std::stop_token& stop, std::optional<std::uint64_t> reverted = std::nullopt);
    bool may_turn(std::size_t node) const;
    Step replace(std::size_t node, const OpenBlocks& own, Branch branch);
    bool reverted(std::size_t node, const base::Hash32& block, const std::stop_token& stop);
    bool agrees(std::size_t node, const std::stop_token& stop);
    bool compare_branches(std::size_t followed, const std::stop_token& stop);
    bool compare_tip(std::size_t node, const Standing& standing);
    void look_ahead(std::size_t node, std::uint64_t reported);

    std::optional<std::map<ledger::TxId, ledger::Transaction>> shown_by(std::size_t node,
                                                                        std::span<const ledger::TxId> ids);
    PoolChange change_of(std::span<const ledger::Event> events,
                         const std::map<ledger::TxId, ledger::Transaction>& shown) const;

    std::optional<Checkpoint> checkpoint_at(std::size_t node, std::optional<wire::Position> position) const;
    bool append(PoolChange change, const std::optional<Checkpoint>& checkpoint);
    bool commit(Commit what);
    void broke(base::Error error);
    void report();

    Upstreams& upstreams_;
    const FollowedLog& log_;
    Execution* const execution_;
    CommitSink& sink_;
    const base::Clock& clock_;
    const base::Log lines_;
    const OnReport on_report_;
    FollowerReport report_;
    std::vector<ledger::Event> meanwhile_;           ///< events of the mempool that belong to the next block
    std::size_t meanwhile_bytes_ = 0;                ///< of their payloads
    std::optional<client::Client::Happening> kept_;  ///< taken from the stream, not handled yet
    std::vector<base::Hash32> looked_at_;            ///< the tip of each node that `compare_branches` has seen last
    std::vector<TurnLimit> turns_;                   ///< of each node
    std::optional<std::size_t> source_;              ///< the node whose chain the chain here is
    bool is_pool_unsure_ = false;                    ///< the node's mempool may have changed without events
    std::chrono::steady_clock::time_point heard_{};
    std::optional<base::Error> broken_;
};

}  // namespace rues::gateway
