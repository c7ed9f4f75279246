#include "api/routes.hpp"

namespace rues::api::prover {

/// This node does not prove. On a 404 clients look for another prover (docs/reference/differences.md 30).
void prove(const Context&, Exchange exchange) {
    std::move(exchange).fail({ErrorCode::not_found, "prover"});
}

}  // namespace rues::api::prover
