#include <fmt/format.h>

#include "client/failure.hpp"
#include "gateway/follower.hpp"

/// The part of the follower that compares branches, and leaves one for another. docs/decisions/0034.
namespace rues::gateway {

/// A node's blocks in place of those here, each proved as the child of the one before it.
struct Follower::Branch {
    std::uint64_t fork = 0;  ///< height of the block that both have
    std::vector<NewBlock> blocks;
};

namespace {

/// The node's blocks after `parent` up to block `last`, or to its tip.
Result<std::vector<NewBlock>> proved_blocks(const client::Url& node, Parent parent, std::uint64_t last,
                                            std::uint64_t labels_from) {
    std::vector<NewBlock> out;
    while (parent.height < last) {
        const auto first = parent.height + 1;
        auto answer = blocks_of(node, first, std::min(last, first + kMostBlocks - 1), labels_from);
        if (!answer) return std::unexpected(answer.error());
        if (answer->blocks.empty()) break;
        for (auto& block : answer->blocks) {
            if (const auto good = prove(block, parent); !good)
                return client::failure(Error::Kind::malformed, good.error().text);
            parent = {block.header.height, block.header.hash, block.header.timestamp};
            out.push_back({std::move(block), answer->labels, {}});
        }
    }
    return out;
}

}  // namespace

/// The node's blocks in place of those here that it does not have. nullopt: its chain and the chain here are the same,
/// as far as both go. `reverted`: the node has said that it took the block here of this height back, so it may have
/// fewer blocks; otherwise a node with fewer is only behind.
Result<std::optional<Follower::Branch>> Follower::branch_of(std::size_t node, const OpenBlocks& own,
                                                            std::optional<std::uint64_t> reverted) const {
    const auto& url = upstreams_[node].url;
    const auto theirs = labels_of(url, own.lowest(), own.tip().height);
    if (!theirs) return std::unexpected(theirs.error());
    const auto fork = fork_of(own, *theirs);
    if (!fork) return client::failure(Error::Kind::malformed, fork.error());
    if (!fork->is_other && !(reverted && *reverted > fork->height)) return std::nullopt;
    auto blocks = proved_blocks(url, own.at(fork->height), own.tip().height, log_.lowest_pending());
    if (!blocks) return std::unexpected(blocks.error());
    if (fork->is_other && blocks->empty())
        return client::failure(Error::Kind::malformed, fmt::format("it does not show block {}", fork->height + 1));
    return Branch{fork->height, std::move(*blocks)};
}

/// Executes the blocks of a branch, if blocks are executed.
std::optional<Fault> Follower::fault_in(Branch& branch, const std::stop_token& stop) {
    if (execution_ == nullptr) return std::nullopt;
    const auto good =
        execution_->check_branch(*log_.stored(), branch.fork, branch.blocks, [&stop] { return stop.stop_requested(); });
    return good ? std::nullopt : std::optional(good.error());
}

/// Goes to the branch of the followed node, if that is another one.
Follower::Step Follower::turn(std::size_t node, const std::stop_token& stop, std::optional<std::uint64_t> reverted) {
    if (!may_turn(node)) {
        upstreams_.compared(node, true);
        return Step::over;
    }
    for (unsigned tries = 1; !stop.stop_requested(); ++tries) {
        const auto own = log_.open_blocks();
        if (!own) {
            broke(own.error());
            return Step::over;
        }
        auto branch = branch_of(node, *own, reverted);
        if (branch && !*branch) return Step::at_tip;
        Error wrong;
        if (branch) {
            const auto fault = fault_in(**branch, stop);
            if (stop.stop_requested()) return Step::over;
            if (!fault) return replace(node, *own, std::move(**branch));
            if (is_beyond_execution(node, *fault)) return Step::over;
            wrong = {Error::Kind::malformed, fault->text};
        } else {
            wrong = branch.error();
        }
        if (!may_ask_again(node, wrong, tries, stop)) return Step::over;
    }
    return Step::over;
}

/// The node whose chain the chain here is may change its branch at any time. Another one leads only when
/// `Upstreams::best` says so, so that two nodes on two branches do not take turns.
bool Follower::may_turn(std::size_t node) const {
    if (upstreams_.size() == 1 || source_ == node) return true;
    return upstreams_.standing(node).elsewhere_since && upstreams_.best(log_.tip().height) == node;
}

/// Takes the blocks here back and appends those of the node, without anything in between.
Follower::Step Follower::replace(std::size_t node, const OpenBlocks& own, Branch branch) {
    if (!turns_[node].take(std::chrono::steady_clock::now())) {
        upstreams_.eject(node, "it changes its branch too often");
        return Step::over;
    }
    const auto count = own.tip().height - branch.fork;
    lines_(base::LogLevel::info, fmt::format("{} blocks are taken back: {} has another branch after block {}", count,
                                             upstreams_[node].text, branch.fork));
    const BlocksTakenBack order{branch.fork, own.at(branch.fork).hash, own.tip().hash, base::unix_ms(clock_.wall())};
    ++report_.reorganisations;
    report_.taken_back += count;
    if (!commit({order, {}})) return Step::over;
    for (auto& block : branch.blocks) {
        ++report_.blocks;
        if (!commit({std::move(block), {}})) return Step::over;
    }
    source_ = node;
    is_pool_unsure_ = true;
    looked_at_.assign(upstreams_.size(), {});
    upstreams_.compared(node, false);
    return flush_meanwhile({}) ? Step::advanced : Step::over;
}

/// The node says that it took a block back. Its transactions are in the node's mempool again, without an event.
bool Follower::reverted(std::size_t node, const base::Hash32& block, const std::stop_token& stop) {
    is_pool_unsure_ = true;
    const auto height = log_.height_of(block);
    if (!height) {
        broke(height.error());
        return false;
    }
    return !*height || turn(node, stop, *height) != Step::over;
}

/// False: the node is on another branch, and is not to be followed now.
bool Follower::agrees(std::size_t node, const std::stop_token& stop) {
    const auto standing = upstreams_.standing(node);
    if (standing.height > log_.tip().height) return true;  // its next block says it
    const auto own = log_.hash_at(standing.height);
    if (!own) {
        broke(own.error());
        return false;
    }
    return !*own || **own == standing.hash || turn(node, stop) != Step::over;
}

/// Looks at nodes whose tips have changed. One that is far ahead must show the next block, because its word alone makes
/// the others stale. One whose tip is a block that this chain has otherwise is on another branch; when it is the
/// followed one, the chain here goes there. False: that node is not to be followed now.
bool Follower::compare_branches(std::size_t followed, const std::stop_token& stop) {
    for (std::size_t i = 0; i < upstreams_.size(); ++i) {
        const auto standing = upstreams_.standing(i);
        if (standing.state != Standing::State::healthy || standing.hash == looked_at_[i]) continue;
        if (standing.height > log_.tip().height) {
            if (i == followed || standing.height < log_.tip().height + kStaleBlocks) continue;
            looked_at_[i] = standing.hash;
            look_ahead(i, standing.height);
            continue;
        }
        looked_at_[i] = standing.hash;
        if (i == followed) {
            if (!agrees(i, stop)) return false;
        } else if (!compare_tip(i, standing)) {
            return false;
        }
    }
    return true;
}

/// False: the store failed.
bool Follower::compare_tip(std::size_t node, const Standing& standing) {
    const auto own = log_.hash_at(standing.height);
    if (!own) {
        broke(own.error());
        return false;
    }
    const bool is_other = *own && **own != standing.hash;
    if (is_other && standing.height < log_.lowest_pending()) {
        upstreams_.eject(
            node, fmt::format("it has another block {} than this gateway, where that block is final", standing.height));
    } else {
        upstreams_.compared(node, is_other);
    }
    return true;
}

void Follower::look_ahead(std::size_t node, std::uint64_t reported) {
    const auto next = log_.tip().height + 1;
    const auto header = header_of(upstreams_[node].url, next);
    if (header) {
        const auto good = prove_header(*header, log_.tip());
        if (good || good.error().broken == Broken::previous) return upstreams_.compared(node, !good);
        return upstreams_.eject(node, good.error().text);
    }
    if (header.error().kind != Error::Kind::refused) return;
    upstreams_.eject(node, fmt::format("it reports block {}, and does not show block {}", reported, next));
}

}  // namespace rues::gateway
