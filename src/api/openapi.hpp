#pragma once

#include <string>
#include <string_view>

/// Documents that are generated from the tables of routes and errors.
namespace rues::api {

struct Context;

/// The OpenAPI 3.1 document for this version of the program. It has the routes that the context's settings turn on, or
/// without a context the default settings.
std::string openapi_document(std::string_view version, const Context* context = nullptr);
std::string endpoints_page();  ///< the text of docs/endpoints.md
std::string errors_page();     ///< the text of docs/errors.md

}  // namespace rues::api
