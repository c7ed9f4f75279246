#pragma once

#include "app/settings.hpp"

namespace rues::app {

/// Runs a node until SIGINT or SIGTERM. Returns the exit code: 0 stopped as asked, 1 could not start or had to stop.
int run_node(const NodeSettings& settings);

}  // namespace rues::app
