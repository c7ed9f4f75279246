#pragma once

#include <string>
#include <string_view>

/// Documents made from the tables of routes and errors.
namespace rues::api {

struct Context;

/// OpenAPI 3.1, of this version of the program: of all routes, or of those that are there with this context's settings.
std::string openapi_document(std::string_view version, const Context* context = nullptr);
std::string endpoints_page();  ///< docs/endpoints.md
std::string errors_page();     ///< docs/errors.md

}  // namespace rues::api
