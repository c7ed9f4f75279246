#pragma once

#include "app/reload.hpp"

namespace rues::app {

/// Runs a node, or a gateway before other nodes, until SIGINT or SIGTERM. On SIGHUP it calls `read` and takes over the
/// settings that may change
/// (`Reload`). Returns the exit code: 0 after a stop by a signal, 1 when it could not start or its store broke.
int run_node(const NodeSettings& settings, Reload::Read read, Role role);

}  // namespace rues::app
