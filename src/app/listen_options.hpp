#pragma once

#include "app/cli.hpp"
#include "wire/frame.hpp"

namespace rues::app {

/// The options of each `listen` command.
struct ListenOptions {
    NodeOption node;
    std::vector<std::string> paths;
    std::string after;
    bool json = false;
    bool raw = false;
    std::uint64_t count = 0;  ///< 0: no limit

    /// `raw_help` says what `--raw` prints.
    void add_to(CLI::App& command, const std::string& raw_help);
    /// The position of `--after`; nullopt: it was not given.
    Result<std::optional<wire::Position>> position() const;
};

}  // namespace rues::app
