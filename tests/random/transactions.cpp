#include "random/transactions.hpp"

#include "random/withdrawals.hpp"

namespace rues::chain::test {
namespace {

using base::Bytes;
using ledger::ContractId;
using ledger::kStakeContract;
using ledger::kTransferContract;
using wire::rkyv::archive;

}  // namespace

const crypto::SecretKey& random_key(std::size_t number) {
    static std::map<std::size_t, crypto::SecretKey> keys;
    auto found = keys.find(number);
    if (found == keys.end())
        found = keys.emplace(number, crypto::account_key(ledger::local_chain_seed(), number)).first;
    return found->second;
}

/// Finds out which deployments succeeded.
void RandomTransactions::look_at(const TipState& tip) {
    const auto is_there = [&tip](const ContractId& id) { return tip.owner(id) != nullptr; };
    live_.clear();
    std::ranges::copy_if(contracts_, std::back_inserter(live_), is_there);
    live_generated_.clear();
    std::ranges::copy_if(generated_, std::back_inserter(live_generated_), is_there);
}

Draft RandomTransactions::next(const TipState& tip, const std::function<std::uint64_t(std::size_t)>& next_nonce) {
    look_at(tip);
    if (take_over_ == 0 && live_.size() >= 2 && percent(2)) take_over_ = 3;
    Draft out;
    out.signer = take_over_ > 0 ? 0 : percent(90) ? below(3) : any_key();
    auto& body = out.body;
    body.sender = random_key(out.signer).public_key();
    body.gas_limit = kLimit;
    body.gas_price = 1 + below(20);
    body.nonce = next_nonce(out.signer);
    if (percent(20)) body.refund_address = random_key(any_key()).public_key();

    const auto kind = below(100);
    if (take_over_ > 0) {
        take_over(out, tip);
    } else if (live_.size() < 2 || kind < 12) {
        deploy(out);
    } else if (kind < 22) {
        transfer(out);
    } else if (kind < 27) {
        memo(out);
    } else if (kind < 34) {
        transfer_contract(out);
    } else if (kind < 40) {
        convert(out);
    } else if (kind < 47) {
        stake(out);
    } else if (kind < 53) {
        unstake(out, tip);
    } else if (kind < 58) {
        withdraw_reward(out, tip);
    } else if (kind < 78) {
        deployed(out);
    } else if (kind < 93) {
        deployed_money(out, tip);
    } else {
        contract_stake(out, tip);
    }
    if (percent(4)) body.nonce += percent(50) ? std::uint64_t{1} : ~std::uint64_t{0};
    if (percent(2)) body.chain_id = 1;
    return out;
}

void RandomTransactions::transfer(Draft& draft) {
    draft.kind = "transfer";
    draft.body.value = percent(10) ? 0 : dusk(500);
    if (percent(5)) draft.body.value = 100'000'000 * kDusk;
    const auto to = below(3);
    if (to == 0) return;  // to oneself
    const std::size_t receiver = to == 1 ? any_key() : kRandomKeys + new_accounts_++;
    draft.body.receiver = random_key(receiver).public_key();
}

void RandomTransactions::memo(Draft& draft) {
    transfer(draft);
    draft.kind = "memo";
    draft.body.data = ledger::Memo{bytes(512)};
}

/// Direct calls of the transfer contract, most of them for somebody else than a transaction.
void RandomTransactions::transfer_contract(Draft& draft) {
    draft.kind = "transfer contract";
    auto& body = draft.body;
    const std::uint64_t value = 1 + dusk(10);
    switch (below(8)) {
    case 0:
        body.deposit = value;
        return call(draft, {kTransferContract, "deposit", archive(value)});
    case 1:
        body.deposit = value;
        return call(draft, {kTransferContract, "deposit", archive(value + 1)});
    case 2:
        body.deposit = value;  // nobody takes it
        return call(draft, {kTransferContract, "chain_id", {}});
    case 3: {
        const auto withdraw = withdraw_to_account(kTransferContract, 1 + dusk(5), random_key(any_key()), body.nonce);
        return call(draft, {kTransferContract, "withdraw", archive(withdraw.withdraw)});
    }
    case 4:
        return call(draft, {kTransferContract, "contract_to_account",
                            archive(layouts::ContractToAccount{archived(body.sender), value})});
    case 5:
        return call(draft, {kTransferContract, "add_account_balance",
                            archive(layouts::KeyAndValue{archived(body.sender), value})});
    case 6:
        return call(draft, {percent(50) ? kTransferContract : kStakeContract,
                            percent(50) ? "convert" : "contract_to_contract", bytes(700)});
    default:
        return call(draft, leaf());
    }
}

/// A deposit that becomes a note, or goes to an account.
void RandomTransactions::convert(Draft& draft) {
    draft.kind = "convert";
    draft.body.gas_limit = percent(92) ? kDearLimit : kLimit;
    auto& body = draft.body;
    const std::uint64_t value = 1 + dusk(100);
    body.deposit = percent(90) ? value : value + 1;
    const std::uint64_t nonce = percent(90) ? body.nonce : body.nonce + 1;
    auto withdraw = percent(70) ? withdraw_to_note(kTransferContract, value, 1 + below(1'000'000), nonce)
                                : withdraw_to_account(kTransferContract, value, random_key(any_key()), nonce);
    if (percent(5)) withdraw.withdraw.contract = kStakeContract;
    call(draft, {kTransferContract, "convert", archive(withdraw.withdraw)});
}

/// Begins a stake or adds to one.
void RandomTransactions::stake(Draft& draft) {
    draft.kind = "stake";
    draft.body.gas_limit = percent(92) ? kDearLimit : kLimit;
    auto& body = draft.body;
    const std::size_t account = percent(80) ? draft.signer : any_key();
    const std::size_t owner = percent(85) ? account : any_key();
    const std::uint64_t value = percent(85) ? 1'000 * kDusk + dusk(500) : 1 + dusk(900);
    const StakeParties parties{{random_key(account), random_key(owner)}, percent(5)};
    body.deposit = percent(93) ? value : value - 1;
    const std::uint8_t chain = percent(97) ? 0 : 1;
    call(draft, {kStakeContract, "stake", archive(test::stake(parties, value, chain))});
}

void RandomTransactions::unstake(Draft& draft, const TipState& tip) {
    draft.kind = "unstake";
    draft.body.gas_limit = percent(92) ? kDearLimit : kLimit;
    const std::size_t account = percent(80) ? draft.signer : any_key();
    const auto known = stake_of(tip, account);
    const std::uint64_t all = known && known->amount ? known->amount->value + known->amount->locked : 1'000 * kDusk;
    const std::uint64_t value = percent(30) ? all : percent(10) ? all + 1 : 1 + below(all);
    take_from_stake(draft, "unstake", account, value);
}

void RandomTransactions::withdraw_reward(Draft& draft, const TipState& tip) {
    draft.kind = "withdraw reward";
    draft.body.gas_limit = percent(92) ? kDearLimit : kLimit;
    const std::size_t account = percent(80) ? 0 : any_key();  // number 0 makes the blocks
    const auto known = stake_of(tip, account);
    const std::uint64_t all = known ? known->reward : 0;
    const std::uint64_t value = percent(20) ? all : percent(10) ? all + 1 : percent(5) ? 0 : below(all + 1);
    take_from_stake(draft, "withdraw", account, value);
}

void RandomTransactions::take_from_stake(Draft& draft, std::string function, std::size_t account, std::uint64_t value) {
    const std::uint64_t nonce = draft.body.nonce;
    const auto transfer = percent(30) ? withdraw_to_note(kStakeContract, value, 1 + below(1'000'000), nonce)
                                      : withdraw_to_account(kStakeContract, value, random_key(any_key()), nonce);
    const StakeParties parties{{random_key(account), random_key(account)}, percent(5)};
    call(draft, {kStakeContract, std::move(function), archive(stake_withdraw(parties, transfer))});
}

/// Account 0 makes the blocks, so it always has an entry for its rewards. In one block it gives up its stake, takes its
/// rewards, and lets a contract own a new stake: that contract gets the rewards of later blocks.
void RandomTransactions::take_over(Draft& draft, const TipState& tip) {
    draft.kind = "take over";
    draft.body.gas_limit = kDearLimit;
    const auto known = stake_of(tip, 0);
    switch (take_over_--) {
    case 3:
        return take_from_stake(draft, "unstake", 0,
                               known && known->amount ? known->amount->value + known->amount->locked : 1);
    case 2:
        return take_from_stake(draft, "withdraw", 0, known ? known->reward : 1);
    default: {
        const auto richest = std::ranges::max(live_, {}, [&](const auto& id) { return balance_of(tip, id); });
        return begin_contract_stake(draft, richest, 0, 1'000 * kDusk);
    }
    }
}

void RandomTransactions::call(Draft& draft, Call call) {
    draft.body.data = ledger::Call{call.contract, std::move(call.function), std::move(call.argument)};
}

std::optional<layouts::StakeData> RandomTransactions::stake_of(const TipState& tip, std::size_t key) const {
    const auto answer = tip.call(kStakeContract, "get_stake", archive(archived(random_key(key).public_key())));
    return wire::rkyv::unarchive<std::optional<layouts::StakeData>>(answer.value()).value();
}

std::uint64_t RandomTransactions::balance_of(const TipState& tip, const ContractId& contract) const {
    const auto answer = tip.call(kTransferContract, "contract_balance", archive(contract));
    return wire::rkyv::unarchive<std::uint64_t>(answer.value()).value();
}

std::size_t RandomTransactions::any_key() {
    return below(kRandomKeys);
}

Bytes RandomTransactions::bytes(std::size_t most) {
    Bytes out(below(most + 1));
    for (std::byte& one : out) one = static_cast<std::byte>(1 + below(255));
    return out;
}

}  // namespace rues::chain::test
