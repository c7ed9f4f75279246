#pragma once

#include <string>

namespace rues::app {

/// The text of `rues version --licenses`: the parts that the program contains or is linked with, and their licences.
std::string licences();

}  // namespace rues::app
