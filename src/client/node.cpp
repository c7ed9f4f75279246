#include "client/node.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "client/answer_json.hpp"

namespace rues::client {
namespace {

using base::json::object;

Result<object> ask(const Url& url, const std::string& path) {
    const auto answer = http(url, "POST", path, {}, {});
    if (!answer) return std::unexpected(answer.error());
    auto json = json_of(path, *answer);
    if (!json) return std::unexpected(json.error());
    if (auto* found = json->if_object()) return std::move(*found);
    return failure(Error::Kind::malformed, path + ": not a JSON object");
}

}  // namespace

Result<AccountStatus> account_status(const Url& url, const crypto::PublicKey& account) {
    const auto path = fmt::format("/on/account:{}/status", base::to_base58(account.bytes()));
    const auto status = ask(url, path);
    if (!status) return std::unexpected(status.error());
    const auto balance = number_in(*status, "balance");
    const auto nonce = number_in(*status, "nonce");
    if (!balance || !nonce) return failure(Error::Kind::malformed, path + ": no balance or nonce");
    return AccountStatus{*balance, *nonce, number_in(*status, "next_nonce").value_or(*nonce + 1)};
}

Result<std::uint8_t> chain_id(const Url& url) {
    const auto info = ask(url, "/on/node/info");
    if (!info) return std::unexpected(info.error());
    // A Rusk node without a network id says null, and its chain is 0.
    const auto* found = info->if_contains("chain_id");
    if (found != nullptr && found->is_null()) return std::uint8_t{0};
    const auto id = number_in(*info, "chain_id");
    if (!id || *id > 255) return failure(Error::Kind::malformed, "/on/node/info: no chain id");
    return static_cast<std::uint8_t>(*id);
}

}  // namespace rues::client
