#include "gateway/first_block.hpp"

#include <fmt/format.h>

#include <thread>

#include "client/node.hpp"
#include "gateway/node_reads.hpp"

namespace rues::gateway {
namespace {

constexpr std::chrono::milliseconds kAskNodesAgain{250};

Result<FirstBlock> base_of(const Upstream& node, std::uint64_t height) {
    auto header = header_of(node.url, height);
    if (!header) return std::unexpected(header.error());
    const auto id = client::chain_id(node.url);
    if (!id) return std::unexpected(id.error());
    return FirstBlock{std::move(*header), *id};
}

/// One pass over all nodes. `invalid`: two of them disagree, or one shows a block that is none.
base::Result<std::optional<FirstBlock>> ask_all(const Upstreams& nodes, std::uint64_t height, std::string& why) {
    std::optional<FirstBlock> out;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        auto found = base_of(nodes[i], height);
        if (!found) {
            why = fmt::format("{}: {}", nodes[i].text, found.error().text);
            continue;
        }
        if (found->header.height != height || found->header.compute_hash() != found->header.hash)
            return base::failure(base::Error::Kind::invalid,
                                 fmt::format("{}: what it shows as block {} is none", nodes[i].text, height));
        if (out && (out->header.hash != found->header.hash || out->chain_id != found->chain_id))
            return base::failure(
                base::Error::Kind::invalid,
                fmt::format("{} has another block {} than a node before it: they are of different chains",
                            nodes[i].text, height));
        if (!out) out = std::move(*found);
    }
    return out;
}

}  // namespace

base::Result<FirstBlock> first_block(const Upstreams& nodes, std::uint64_t height) {
    const auto until = std::chrono::steady_clock::now() + kFirstWait;
    std::string why;
    for (;;) {
        auto found = ask_all(nodes, height, why);
        if (!found) return std::unexpected(found.error());
        if (*found) return std::move(**found);
        if (std::chrono::steady_clock::now() >= until)
            return base::failure(base::Error::Kind::not_found, "no node shows the first block: " + why);
        std::this_thread::sleep_for(kAskNodesAgain);
    }
}

}  // namespace rues::gateway
