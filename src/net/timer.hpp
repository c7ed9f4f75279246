#pragma once

#include <memory>

namespace rues::net {

/// Owns a timer of `Server::start_timer`. Release it on the timer's loop.
using Timer = std::shared_ptr<void>;

}  // namespace rues::net
