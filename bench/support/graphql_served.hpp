#pragma once

#include <string>
#include <vector>

#include "support/process.hpp"

/// The same chain, served by `rues` and by graphql-js, each in its own process.
namespace rues::bench {

/// A data folder of `rues node`, filled with blocks of transfers.
class MadeChain {
public:
    static constexpr std::size_t kBlocks = 60;
    static constexpr std::size_t kTransactions = 1;  ///< in each block except the genesis, as in the recorded chain

    MadeChain();
    const std::filesystem::path& path() const { return folder_.path(); }
    /// Ids of its transactions, in order of the chain.
    const std::vector<std::string>& ids() const { return ids_; }

private:
    TemporaryFolder folder_;
    std::vector<std::string> ids_;
};

/// graphql-js behind node:http. It holds in memory the blocks 0 to `blocks`, as `node` answers them. `./dev bench`
/// installs it.
class GraphqlJs {
public:
    GraphqlJs(const Node& node, std::size_t blocks, int cpu);
    std::uint16_t port() const { return port_; }
    const Process& process() const { return process_; }

private:
    TemporaryFolder folder_;
    Process process_;
    std::uint16_t port_;
};

}  // namespace rues::bench
