#include "api/routes.hpp"

namespace rues::api::prover {

/// This node does not prove. On a 404 clients look for another prover (docs/reference/differences.md 30).
Result<Answer> prove(const Context&, Exchange&) {
    return fail(ErrorCode::not_found, "prover");
}

}  // namespace rues::api::prover
