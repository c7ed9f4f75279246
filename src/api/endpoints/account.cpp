#include <fmt/format.h>

#include "api/reading.hpp"
#include "api/routes.hpp"

namespace rues::api::account {

void status(const Context& context, Call call) {
    const auto bytes = base::from_base58(call.entity);
    if (!bytes) return std::move(call).fail({ErrorCode::invalid_input, "Invalid bs58 account"});
    if (bytes->size() != 96) return std::move(call).fail({ErrorCode::invalid_input, "Invalid bls account"});
    const auto key = base::to_array<96>(*bytes);
    read_point(context, std::move(call), [&view = context.view, key](const store::Snapshot& state) -> Outcome<Answer> {
        const auto account = state.account(key);
        // An account in the state has a valid key. Other keys must be checked, except after a miss: then the
        // query runs again on the pool.
        if (!account && !state.missed() && !crypto::PublicKey::decode(key))
            return fail(ErrorCode::invalid_input, "Invalid bls account");
        const auto [nonce, balance] = account.value_or(ledger::Account{});
        return JsonText{
            fmt::format(R"({{"balance":{},"next_nonce":{},"nonce":{}}})", balance, view.next_nonce(key, nonce), nonce)};
    });
}

}  // namespace rues::api::account
