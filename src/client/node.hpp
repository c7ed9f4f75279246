#pragma once

#include <cstdint>

#include "client/url.hpp"
#include "crypto/bls.hpp"

namespace rues::client {

struct AccountStatus {
    std::uint64_t balance = 0;  ///< LUX
    std::uint64_t nonce = 0;    ///< nonce of the last executed transaction
    std::uint64_t next_nonce = 1;
};

/// `POST /on/account:<key>/status` (docs/reference/protocol.md 8.2). Without `next_nonce` in the answer, the account is
/// assumed to have nothing in the mempool.
Result<AccountStatus> account_status(const Url& url, const crypto::PublicKey& account);
/// `chain_id` of `POST /on/node/info`.
Result<std::uint8_t> chain_id(const Url& url);

}  // namespace rues::client
