#include <fmt/format.h>

#include "api/routes.hpp"

namespace rues::api::account {

Result<Answer> status(const Context& context, const Exchange& exchange, const ContractState& state) {
    const auto bytes = base::from_base58(exchange.entity);
    if (!bytes) return fail(ErrorCode::invalid_input, "Invalid bs58 account");
    if (bytes->size() != 96) return fail(ErrorCode::invalid_input, "Invalid bls account");
    const auto key = base::to_array<96>(*bytes);
    const auto account = state.account(key);
    if (!account) return std::unexpected(account.error());
    const auto [nonce, balance] = *account;
    const auto next = state.next_nonce(context.view, key, nonce);
    if (!next) return std::unexpected(next.error());
    return JsonText{fmt::format(R"({{"balance":{},"next_nonce":{},"nonce":{}}})", balance, *next, nonce)};
}

}  // namespace rues::api::account
