#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/keys.hpp"
#include "ledger/transaction.hpp"
#include "support/measure.hpp"

/// The parts of this benchmark, and what they share. Each part prints its rows and returns false when a promise is
/// broken.
namespace rues::bench {

/// Transactions, from their bytes to their block.
bool measure_transactions();
/// A block without transactions.
bool measure_empty_block();
/// Contracts and accounts, read over HTTP.
bool measure_reading();

/// Accounts with a balance, and the transactions that they sign.
class Senders {
public:
    static constexpr std::size_t kAccounts = 64;

    explicit Senders(std::size_t accounts = kAccounts);

    const std::vector<crypto::PublicKey>& accounts() const noexcept { return accounts_; }
    /// The text of a genesis in which all of them have a balance. Nobody signs its blocks.
    std::string genesis() const;
    /// The next nonce of account 0 on the chain of this server.
    std::uint64_t next_nonce(std::uint16_t port) const;
    /// A transfer to the next account, which exists on the chain.
    ledger::Transaction transfer(std::size_t from, std::uint64_t nonce, std::uint64_t value) const;

private:
    std::vector<crypto::SecretKey> keys_;
    std::vector<crypto::PublicKey> accounts_;
};

/// The request that posts a transaction to /on/transactions/TOPIC.
std::string post(std::string_view topic, const ledger::Transaction& tx);
std::string status_path(const crypto::PublicKey& account);

}  // namespace rues::bench
