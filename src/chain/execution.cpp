#include "chain/execution.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "chain/blobs.hpp"
#include "chain/bytecode.hpp"
#include "chain/checked.hpp"
#include "chain/contract_calls.hpp"
#include "crypto/hash.hpp"
#include "wire/layouts.hpp"

namespace rues::chain {
namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

Discard precondition(std::string_view why) {
    return {Discard::Kind::unspendable, fmt::format("Precondition(\"{}\")", why)};
}

/// The checks before the spend (docs/reference/ledger.md 4.1 step 1).
std::optional<Discard> check_preconditions(const ledger::Transaction& tx) {
    if (const auto* phoenix = tx.phoenix()) {
        if (const auto error = phoenix_fee_error(*phoenix)) return precondition(*error);
    }
    if (const auto* deploy = tx.deploy()) {
        if (tx.gas_price() < kMinDeployPrice) return precondition("gas price too low to deploy");
        if (tx.gas_limit() < deploy_charge(*deploy)) return precondition("not enough gas to deploy");
        if (declares_memory64(deploy->bytecode)) return precondition("64-bit wasm is not enabled in the VM");
    }
    if (const auto* blobs = tx.blobs()) {
        if (blobs->list.empty()) return precondition("no blob attached to the transaction");
        if (blobs->list.size() > kMaxBlobs) return precondition("too many blobs in the transaction");
        if (tx.gas_limit() < blob_charge(*blobs)) return precondition("not enough gas for blobs");
    }
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
    return Discard{Discard::Kind::unspendable,
                   fmt::format("Unspendable(CompositeSerializerError(SerializerError(Overflow {{ pos: {}, "
                               "bytes_needed: {}, archive_len: {} }})))",
                               at, needed, kMaxArchived)};
}

/// The session ended the call by its own bounds, which are not the network's.
bool is_stopped(vm::Failure::Kind kind) {
    return kind == vm::Failure::Kind::deadline || kind == vm::Failure::Kind::too_many_pages;
}

/// Why a call that the chain makes itself failed. `kind` is the node's class of the error.
Discard discard_of(std::string_view kind, const vm::Failure& failure) {
    using Kind = vm::Failure::Kind;
    if (is_stopped(failure.kind)) return {Discard::Kind::stopped, failure.text};
    if (failure.kind == Kind::panic && failure.text == calls::kNonceNotReady)
        return {Discard::Kind::not_ready, "NotReady"};
    const std::string inner = failure.kind == Kind::panic        ? fmt::format("Panic({})", chain::quoted(failure.text))
                              : failure.kind == Kind::out_of_gas ? "OutOfGas"
                                                                 : "Unknown";
    return {Discard::Kind::unspendable, fmt::format("{}({})", kind, inner)};
}

ContractError panic(std::string message) {
    return {ContractError::Kind::panic, std::move(message)};
}

void take_events(Executed& out, std::vector<ledger::ContractEvent> events, const ledger::TxId& origin) {
    for (auto& event : events) {
        event.origin = origin;
        out.events.push_back(std::move(event));
    }
}

/// Deploys the contract of a transaction whose spend succeeded (docs/reference/machine.md 1.6). A discard: the session
/// could not do it to the end, which says nothing of the transaction. `charged` gets the charge if it comes to that.
std::optional<Discard> deploy(vm::Session& session, const ledger::Transaction& tx, Executed& out,
                              std::uint64_t& charged) {
    const auto& what = *tx.deploy();
    const std::uint64_t charge = deploy_charge(what);
    const std::uint64_t left = tx.gas_limit() - std::min(out.gas_spent, tx.gas_limit());
    if (left < charge) {
        out.error = ContractError{ContractError::Kind::out_of_gas};
        return std::nullopt;
    }
    if (crypto::blake3(what.bytecode) != what.bytecode_hash) {
        out.error = panic("failed bytecode hash check");
        return std::nullopt;
    }
    charged = charge;
    std::optional<base::ByteView> argument;
    if (what.init_args) argument = *what.init_args;
    auto done = session.deploy(ledger::contract_id(what), what.bytecode, what.owner, argument, left - charge);
    if (!done) {
        if (is_stopped(done.error().kind)) return Discard{Discard::Kind::stopped, std::move(done.error().debug)};
        out.error = panic("failed deployment: " + done.error().debug);
        return std::nullopt;
    }
    out.gas_spent += charge + done->gas_spent;
    take_events(out, std::move(done->events), tx.id());
    return std::nullopt;
}

/// The charges of a transaction besides the gas of its calls.
struct Charges {
    std::uint64_t deploy = 0;
    std::uint64_t blobs = 0;
};

/// Says which calls a transaction paid, now that it is known that it pays.
void settle(TransactionTrace& trace, std::size_t paid, Charges charges, std::uint64_t gas_spent) {
    trace.paid = paid;
    trace.deploy_charge = charges.deploy;
    trace.blob_charge = charges.blobs;
    std::uint64_t known = charges.deploy + charges.blobs;
    for (const auto& call : std::span(trace.calls.calls()).first(paid)) known += call.gas_spent;
    trace.gas_lost = gas_spent - known;
}

/// The transaction as contracts see it while it executes.
class Surroundings {
public:
    Surroundings(vm::Session& session, const ledger::Transaction& tx, SpendProof signature, TransactionTrace* trace)
        : session_(session) {
        session.trace(trace != nullptr ? &trace->calls : nullptr);
        session.public_sender(calls::public_sender(tx));
        if (tx.call() != nullptr) {
            const std::size_t nullifiers = tx.phoenix() != nullptr ? tx.phoenix()->nullifiers.size() : 0;
            session.hook(std::bind_front(&calls::refuse_nested, nullifiers));
        }
        if (signature == SpendProof::unknown) return;
        if (auto question = calls::spend_question(tx)) {
            session.know(question->query, question->argument, base::Bytes{std::byte{signature == SpendProof::good}});
        }
    }
    Surroundings(const Surroundings&) = delete;
    Surroundings& operator=(const Surroundings&) = delete;
    ~Surroundings() {
        session_.trace(nullptr);
        session_.public_sender(std::nullopt);
        session_.hook({});
    }

private:
    vm::Session& session_;
};

/// Only a transaction can be stopped, never what the block itself calls.
vm::BlockLimits limits_of(std::shared_ptr<const bool> in_transaction, TransactionBounds bounds) {
    vm::BlockLimits out{.stop = {}, .written_bytes = bounds.written_bytes};
    if (bounds.may_stop) {
        out.stop = [in_transaction = std::move(in_transaction), may_stop = std::move(bounds.may_stop)] {
            return *in_transaction && may_stop();
        };
    }
    return out;
}

}  // namespace

BlockContext context_of(const ledger::Header& header, const crypto::PublicKey& generator) {
    BlockContext out;
    out.height = header.height;
    out.block_gas_limit = header.gas_limit;
    out.generator = generator;
    // One provisioner: its bit in the certificate stands for all credits (docs/reference/ledger.md 10.3).
    if (header.prev_block_cert.validation.bitset == 1) out.voters.emplace_back(generator, kCredits);
    return out;
}

std::expected<Executed, Discard> execute(vm::Session& session, const ledger::Transaction& tx, SpendProof signature,
                                         TransactionTrace* trace) {
    if (auto why = check_preconditions(tx)) return std::unexpected(std::move(*why));
    if (auto why = check_archive(tx)) return std::unexpected(std::move(*why));
    const Surroundings surroundings(session, tx, signature, trace);
    auto spent = session.call(ledger::kTransferContract, calls::kSpendAndExecute, calls::spend(tx), tx.gas_limit());
    if (!spent) return std::unexpected(discard_of("Unspendable", spent.error()));
    auto result = calls::spend_result(spent->data);
    if (!result) return std::unexpected(Discard{Discard::Kind::unspendable, std::move(result.error())});

    Executed out{spent->gas_spent, std::move(*result), {}};
    take_events(out, std::move(spent->events), tx.id());
    Charges charges;
    if (tx.deploy() != nullptr && !out.error) {
        if (auto why = deploy(session, tx, out, charges.deploy)) return std::unexpected(std::move(*why));
    }
    if (const auto* blobs = tx.blobs(); blobs != nullptr && out.gas_spent < blob_charge(*blobs)) {
        charges.blobs = blob_charge(*blobs) - out.gas_spent;
        out.gas_spent = blob_charge(*blobs);
    }
    if (out.error) out.gas_spent = tx.gas_limit();
    const std::size_t paid = trace != nullptr ? trace->calls.calls().size() : 0;
    auto refunded = session.call(ledger::kTransferContract, calls::kRefund, calls::number(out.gas_spent), kUnlimited);
    if (!refunded) return std::unexpected(discard_of("FailedRefund", refunded.error()));
    take_events(out, std::move(refunded->events), tx.id());
    if (trace != nullptr) settle(*trace, paid, charges, out.gas_spent);
    return out;
}

TransactionBounds bounds_of_own(std::function<bool()> may_stop) {
    TransactionBounds out;
    if (may_stop) out = {std::move(may_stop), vm::BlockLimits{}.written_bytes};
    return out;
}

BlockExecution::BlockExecution(vm::Machine& machine, std::shared_ptr<const vm::State> state, BlockContext context,
                               TransactionBounds bounds, ContractLog* log)
    : context_(std::move(context)),
      session_(vm::Session::of_block(machine, std::move(state), {context_.chain_id, context_.height},
                                     limits_of(in_transaction_, std::move(bounds)))),
      log_(log) {}

/// A call of the block itself, which cannot fail on a network that works.
base::Result<void> BlockExecution::call(const ledger::ContractId& contract, std::string_view function,
                                        base::ByteView argument) {
    auto done = session_.call(contract, function, argument, kUnlimited);
    if (!done) {
        const auto kind = is_stopped(done.error().kind) ? base::Error::Kind::io : base::Error::Kind::invalid;
        return base::failure(
            kind, fmt::format("block {}: {} failed: {}", context_.height, function, done.error().to_string()));
    }
    std::ranges::move(done->events, std::back_inserter(outcome_.block_events));
    return session_.keep();
}

base::Result<void> BlockExecution::begin() {
    return call(ledger::kStakeContract, calls::kBeforeStateTransition, {});
}

std::expected<void, Discard> BlockExecution::add(const ledger::Transaction& tx, SpendProof signature) {
    const auto refuse = [this](Discard why) {
        session_.undo();
        return std::unexpected(std::move(why));
    };
    std::optional<ContractLog::Run> lines;
    if (log_ != nullptr) {
        lines.emplace(*log_, lines_, context_.height, tx.id());
        session_.contract_lines(lines->lines());
    }
    *in_transaction_ = true;
    auto done = execute(session_, tx, signature);
    *in_transaction_ = false;
    session_.contract_lines({});
    if (!done) return refuse(std::move(done.error()));
    if (done->gas_spent > context_.block_gas_limit) {  // no block will ever have room, and waiting would never end
        return refuse({Discard::Kind::unspendable, "Unspendable(OutOfGas)"});
    }
    if (done->gas_spent > context_.block_gas_limit - gas_spent_)
        return refuse({Discard::Kind::no_room, "no gas left in the block"});
    if (const auto kept = session_.keep(); !kept) return refuse({Discard::Kind::stopped, kept.error().text});
    gas_spent_ += done->gas_spent;
    outcome_.fees += done->gas_spent * tx.gas_price();
    std::optional<std::string> error;
    if (done->error) error = done->error->display();
    outcome_.transactions.push_back({tx.without_sidecars(), context_.height, done->gas_spent, std::move(error)});
    std::ranges::move(done->events, std::back_inserter(outcome_.transaction_events));
    return {};
}

std::vector<ledger::Reward> rewards_of(const BlockContext& context, std::uint64_t fees) {
    const std::uint64_t total = ledger::emission(context.height) + fees;
    const std::uint64_t tenth = total / 10;
    std::uint64_t credits = 0;
    for (const auto& [voter, count] : context.voters) credits += count;
    const std::uint64_t extra = credits >= kCredits ? tenth : tenth / 42 * (credits > 86 ? credits - 86 : 0);
    std::vector<ledger::Reward> out;
    out.push_back({context.generator, total - 3 * tenth, ledger::RewardReason::generator_fixed});
    out.push_back({ledger::dusk_key(), tenth, ledger::RewardReason::other});
    if (extra > 0) out.push_back({context.generator, extra, ledger::RewardReason::generator_extra});
    for (const auto& [voter, count] : context.voters)
        out.push_back({voter, count * (tenth / kCredits), ledger::RewardReason::voter});
    return out;
}

bool may_be_rewards(const BlockContext& context, std::uint64_t fees, base::ByteView rewards) {
    namespace layouts = wire::layouts;
    const auto told = wire::rkyv::unarchive<layouts::RewardEvent>(rewards);
    if (!told || wire::rkyv::archive(*told) != base::to_bytes(rewards)) return false;
    const std::uint64_t credit = (ledger::emission(context.height) + fees) / 10 / kCredits;
    BlockContext same = context;
    same.voters.clear();
    std::uint64_t credits = 0;
    for (const auto& each : *told) {
        if (each.reason != layouts::RewardReason::voter) continue;
        if (credit == 0 || each.value == 0 || each.value % credit != 0 || each.value / credit > kCredits - credits)
            return false;
        credits += each.value / credit;
        same.voters.emplace_back(context.generator, each.value / credit);
    }
    // The generator stands for all voters, whose names only the state hash proves.
    const auto expected = rewards_of(same, fees);
    return std::ranges::equal(*told, expected, [](const layouts::Reward& one, const ledger::Reward& other) {
        const bool is_voter = other.reason == ledger::RewardReason::voter;
        return one.value == other.value && static_cast<ledger::RewardReason>(one.reason) == other.reason &&
               (is_voter || one.account == layouts::Key{other.account.raw()});
    });
}

std::vector<ledger::ContractEvent> BlockExecution::Outcome::events(const base::Hash32& block) const {
    std::vector<ledger::ContractEvent> out;
    out.reserve(transaction_events.size() + block_events.size());
    out = transaction_events;
    for (const auto& event : block_events) out.emplace_back(event).origin = block;
    return out;
}

base::Result<base::Bytes> BlockExecution::rewards() const {
    if (!context_.rewards) return ledger::reward_event(rewards_of(context_, outcome_.fees));
    if (may_be_rewards(context_, outcome_.fees, *context_.rewards)) return *context_.rewards;
    return base::failure(base::Error::Kind::invalid,
                         fmt::format("block {}: its rewards do not follow from its fees", context_.height));
}

base::Result<BlockExecution::Outcome> BlockExecution::finish() && {
    if (log_ != nullptr) log_->end(lines_, context_.height);
    const auto reward = rewards();
    if (!reward) return std::unexpected(reward.error());
    if (auto done = call(ledger::kStakeContract, calls::kReward, *reward); !done) return std::unexpected(done.error());
    if (auto done = call(ledger::kTransferContract, calls::kUpdateRoot, {}); !done)
        return std::unexpected(done.error());
    auto commit = std::move(session_).commit();
    if (!commit) return std::unexpected(commit.error());
    outcome_.commit = std::move(*commit);
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
