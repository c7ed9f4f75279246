#pragma once

#include <string>

#include "base/json.hpp"

namespace rues::base::json {

/// The number as nodes print it: the shortest digits that read back as the same number, with at least one digit after
/// the point, and an exponent only outside 1e-5 to 1e16: `1.5`, `100.0`, `1e300`. REQUIRES: it is finite.
std::string decimal(double number);

/// JSON text as `print` makes it, with every double as `decimal` writes it. `print` alone writes 1.5 as 1.5E0.
std::string print_decimal(const value& v);

}  // namespace rues::base::json
