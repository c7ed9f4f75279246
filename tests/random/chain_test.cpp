// Random transactions on a chain. RUES_SEED repeats one run; RUES_RANDOM_TRANSACTIONS sets how many there are (an n-th
// of the usual number with RUES_LOAD_SHARE=n); RUES_RANDOM_RECORDING names a file that gets the chain as a recording.
#include <fstream>
#include <iostream>
#include <random>

#include "chain/contract_calls.hpp"
#include "chain/replay.hpp"
#include "chain/simulation.hpp"
#include "chain/verify_store.hpp"
#include "random/recording_of.hpp"
#include "random/transactions.hpp"
#include "unit/chain/local_chain.hpp"
#include "wire/note_layouts.hpp"

namespace rues::chain {
namespace {

namespace layouts = wire::layouts;
using wire::rkyv::archive;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text != nullptr ? std::stoull(text) : otherwise;
}

/// All DUSK of a state, in lux.
struct Money {
    std::uint64_t accounts = 0, contracts = 0, notes = 0, rewards = 0;
    std::uint64_t staked = 0;  ///< part of what the stake contract has
    std::uint64_t stake_contract = 0;
    std::uint64_t all() const { return accounts + contracts + notes + rewards; }
};

class RandomChain : public test::LocalChain {
protected:
    static constexpr std::uint64_t kGenesisNotes = 2'068;

    template <typename Item>
    void each(const TipState& tip, const ledger::ContractId& contract, std::string_view feeder, base::ByteView argument,
              const std::function<void(const Item&)>& visit) {
        const auto fed = tip.feed(contract, feeder, argument, [&](base::ByteView item) {
            visit(wire::rkyv::unarchive<Item>(item).value());
            return true;
        });
        ASSERT_TRUE(fed) << feeder << ": " << fed.error().text;
    }
    /// The notes of the genesis stay what they are, because nothing here spends notes.
    Money money() {
        const auto tip = chain_->state();
        Money out;
        const auto all = archive(layouts::Range{});
        each<layouts::AccountItem>(*tip, ledger::kTransferContract, "sync_accounts", all,
                                   [&](const auto& item) { out.accounts += item.data.balance; });
        each<layouts::ContractBalanceItem>(*tip, ledger::kTransferContract, "sync_contract_balances", all,
                                           [&](const auto& item) {
                                               out.contracts += item.balance;
                                               if (item.contract == ledger::kStakeContract)
                                                   out.stake_contract = item.balance;
                                           });
        each<layouts::NoteLeaf>(*tip, ledger::kTransferContract, "leaves_from_pos", archive(kGenesisNotes),
                                [&](const auto& leaf) {
                                    EXPECT_EQ(leaf.note.note_type, layouts::NoteType::transparent);
                                    out.notes += base::load_le<std::uint64_t>(leaf.note.value_enc.data());
                                });
        each<layouts::StakeItem>(*tip, ledger::kStakeContract, "stakes", {}, [&](const auto& item) {
            out.rewards += item.data.reward;
            if (item.data.amount) out.staked += item.data.amount->value + item.data.amount->locked;
        });
        return out;
    }

    /// Executes the transaction alone in the next block: on the tip, behind what a block begins with.
    std::expected<Executed, Discard> execute_alone(const ledger::Transaction& tx) {
        const auto state = chain_->state();
        auto session = vm::Session::of_block(test::machine(), state->state(), {0, state->height() + 1});
        EXPECT_TRUE(session.call(ledger::kStakeContract, calls::kBeforeStateTransition, {}, UINT64_MAX));
        return execute(session, tx, SpendProof::unknown);
    }
    /// A trace explains the gas and changes nothing.
    void compare_trace(const ledger::Transaction& tx, const Simulation& simulated) {
        const auto traced = simulate(tx.encode(ledger::Envelope::aegis), Traced::yes);
        ASSERT_TRUE(traced) << traced.error().text;
        EXPECT_EQ(traced->gas_spent, simulated.gas_spent);
        EXPECT_EQ(traced->error, simulated.error);
        EXPECT_EQ(traced->events, simulated.events);
        ASSERT_TRUE(traced->trace);
        const auto& trace = *traced->trace;
        std::uint64_t paid = trace.deploy_charge + trace.blob_charge + trace.gas_lost;
        for (std::size_t i = 0; i < trace.calls.calls().size(); ++i) {
            const auto& call = trace.calls.calls()[i];
            compare_gas(call);
            paid += i < trace.paid ? call.gas_spent : 0;
        }
        EXPECT_EQ(paid, simulated.gas_spent);
    }
    static void compare_gas(const vm::TracedCall& call) {
        std::uint64_t parts = call.gas_own + call.gas_lost + call.left_out.gas;
        for (const auto& step : call.steps) {
            const auto* inner = step.call();
            if (inner == nullptr) continue;
            parts += inner->gas_spent;
            compare_gas(*inner);
        }
        EXPECT_EQ(call.gas_spent, parts) << call.function;
    }
    /// A feeder gives a query what it gives a block.
    void compare_feeder(const test::RandomTransactions::Call& call) {
        const auto tip = chain_->state();
        using Items = std::vector<base::Bytes>;
        const auto into = [](Items& items) {
            return [&items](base::ByteView item) {
                items.push_back(base::to_bytes(item));
                return true;
            };
        };
        Items of_query;
        Items of_block;
        const auto queried = tip->feed(call.contract, call.function, call.argument, into(of_query));
        auto session = vm::Session::of_block(test::machine(), tip->state(), {0, tip->height()});
        const vm::Sink sink = into(of_block);
        const auto made = session.feed(call.contract, call.function, call.argument, QueryBounds().gas, sink);
        const auto end = [](const auto& fed) { return fed ? std::string("whole") : fed.error().to_string(); };
        EXPECT_EQ(end(queried), end(made));
        EXPECT_EQ(of_query, of_block);
        fed_ += of_block.size();
    }

    void compare_simulation(const ledger::Transaction& tx, const Simulation& simulated) {
        compare_trace(tx, simulated);
        const auto executed = execute_alone(tx);
        if (!executed) {
            EXPECT_EQ(simulated.error, executed.error().text);
            EXPECT_EQ(simulated.gas_spent, 0U);
            return;
        }
        EXPECT_EQ(simulated.gas_spent, executed->gas_spent);
        EXPECT_EQ(simulated.error, executed->error ? std::optional(executed->error->debug()) : std::nullopt);
        EXPECT_EQ(simulated.events, executed->events);
    }
    void compare_first(const ledger::SpentTransaction& spent, const Executed& alone,
                       const std::vector<ledger::ContractEvent>& events) {
        EXPECT_EQ(spent.gas_spent, alone.gas_spent);
        EXPECT_EQ(spent.error, alone.error ? std::optional(alone.error->display()) : std::nullopt);
        std::vector<ledger::ContractEvent> own;
        std::ranges::copy_if(events, std::back_inserter(own),
                             [&](const auto& event) { return event.origin == spent.inner.id(); });
        EXPECT_EQ(own, alone.events);
    }

    /// Gives the transaction a gas limit at, or somewhat below, the gas that it would spend.
    void lower_limit(test::RandomTransactions& random, test::Draft& draft, std::uint64_t spent) {
        constexpr std::array<std::uint64_t, 6> kLess{0, 1, 391, 392, 393, 10'000};
        const std::uint64_t less = random.percent(70) ? kLess[random.below(kLess.size())] : random.below(spent);
        draft.body.gas_limit = spent - std::min(spent - 1, less);
    }

    void add_transactions(test::RandomTransactions& random, std::size_t count);
    void end_block();
    void run(std::uint64_t seed, std::size_t transactions);

    std::map<ledger::TxId, std::string> kinds_;
    std::map<std::string, std::array<std::size_t, 3>> counted_;  ///< refused, failed, executed
    std::map<std::size_t, std::uint64_t> pending_;               ///< by number of the key
    std::map<ledger::TxId, Executed> alone_;
    std::uint64_t total_ = 0;
    std::size_t executed_ = 0;
    std::size_t fed_ = 0;  ///< items of feeders
};

void RandomChain::add_transactions(test::RandomTransactions& random, std::size_t count) {
    pending_.clear();
    alone_.clear();
    for (std::size_t i = 0; i < count; ++i) {
        const auto tip = chain_->state();
        auto draft = random.next(*tip, [&](std::size_t key) {
            return tip->account(test::random_key(key).public_key()).value().nonce + pending_[key] + 1;
        });
        auto tx = draft.sign();
        SCOPED_TRACE(draft.kind + " " + base::to_hex(tx.id()));
        auto simulated = simulate(tx.encode(ledger::Envelope::aegis));
        ASSERT_TRUE(simulated) << simulated.error().text;
        compare_simulation(tx, *simulated);
        if (simulated->gas_spent > 0 && random.percent(15)) {
            lower_limit(random, draft, simulated->gas_spent);
            tx = draft.sign();
            simulated = simulate(tx.encode(ledger::Envelope::aegis));
            ASSERT_TRUE(simulated) << simulated.error().text;
            compare_simulation(tx, *simulated);
        }
        if (auto executed = execute_alone(tx)) alone_.emplace(tx.id(), std::move(*executed));
        const bool taken = propagate(tx).has_value();
        kinds_[tx.id()] = draft.kind;
        if (taken) {
            ++pending_[draft.signer];
        } else {
            ++counted_[draft.kind][0];
        }
    }
}

/// Makes a block, and checks what can be said of it without another execution.
void RandomChain::end_block() {
    mine();
    const auto stored = store_->snapshot();
    const auto block = *stored->block(stored->height()).value();
    const auto events = stored->contract_events(stored->height()).value();
    std::uint64_t fees = 0;
    for (const auto& id : block.transactions) {
        const auto found = *stored->transaction(id).value();
        const ledger::SpentTransaction spent{ledger::Transaction::decode(found.raw).value(), found.height,
                                             found.gas_spent, found.error};
        SCOPED_TRACE(kinds_[id] + " " + base::to_hex(id));
        EXPECT_LE(spent.gas_spent, spent.inner.gas_limit());
        fees += spent.gas_spent * spent.inner.gas_price();
        ++counted_[kinds_[id]][spent.error ? 1 : 2];
        ++executed_;
        if (id == block.transactions.front() && alone_.contains(id)) compare_first(spent, alone_.at(id), events);
    }
    const Money now = money();
    std::uint64_t paid = 0;
    for (const auto& event : events) {
        if (event.origin != block.header.hash || event.topic != "reward") continue;
        const auto rewards = wire::rkyv::unarchive<layouts::RewardEvent>(event.data).value();
        for (const auto& reward : rewards) paid += reward.value;
    }
    EXPECT_EQ(now.all() + fees, total_ + paid) << "in block " << block.header.height;
    const std::uint64_t due = ledger::emission(block.header.height) + fees;
    EXPECT_LE(paid, due);
    // Block 1 has no voters; the rest are lux that cannot be divided by 128 credits (docs/reference/ledger.md 10.8).
    EXPECT_LT(due - paid, block.header.height == 1 ? due / 5 + 10 : 138);
    EXPECT_LE(now.staked, now.stake_contract);
    total_ = now.all();
}

void RandomChain::run(std::uint64_t seed, std::size_t transactions) {
    test::RandomTransactions random(seed);
    begin();
    total_ = money().all();
    std::size_t made = 0;
    while (made < transactions && !HasFailure()) {
        SCOPED_TRACE("after block " + std::to_string(chain_->tip().height));
        const auto count = random.percent(40) ? 1 : random.below(7);
        add_transactions(random, count);
        made += count + 1;  // an empty block is something too
        if (random.percent(4)) restart();
        end_block();
        if (const auto feeder = random.feeder(*chain_->state())) compare_feeder(*feeder);
        if (random.percent(6)) restart();
        clock_.advance(std::chrono::seconds(1 + random.below(5)));
    }
}

TEST_F(RandomChain, random_transactions_do_the_same_whenever_they_are_executed_and_no_dusk_is_made_or_lost) {
    const std::uint64_t seed = setting("RUES_SEED", std::random_device{}());
    const auto transactions = setting("RUES_RANDOM_TRANSACTIONS", 300 / setting("RUES_LOAD_SHARE", 1));
    std::cout << "RUES_SEED=" << seed << '\n';
    SCOPED_TRACE("RUES_SEED=" + std::to_string(seed));
    run(seed, transactions);
    for (const auto& [kind, counts] : counted_) {
        std::cout << kind << ": " << counts[0] << " refused, " << counts[1] << " failed, " << counts[2]
                  << " succeeded\n";
    }
    std::cout << fed_ << " items of feeders\n";
    EXPECT_GT(executed_ * 8, transactions) << "most are taken, and have an effect";

    chain_.reset();
    const auto report = verify_store(*store_, test::machine(), test::parts_of(test::default_genesis_file()));
    EXPECT_TRUE(report) << report.error().text;
    const auto recording = test::recording_of(*store_->snapshot());
    if (const char* path = std::getenv("RUES_RANDOM_RECORDING"))
        std::ofstream(path) << boost::json::serialize(recording) << '\n';
    const auto replayed = replay(recording, test::machine(), test::parts_of(test::default_genesis_file()), UINT64_MAX);
    ASSERT_TRUE(replayed) << replayed.error();
    for (const auto& kind : replayed->kinds) EXPECT_EQ(kind.different, 0U) << kind.name << kind.first_difference;
    EXPECT_EQ(replayed->other_deployment_texts, std::vector<std::string>());
}

}  // namespace
}  // namespace rues::chain
