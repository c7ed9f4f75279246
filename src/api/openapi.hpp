#pragma once

#include <string>
#include <string_view>

/// Documents made from the tables of routes and errors.
namespace rues::api {

std::string openapi_document(std::string_view version);  ///< OpenAPI 3.1; of this version of the program
std::string endpoints_page();                            ///< docs/endpoints.md
std::string errors_page();                               ///< docs/errors.md

}  // namespace rues::api
