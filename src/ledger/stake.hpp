#pragma once

#include <optional>

#include "ledger/transaction.hpp"
#include "wire/layouts.hpp"

/// Arguments of the stake contract, and withdrawals of every contract. They carry signatures of their own, over
/// messages that are not the transaction's (docs/reference/ledger.md 1.8, 6, 8.2). Pure.
namespace rues::ledger {

/// The keys that sign for a stake: that of its account and that of its owner.
struct StakeParties {
    const crypto::SecretKey& account;
    const crypto::SecretKey& owner;              ///< for a stake that only one key owns, the account's
    std::optional<ContractId> owner_contract{};  ///< owns the stake in place of `owner`, whose signature then means
                                                 ///< nothing
};

wire::layouts::Key archived(const crypto::PublicKey& key);
wire::layouts::StakeKeys stake_keys(const StakeParties& parties);

/// Argument of `stake`. The transaction's deposit must be `value`.
wire::layouts::Stake stake(const StakeParties& parties, std::uint64_t value, std::uint8_t chain_id);

/// A withdrawal, and the bytes that stand for it in messages of others.
struct SignedWithdraw {
    wire::layouts::Withdraw withdraw;
    Bytes message;
    Bytes signature;
};
/// The bytes that the receiver of a withdrawal signs. `receiver`: the 96 bytes of an account, or the 64 of a note's
/// address. `token`: the nonce of the transaction, or all nullifiers of one that spends notes; they must be canonical.
Bytes withdraw_message(const ContractId& contract, std::uint64_t value, ByteView receiver,
                       const wire::layouts::ReplayToken& token);
/// From `contract` to an account.
SignedWithdraw withdraw_to_account(const ContractId& contract, std::uint64_t value, const crypto::SecretKey& receiver,
                                   const wire::layouts::ReplayToken& token);

/// Argument of `unstake` and of `withdraw`, which pays the reward. The withdrawal is one from the stake contract.
wire::layouts::StakeWithdraw stake_withdraw(const StakeParties& parties, const SignedWithdraw& withdrawal);

}  // namespace rues::ledger
