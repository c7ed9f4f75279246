#include "api/routes.hpp"

namespace rues::api::transactions {
namespace {

Failure failure_of(chain::Rejection rejection) {
    switch (rejection.kind) {
    case chain::Rejection::Kind::undecodable:
    case chain::Rejection::Kind::refused:
        return {ErrorCode::invalid_input, std::move(rejection.text)};
    case chain::Rejection::Kind::full:
        return {ErrorCode::overloaded, std::move(rejection.text)};
    case chain::Rejection::Kind::failed:
        break;
    }
    return {ErrorCode::internal, std::move(rejection.text)};
}

}  // namespace

void dispatch(const Context& context, Call call) {
    const bool propagates = call.topic == "propagate";
    if (!propagates && call.topic != "preverify") return std::move(call).fail({ErrorCode::unsupported, {}});
    base::Bytes transaction = std::move(call.body);
    auto done = [call = std::move(call)](chain::Verdict verdict) mutable {
        if (!verdict) return std::move(call).fail(failure_of(std::move(verdict.error())));
        std::move(call).empty(202);
    };
    if (propagates) {
        context.chain.propagate(std::move(transaction), std::move(done));
    } else {
        context.chain.preverify(std::move(transaction), std::move(done));
    }
}

}  // namespace rues::api::transactions
