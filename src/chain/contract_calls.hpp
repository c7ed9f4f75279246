#pragma once

#include <expected>
#include <optional>
#include <span>

#include "chain/contract_error.hpp"
#include "ledger/genesis.hpp"

/// The calls of the genesis contracts that the chain makes itself: names, arguments, and what the answers say.
/// docs/reference/ledger.md 4, 8. Pure.
namespace rues::chain::calls {

using base::Bytes;
using base::ByteView;

/// @name Functions of the transfer contract.
/// @{
inline constexpr std::string_view kSpendAndExecute = "spend_and_execute";
inline constexpr std::string_view kRefund = "refund";
inline constexpr std::string_view kUpdateRoot = "update_root";
inline constexpr std::string_view kPushNote = "push_note";
inline constexpr std::string_view kAddAccountBalance = "add_account_balance";
inline constexpr std::string_view kAddContractBalance = "add_contract_balance";
inline constexpr std::string_view kAccount = "account";
inline constexpr std::string_view kContractBalance = "contract_balance";
inline constexpr std::string_view kSyncAccounts = "sync_accounts";
inline constexpr std::string_view kExistingNullifiers = "existing_nullifiers";
/// @}
/// @name Functions of the stake contract.
/// @{
inline constexpr std::string_view kBeforeStateTransition = "before_state_transition";
inline constexpr std::string_view kReward = "reward";  ///< its argument is `ledger::reward_event`
inline constexpr std::string_view kInsertStake = "insert_stake";
inline constexpr std::string_view kGetStake = "get_stake";
inline constexpr std::string_view kStakes = "stakes";
/// @}

/// The text of the panic of the transfer contract when a nonce leaves a gap.
inline constexpr std::string_view kNonceNotReady = "Nonce not ready to be used yet";

/// Argument of `spend_and_execute`: the transaction without its bytecode, and its blobs as a memo. REQUIRES: the points
/// of a Phoenix transaction were checked, as those of `ledger::Transaction::decode` are.
Bytes spend(const ledger::Transaction& tx);
/// The answer: nullopt when the transaction's inner call succeeded or there was none, else its error. An error of this
/// function: the bytes are no such answer.
std::expected<std::optional<ContractError>, std::string> spend_result(ByteView answer);
/// The host data `public_sender` while `tx` executes (docs/reference/machine.md 1.2); a Phoenix transaction has none.
base::ByteArray<208> public_sender(const ledger::Transaction& tx);

/// The host query with which the transfer contract has a transaction's spend checked.
struct SpendQuestion {
    std::string_view query;
    Bytes argument;
};
/// The sender's signature, or the proof. nullopt when no proof could be right, so that the contract does not get as far
/// as to ask.
std::optional<SpendQuestion> spend_question(const ledger::Transaction& tx);

Bytes number(std::uint64_t value);            ///< argument of `refund`: the gas spent
Bytes key(const crypto::PublicKey& account);  ///< argument of `account` and `get_stake`
/// Argument and answer of `existing_nullifiers`. nullopt when the bytes are no such answer. REQUIRES: scalars.
Bytes nullifiers(std::span<const base::Hash32> list);
std::optional<std::vector<base::Hash32>> nullifiers_of(ByteView answer);
Bytes key_and_value(const crypto::PublicKey& account, std::uint64_t value);   ///< argument of `add_account_balance`
Bytes contract_and_value(const ledger::ContractId& id, std::uint64_t value);  ///< argument of `add_contract_balance`
/// Argument of `insert_stake`. An amount of 0 makes an entry without an amount.
Bytes genesis_stake(const ledger::GenesisStake& stake);
/// Argument of `push_note`: the height of its block, and an archived note.
Bytes new_note(std::uint64_t height, ByteView note);

/// Refuses a nested call while a transaction with a call and `nullifiers` executes: a withdrawal whose Phoenix token
/// lists another number of nullifiers (docs/reference/machine.md 1.5). nullopt: it may go on; else the text with which
/// it panics.
std::optional<std::string> refuse_nested(std::size_t nullifiers, const ledger::ContractId& callee,
                                         std::string_view function, ByteView argument);

}  // namespace rues::chain::calls
