#pragma once

#include "graphql/plan.hpp"

namespace rues::graphql {

struct Response {
    std::string data = "null";  ///< JSON
    std::vector<Error> errors;

    /// `{"data":…,"errors":[…]}`, without `errors` when there are none.
    std::string envelope() const;
};

/// Executes a plan (specification 6.3, 6.4). Fields are resolved set by set, each once for all objects of its list
/// level, and fields of the same name, arguments and parents once, whatever their aliases. As in the node
/// (docs/reference/rusk-1.7.md 6.3), a field that fails is left out of its object and reported in `errors`; an object
/// without fields is null; nothing else is lost. Keys are in selection order. Passing a limit or being cancelled is an
/// error of the whole request.
Response execute_plan(const Document& document, Plan& plan, const void* root, ExecutionState& state);

}  // namespace rues::graphql
