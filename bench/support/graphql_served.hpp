#pragma once

#include <string>
#include <vector>

#include "support/process.hpp"

/// One chain behind `rues` and behind graphql-js, each in a process of its own.
namespace rues::bench {

/// A data folder of `rues node`, filled with blocks of transfers.
class MadeChain {
public:
    static constexpr std::size_t kBlocks = 60;
    static constexpr std::size_t kTransactions = 1;  ///< in each block but the genesis, as in the recorded chain

    MadeChain();
    const std::filesystem::path& path() const { return folder_.path(); }
    /// Ids of its transactions, in their order.
    const std::vector<std::string>& ids() const { return ids_; }

private:
    TemporaryFolder folder_;
    std::vector<std::string> ids_;
};

/// graphql-js behind node:http, which has what `node` answers for `ids` in memory; `./dev bench` installs it.
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
