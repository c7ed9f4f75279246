#pragma once

#include <string>
#include <string_view>

namespace rues::vm {

/// A string as Rust's `{:?}` writes it, quotes included: what nodes put into the texts of failed deployments.
std::string debug_text(std::string_view text);

}  // namespace rues::vm
