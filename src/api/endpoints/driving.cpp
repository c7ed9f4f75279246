#include "api/endpoints/driving.hpp"

namespace rues::api {

void with_driver(const Context& context, Work work, Exchange exchange, const ledger::ContractId& contract,
                 std::move_only_function<void(Exchange)> task) {
    on_pool(context, work, std::move(exchange),
            [&context, work, contract, task = std::move(task)](Exchange asked) mutable {
                if (!context.drivers->must_compile(contract)) return task(std::move(asked));
                on_pool(context.compile_pool, context.places, work, std::move(asked),
                        [&context, work, contract, task = std::move(task)](Exchange waiting) mutable {
                            context.drivers->compile(contract);
                            // Again from the start: another driver may have been uploaded, or this one dropped from
                            // the cache. It ends with the patience of the class of work.
                            with_driver(context, work, std::move(waiting), contract, std::move(task));
                        });
            });
}

Failure failure_of(const ContractDrivers::Failure& failure) {
    using Kind = ContractDrivers::Failure::Kind;
    switch (failure.kind) {
    case Kind::none:
        return {ErrorCode::not_found, failure.text};
    case Kind::driver:
    case Kind::limit:
        return {ErrorCode::driver_error, failure.text};
    case Kind::busy:
        return {ErrorCode::overloaded, "too many data drivers are compiled or run"};
    case Kind::node:
        break;
    }
    return {ErrorCode::internal, failure.text};
}

}  // namespace rues::api
