#include "api/routes.hpp"

namespace rues::api::prover {

/// 404 is how clients learn that a node does not prove; they look for another one then (decisions 30).
void prove(const Context&, Call call) {
    std::move(call).fail({ErrorCode::not_found, "prover"});
}

}  // namespace rues::api::prover
