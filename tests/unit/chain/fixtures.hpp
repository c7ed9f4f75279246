#pragma once

#include <set>

#include "chain/admission.hpp"
#include "chain/mempool.hpp"
#include "crypto/keys.hpp"
#include "ledger/genesis.hpp"

namespace rues::chain::test {

inline const crypto::SecretKey& profile(std::size_t n) {
    static const std::array kKeys{crypto::account_key(ledger::local_chain_seed(), 0),
                                  crypto::account_key(ledger::local_chain_seed(), 1),
                                  crypto::account_key(ledger::local_chain_seed(), 2)};
    return kKeys.at(n);
}
inline const ledger::AccountKey& account(std::size_t n) {
    static const std::array kAccounts{profile(0).public_key().bytes(), profile(1).public_key().bytes(),
                                      profile(2).public_key().bytes()};
    return kAccounts.at(n);
}

/// Profile 1 pays 77 to profile 2.
inline ledger::Moonlight transfer(std::uint64_t nonce, std::uint64_t gas_price = 1, std::size_t from = 1) {
    ledger::Moonlight tx;
    tx.sender = profile(from).public_key();
    tx.receiver = profile(2).public_key();
    tx.value = 77;
    tx.gas_limit = 10'000'000;
    tx.gas_price = gas_price;
    tx.nonce = nonce;
    return tx;
}
inline ledger::Transaction signed_by(std::size_t n, ledger::Moonlight tx) {
    return ledger::sign(std::move(tx), profile(n));
}

class FakeState final : public AdmissionState {
public:
    ledger::Account account(const crypto::PublicKey& key) const override {
        const auto found = accounts.find(key.bytes());
        return found != accounts.end() ? found->second : ledger::Account{};
    }
    std::vector<base::Hash32> spent_nullifiers(std::span<const base::Hash32> nullifiers) const override {
        std::vector<base::Hash32> out;
        for (const auto& each : nullifiers) {
            if (spent.contains(each)) out.push_back(each);
        }
        return out;
    }
    bool transaction_exists(const ledger::TxId& id) const override { return transactions.contains(id); }
    bool failed() const noexcept override { return false; }

    std::map<ledger::AccountKey, ledger::Account> accounts;
    std::set<ledger::TxId> transactions;
    std::set<base::Hash32> spent;
};

}  // namespace rues::chain::test
