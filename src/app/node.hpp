#pragma once

#include "app/reload.hpp"

namespace rues::app {

/// Runs a node until SIGINT or SIGTERM; SIGHUP has it take over what `read` gives then. Returns the exit code: 0
/// stopped as asked, 1 could not start or had to stop.
int run_node(const NodeSettings& settings, Reload::Read read);

}  // namespace rues::app
