#pragma once

#include <expected>
#include <string>
#include <vector>

#include "ledger/genesis.hpp"

/// Executing a recorded chain again and comparing everything it says. Pure.
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

/// From `genesis` through the recorded blocks up to `until`, with the recorded headers and gas; only the state hash is
/// not compared (decisions 25). The error says what of the recording could not be read.
std::expected<ReplayReport, std::string> replay(const base::json::value& recorded, const ledger::Genesis& genesis,
                                                std::uint64_t until);

}  // namespace rues::chain
