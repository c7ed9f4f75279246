#pragma once

#include <span>
#include <string_view>

namespace rues::api {

/// A file of `web/`, of the JavaScript client or of GraphiQL, compiled into the program.
struct PageFile {
    std::string_view name;  ///< `<page>/<file>`, as cmake/pages.cmake lists it
    std::string_view bytes;
};

/// All page files. cmake/embed.cmake generates the definition.
std::span<const PageFile> page_files();

}  // namespace rues::api
