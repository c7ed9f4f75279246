#pragma once

#include <functional>
#include <optional>

#include "api/routes.hpp"

/// Runs handlers where their class of work says.
namespace rues::api {

/// Answers the exchange with the row's handler. On the exchange's loop.
void run(const Context& context, const Route& row, Exchange exchange);

/// Answers with a handler that asks the contracts: at once when all answers are kept, else on the pool of `work`. On
/// the exchange's loop.
using Asked = std::function<Result<Answer>(const Exchange&, const ContractState&)>;
void ask(const Context& context, Work work, Exchange exchange, Asked handler);
/// The same without looking on the loop first.
void ask_on_pool(const Context& context, Work work, Exchange exchange, Asked handler);

/// The same on this thread, which is one of a pool.
void answer_asked(const Context& context, Exchange exchange, const Asked& handler);

/// Gives the exchange to `pool`, which is that of its class of work. Answers 429 when the client has too many of the
/// class under way, 503 when all clients have, when too many tasks wait there, or when it waited longer than the class
/// is patient.
void on_pool(const net::Executor& pool, const Places& places, Work work, Exchange exchange,
             std::move_only_function<void(Exchange)> task);
inline void on_pool(const Context& context, Work work, Exchange exchange,
                    std::move_only_function<void(Exchange)> task) {
    on_pool(context.pool(class_of(work).pool), context.places, work, std::move(exchange), std::move(task));
}

/// Most bytes of a body that is decoded on the loop. It takes some 50 us.
inline constexpr std::size_t kLargeBody = 65'536;

/// Decodes the body of the exchange on the pool of `Work::decode`, then goes on with `then` on the exchange's loop. A
/// failure of `decode` is the answer.
void decode_on_pool(const Context& context, Exchange exchange,
                    std::move_only_function<std::optional<Failure>(Exchange&)> decode,
                    std::move_only_function<void(Exchange)> then);

}  // namespace rues::api
