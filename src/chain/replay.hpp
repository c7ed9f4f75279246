#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "chain/execution.hpp"
#include "chain/genesis_state.hpp"

/// Executes a recorded chain again, from its genesis, and compares everything that the recording says.
namespace rues::chain {

struct ReplayReport {
    struct Kind {
        std::string name;
        std::size_t equal = 0;
        std::size_t different = 0;
        std::string first_difference;
    };
    std::vector<Kind> kinds;
    /// Failed deployments whose error text is another one. Part of such a text comes from the engine
    /// (docs/reference/differences.md 36), so it counts apart and is no difference.
    std::vector<std::string> other_deployment_texts;
    std::uint64_t last_height = 0;

    bool all_equal() const;
};

/// A block that was executed again, for a caller that has more to compare than the recording.
struct ReplayedBlock {
    const ledger::Header& header;  ///< as recorded; of block 0, only the recorded header
    const BlockExecution::Outcome& outcome;
    const SharedState& state;  ///< after the block
};

/// Executes the recorded blocks from `genesis` up to `until`, with what their headers say of the block itself. Nothing
/// else is taken from the recording. The error says which part of it could not be read, or why the machine failed.
std::expected<ReplayReport, std::string> replay(const base::json::value& recorded, vm::Machine& machine,
                                                const GenesisParts& genesis, std::uint64_t until,
                                                const std::function<void(const ReplayedBlock&)>& on_block = {});

}  // namespace rues::chain
