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

/// Contract events in the form in which GraphQL lists them.
base::json::array events_json(const std::vector<ledger::ContractEvent>& events) {
    base::json::array out;
    for (const auto& event : events) {
        out.push_back(base::json::object{{"source", base::json::hex(event.contract)},
                                         {"topic", event.topic},
                                         {"data", base::json::hex(event.data)},
                                         {"origin", base::json::hex(event.origin)}});
    }
    return out;
}

chain::OnVerdict answer(Call call) {
    return [call = std::move(call)](chain::Verdict verdict) mutable {
        if (!verdict) return std::move(call).fail(failure_of(std::move(verdict.error())));
        std::move(call).empty(202);
    };
}

}  // namespace

void preverify(const Context& context, Call call) {
    base::Bytes transaction = std::move(call.body);
    context.chain.preverify(std::move(transaction), answer(std::move(call)));
}

void propagate(const Context& context, Call call) {
    base::Bytes transaction = std::move(call.body);
    context.chain.propagate(std::move(transaction), answer(std::move(call)));
}

/// `Rues-Events: true` asks for the events too, which the node's answer lacks.
void simulate(const Context& context, Call call) {
    base::Bytes transaction = std::move(call.body);
    const bool with_events = call.request.header("rues-events") == "true";
    context.chain.simulate(
        std::move(transaction),
        [call = std::move(call), with_events](std::expected<chain::Simulation, chain::Rejection> simulation) mutable {
            if (!simulation) return std::move(call).fail(failure_of(std::move(simulation.error())));
            base::json::object answer{{"error", nullptr}, {"gas-spent", simulation->gas_spent}};
            if (simulation->error) answer["error"] = *simulation->error;
            if (with_events) answer["events"] = events_json(simulation->events);
            std::move(call).json(answer);
        });
}

}  // namespace rues::api::transactions
