#include "api/prover.hpp"

#include <string>

#include "api/routes.hpp"
#include "api/running.hpp"

namespace rues::api::prover {
namespace {

/// A client that has waited longer has given up. A proof takes some seconds, and `Work::prove` has few places.
constexpr std::chrono::seconds kDeadline{120};

/// On the thread of the class `prove`.
void prove_now(const Context& context, Exchange exchange, const Prover::Request& wanted) {
    const auto until = exchange.arrived + kDeadline;
    auto proof = context.prover->prove(
        wanted, [&exchange, until] { return !exchange.client_has_gone() && std::chrono::steady_clock::now() < until; });
    if (proof) return std::move(exchange).raw(*proof);
    switch (proof.error().kind) {
    case base::Error::Kind::invalid:
        return std::move(exchange).fail({ErrorCode::invalid_payload, std::move(proof.error().text)});
    case base::Error::Kind::would_block:
        if (exchange.client_has_gone()) return;  // nobody reads the answer
        return std::move(exchange).fail({ErrorCode::overloaded, "the proof took too long"});
    default:
        return std::move(exchange).fail({ErrorCode::internal, std::move(proof.error().text)});
    }
}

}  // namespace

/// The witnesses leave the body as soon as they are decoded, and are wiped with the request. A node that does not prove
/// answers 404: clients then look for another prover (docs/reference/differences.md 30).
void prove(const Context& context, Exchange exchange) {
    if (!context.prover) return std::move(exchange).fail({ErrorCode::not_found, "prover"});
    const auto wanted = std::make_shared<std::unique_ptr<Prover::Request>>();
    decode_on_pool(
        context, std::move(exchange),
        [&context, wanted](Exchange& asked) -> std::optional<Failure> {
            auto decoded = context.prover->decode(asked.body);
            asked.body = {};  // wiped (Route::has_secrets)
            if (!decoded) return Failure{ErrorCode::invalid_input, "Dusk-Core Error: " + decoded.error().text};
            *wanted = std::move(*decoded);
            return std::nullopt;
        },
        [&context, wanted](Exchange asked) {
            if (const auto seconds = context.prover->seconds_until_ready(**wanted))
                return std::move(asked).fail({ErrorCode::overloaded, "the prover's keys are being made", *seconds});
            on_pool(context, Work::prove, std::move(asked),
                    [&context, wanted](Exchange mine) { prove_now(context, std::move(mine), **wanted); });
        });
}

}  // namespace rues::api::prover
