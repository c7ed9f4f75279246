#pragma once

#include <string>

/// Documents made from the tables of routes and errors.
namespace rues::api {

std::string openapi_document();  ///< OpenAPI 3.1
std::string endpoints_page();    ///< docs/endpoints.md
std::string errors_page();       ///< docs/errors.md

}  // namespace rues::api
