#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "chain/executor.hpp"
#include "ledger/genesis.hpp"

/// Executes a recorded chain again and compares everything that the recording says. Pure.
namespace rues::chain {

struct ReplayReport {
    struct Kind {
        std::string name;
        std::size_t equal = 0;
        std::size_t different = 0;
        std::string first_difference;
    };
    std::vector<Kind> kinds;
    std::uint64_t last_height = 0;

    bool all_equal() const;
};

/// A block that was executed again, for a caller that has more to compare than the recording.
struct ReplayedBlock {
    const ledger::Header& header;  ///< as recorded
    const BlockExecution::Outcome& outcome;
    const ledger::StateReader& state;  ///< after the block
};

/// Executes the recorded blocks from `genesis` up to `until`, with the recorded headers and gas. The state hash is not
/// compared (docs/reference/differences.md 25). The error says which part of the recording could not be read.
std::expected<ReplayReport, std::string> replay(const base::json::value& recorded, const ledger::Genesis& genesis,
                                                std::uint64_t until,
                                                const std::function<void(const ReplayedBlock&)>& on_block = {});

}  // namespace rues::chain
