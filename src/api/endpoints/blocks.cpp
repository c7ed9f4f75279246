#include <limits>

#include "api/routes.hpp"

namespace rues::api::blocks {

Result<Answer> gas_price(const Context& context, Exchange& exchange) {
    const auto max = base::parse_u64(base::text(exchange.body)).value_or(std::numeric_limits<std::uint64_t>::max());
    const auto price = context.view.gas_price(max);
    return base::json::object{
        {"average", price.average}, {"max", price.max}, {"median", price.median}, {"min", price.min}};
}

}  // namespace rues::api::blocks
