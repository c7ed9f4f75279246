#pragma once

#include <string>

namespace rues::app {

/// What `rues version --licenses` prints: what the program contains or is linked with, and under which licences.
std::string licences();

}  // namespace rues::app
