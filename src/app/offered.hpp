#pragma once

#include "api/api.hpp"
#include "app/settings.hpp"

namespace rues::app {

/// Puts what the settings name beside the chain into the server's context: the common reference string, static drivers,
/// peers. The error names the file and what is wrong with it.
base::Result<void> offer(const NodeSettings& settings, api::Context& context);

}  // namespace rues::app
