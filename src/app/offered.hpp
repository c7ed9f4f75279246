#pragma once

#include "api/context.hpp"
#include "app/settings.hpp"

namespace rues::app {

/// Reads the files that the settings name beside the chain (common reference string, static drivers, peers) and puts
/// them into the server's out. The error names the file and the reason.
base::Result<void> offer(const NodeSettings& settings, api::Settings& out);

}  // namespace rues::app
