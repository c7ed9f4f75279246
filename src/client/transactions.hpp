#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/session.hpp"
#include "ledger/transaction.hpp"

namespace rues::client {

struct AccountStatus {
    std::uint64_t balance = 0;  ///< LUX
    std::uint64_t nonce = 0;    ///< of the last executed transaction
    std::uint64_t next_nonce = 1;
};

/// `POST /on/account:<key>/status` (rusk-1.7 5.1); a node without `next_nonce` is taken to have nothing pooled.
Result<AccountStatus> account_status(const Url& url, const crypto::PublicKey& account);
/// `chain_id` of `POST /on/node/info`.
Result<std::uint8_t> chain_id(const Url& url);
/// `POST /on/transactions/propagate`. `refused`: the node did not take it, with its text.
Result<void> propagate(const Url& url, const ledger::Transaction& tx);

/// How a transaction ended.
struct Ending {
    enum class Kind : std::uint8_t {
        executed,  ///< `error` says with what, when it failed
        removed,   ///< left the pool unexecuted
        dropped,   ///< was given up; `error` says why
    };
    Kind kind = Kind::executed;
    std::optional<std::string> error;
    std::uint64_t block_height = 0;  ///< executed
    std::uint64_t gas_spent = 0;     ///< executed
};

/// Follows one transaction to its end. Opened before the transaction is posted it misses nothing. One thread.
class Watch {
public:
    static Result<Watch> open(const Url& url, const ledger::TxId& id);
    /// nullopt: it has not ended in time.
    Result<std::optional<Ending>> wait(std::chrono::milliseconds timeout);

private:
    explicit Watch(Session session) : session_(std::move(session)) {}
    Session session_;
};

}  // namespace rues::client
