#pragma once

#include <string>
#include <string_view>

namespace rues::vm {

/// What this process has loaded under the name of a library.
struct LoadedLibrary {
    bool found = false;   ///< the library with the build id that was asked for
    std::string other{};  ///< path of a library of that name with another build id
};

/// Looks at the library with this file name and its build id, in hex. Any thread.
LoadedLibrary loaded_library(std::string_view file_name, std::string_view build_id);

}  // namespace rues::vm
