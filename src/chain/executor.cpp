#include "chain/executor.hpp"

#include "chain/checked.hpp"

namespace rues::chain {
namespace {

Discard unspendable(std::string_view panic) {
    return {Discard::Kind::unspendable, "Unspendable(Panic(\"" + std::string(panic) + "\"))"};
}

Discard precondition(std::string_view why) {
    return {Discard::Kind::unspendable, "Precondition(\"" + std::string(why) + "\")"};
}

/// The checks before the spend (docs/reference/ledger.md 4.1 step 1).
std::optional<Discard> check_preconditions(const ledger::Transaction& tx) {
    if (const auto* phoenix = tx.phoenix()) {
        if (const auto error = phoenix_fee_error(*phoenix)) return precondition(*error);
    }
    if (const auto* deploy = tx.deploy(); deploy != nullptr && tx.gas_limit() < deploy_charge(*deploy))
        return precondition("not enough gas to deploy");
    // docs/reference/differences.md 30
    if (tx.phoenix() != nullptr) return precondition("phoenix is not enabled in the VM");
    // docs/reference/differences.md 31
    if (tx.blobs() != nullptr) return precondition("blobs are not enabled in the VM");
    return std::nullopt;
}

/// Where the archive of a transaction that is too large breaks off: the bytes of names, arguments, owner and `init`
/// come first, lists byte by byte, then the 2,224 bytes of the transaction itself at a multiple of 8. Recorded for
/// arguments of 63,302 and of 65,536 bytes.
std::optional<Discard> check_archive(const ledger::Transaction& tx) {
    if (tx.archived_size() <= kMaxArchived) return std::nullopt;
    std::size_t name = 0;
    std::size_t lists = 0;
    if (const auto* call = tx.call()) {
        name = call->fn_name.size() > ledger::Transaction::kInlineName ? call->fn_name.size() : 0;
        lists = call->fn_args.size();
    } else if (const auto* deploy = tx.deploy()) {
        lists = deploy->owner.size() + (deploy->init_args ? deploy->init_args->size() : 0);
    }
    std::size_t at = (name + lists + 7) / 8 * 8;
    std::size_t needed = ledger::Transaction::kArchivedBody;
    if (name > kMaxArchived) {
        at = 0;
        needed = name;
    } else if (name + lists > kMaxArchived) {
        at = kMaxArchived;
        needed = 1;
    }
    return Discard{Discard::Kind::unspendable, "Unspendable(CompositeSerializerError(SerializerError(Overflow { pos: " +
                                                   std::to_string(at) + ", bytes_needed: " + std::to_string(needed) +
                                                   ", archive_len: " + std::to_string(kMaxArchived) + " })))"};
}

/// Why the inner call of a transaction fails, for as long as no contract runs natively: as a missing function, as a
/// missing contract, or as a deployment that cannot pay.
std::optional<std::string> inner_error(const ledger::Transaction& tx) {
    if (tx.deploy() != nullptr) return "OutOfGas";
    const auto* call = tx.call();
    if (call == nullptr) return std::nullopt;
    const bool genesis = call->contract == ledger::kTransferContract || call->contract == ledger::kStakeContract;
    return genesis ? "Unknown" : "Contract does not exist";
}

}  // namespace

std::optional<ledger::Account> Overlay::account(const ledger::AccountKey& key) const {
    const auto found = changes_.accounts.find(key);
    return found != changes_.accounts.end() ? std::optional(found->second) : below_.account(key);
}

std::optional<ledger::Stake> Overlay::stake(const ledger::AccountKey& key) const {
    const auto found = changes_.stakes.find(key);
    return found != changes_.stakes.end() ? found->second : below_.stake(key);
}

std::optional<std::uint64_t> Overlay::contract_balance(const ledger::ContractId& id) const {
    return below_.contract_balance(id);  // no transaction that is executed here changes one
}

bool Overlay::transaction_exists(const ledger::TxId& id) const {
    return below_.transaction_exists(id);
}

BlockExecution::BlockExecution(const ledger::StateReader& state, BlockContext context, GasCost cost)
    : context_(std::move(context)), cost_(std::move(cost)), state_(state) {}

/// The panics of docs/reference/ledger.md 5.1 in their order, then the gas of the spend. On success what the
/// transaction takes from its sender at most.
std::expected<std::uint64_t, Discard> BlockExecution::check_spend(const ledger::Transaction& transaction,
                                                                  bool well_signed) const {
    const auto& tx = *transaction.moonlight();
    if (tx.gas_price == 0) return std::unexpected(unspendable("Gas price too low!"));
    if (tx.deposit > 0 && transaction.call() == nullptr)
        return std::unexpected(unspendable("There must be a contract when depositing funds"));
    if (tx.chain_id != context_.chain_id) return std::unexpected(unspendable("The tx must target the correct chain"));
    if (!well_signed) return std::unexpected(unspendable("Invalid signature!"));
    const auto fee = multiplied(tx.gas_limit, tx.gas_price);
    if (!fee) return std::unexpected(unspendable("attempt to multiply with overflow"));
    const auto total = added(added(fee, tx.value), tx.deposit);
    if (!total) return std::unexpected(unspendable("attempt to add with overflow"));
    const auto sender = state_.account(tx.sender.bytes());
    if (!sender) return std::unexpected(unspendable("Account has no funds"));
    if (*total > sender->balance) return std::unexpected(unspendable("Account doesn't have enough funds"));
    if (tx.nonce <= sender->nonce) return std::unexpected(unspendable("Already used nonce"));
    if (tx.nonce > sender->nonce + 1) return std::unexpected(Discard{Discard::Kind::not_ready, "NotReady"});
    // What is paid in must fit wherever it goes; the sum of all balances need not, in a genesis made by hand.
    for (const auto* key : {&tx.receiver_or_sender(), &tx.refund_or_sender()}) {
        const auto account = state_.account(key->bytes());
        if (account && *key != tx.sender && !added(account->balance, *total)) {
            return std::unexpected(unspendable("attempt to add with overflow"));
        }
    }
    return *total;
}

std::expected<void, Discard> BlockExecution::add(const ledger::Transaction& tx, bool well_signed) {
    if (auto why = check_preconditions(tx)) return std::unexpected(std::move(*why));
    if (auto why = check_archive(tx)) return std::unexpected(std::move(*why));
    const auto* body = tx.moonlight();
    const auto total = check_spend(tx, well_signed);
    if (!total) return std::unexpected(total.error());
    const std::uint64_t cost = cost_(tx, state_);
    if (body->gas_limit < least_gas_limit(cost)) {
        return std::unexpected(Discard{Discard::Kind::unspendable, "Unspendable(OutOfGas)"});
    }
    const auto error = inner_error(tx);
    const std::uint64_t gas_spent = error ? body->gas_limit : std::min(cost, body->gas_limit);
    if (gas_spent > context_.block_gas_limit) {  // no block will ever have room, and waiting would never end
        return std::unexpected(Discard{Discard::Kind::unspendable, "Unspendable(OutOfGas)"});
    }
    if (gas_spent > context_.block_gas_limit - gas_spent_) {
        return std::unexpected(Discard{Discard::Kind::no_room, "no gas left in the block"});
    }

    auto sender = *state_.account(body->sender.bytes());
    sender.balance -= *total;
    sender.nonce = body->nonce;
    state_.set(body->sender.bytes(), sender);
    if (body->value > 0) pay(body->receiver_or_sender(), body->value);
    const std::uint64_t refund = (body->gas_limit - gas_spent) * body->gas_price + body->deposit;
    pay(body->refund_or_sender(), refund);

    gas_spent_ += gas_spent;
    outcome_.fees += gas_spent * body->gas_price;
    const bool told = refund > 0 && body->refund_address;
    const auto memo = tx.memo();
    outcome_.transaction_events.push_back(
        {ledger::kTransferContract, "moonlight",
         ledger::moonlight_event(*body, memo ? base::ByteView(*memo) : base::ByteView(), gas_spent,
                                 told ? std::optional(ledger::Refund{&*body->refund_address, refund}) : std::nullopt),
         tx.id()});
    outcome_.transactions.push_back({tx, context_.height, gas_spent, error});
    return {};
}

void BlockExecution::pay(const crypto::PublicKey& key, std::uint64_t amount) {
    auto account = state_.account(key.bytes()).value_or(ledger::Account{});
    account.balance += amount;
    state_.set(key.bytes(), account);
}

void BlockExecution::reward(const crypto::PublicKey& key, std::uint64_t value, ledger::RewardReason reason) {
    auto stake = state_.stake(key.bytes()).value_or(ledger::Stake{std::nullopt, 0, 0, 0, key.bytes()});
    stake.reward += value;
    stake.faults = 0;
    stake.hard_faults = 0;
    state_.set(key.bytes(), stake);
    outcome_.rewards.push_back({key, value, reason});
}

std::vector<ledger::ContractEvent> BlockExecution::Outcome::events(const base::Hash32& block) const {
    std::vector<ledger::ContractEvent> out;
    out.reserve(transaction_events.size() + 1);
    out = transaction_events;
    out.push_back({ledger::kStakeContract, "reward", ledger::reward_event(rewards), block});
    return out;
}

BlockExecution::Outcome BlockExecution::finish() && {
    const std::uint64_t total = ledger::emission(context_.height) + outcome_.fees;
    const std::uint64_t tenth = total / 10;
    std::uint64_t credits = 0;
    for (const auto& [voter, count] : context_.voters) credits += count;
    const std::uint64_t extra = credits >= kCredits ? tenth : tenth / 42 * (credits > 86 ? credits - 86 : 0);
    reward(context_.generator, total - 3 * tenth, ledger::RewardReason::generator_fixed);
    reward(ledger::dusk_key(), tenth, ledger::RewardReason::other);
    if (extra > 0) reward(context_.generator, extra, ledger::RewardReason::generator_extra);
    for (const auto& [voter, count] : context_.voters) {
        reward(voter, count * (tenth / kCredits), ledger::RewardReason::voter);
    }
    outcome_.changes = state_.take();
    return std::move(outcome_);
}

std::optional<std::string_view> phoenix_fee_error(const ledger::Phoenix& tx) {
    const auto fee = multiplied(tx.gas_limit, tx.gas_price);
    if (!fee) return "phoenix fee overflow";
    if (*fee != tx.max_fee) return "phoenix fee tampered";
    const auto refund_to = base::ByteView(tx.outputs[1]).subspan(33, 64);
    if (!base::equal(tx.fee_stealth_address, refund_to)) return "phoenix fee refund stealth address mismatch";
    return std::nullopt;
}

std::uint64_t deploy_charge(const ledger::Deploy& deploy) {
    return std::max(kGasPerDeployByte * deploy.bytecode.size(), kMinDeployCharge);
}

}  // namespace rues::chain
