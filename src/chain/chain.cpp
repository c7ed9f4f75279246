#include "chain/chain.hpp"

#include <fmt/format.h>

#include "chain/local_chain.hpp"
#include "chain/origin.hpp"
#include "chain/simulation.hpp"

namespace rues::chain {
namespace {

Options effective(Options options) {
    if (options.mining == Mining::manual) options.eligible_after = milliseconds(0);
    return options;
}

/// Turns the result of `Verifier` into the rejections of preverify and propagate.
std::expected<ledger::Transaction, Rejection> well_signed(std::expected<Verifier::Checked, Rejection> checked) {
    if (!checked) {
        auto& error = checked.error();
        if (error.kind == Rejection::Kind::undecodable) return std::unexpected(undecodable({error.text}));
        return std::unexpected(std::move(error));
    }
    if (!checked->well_signed) return std::unexpected(invalid_signature(checked->tx));
    return std::move(checked->tx);
}

}  // namespace

LocalChain::LocalChain(store::Store& store, Options options, base::Clock& clock, base::Log log,
                       std::function<void(store::LogBatch)> on_log, std::function<void(std::string)> on_fatal)
    : store_(store),
      options_(effective(std::move(options))),
      parameters_{options_.chain_id, options_.block_time, options_.mining, options_.min_gas_limit},
      clock_(clock),
      log_(std::move(log)),
      on_log_(std::move(on_log)),
      on_fatal_(std::move(on_fatal)),
      prequeue_({options_.future_nonces, options_.future_nonces_per_account}),
      verifier_(options_.verify_threads, {options_.verify_queue, options_.verify_bytes}) {}

/// Writes block 0 when the store has no chain; else checks that the stored chain has this genesis.
base::Result<void> LocalChain::begin(const ledger::Genesis& genesis) {
    using base::Error;
    if (genesis.stakes.empty())
        return base::failure(Error::Kind::invalid, "the genesis has no stake, so nobody could produce blocks");
    generator_ = genesis.stakes.front().account;
    if (store_.has_chain()) {
        if (auto same = check_origin(store_, genesis, options_.chain_id); !same) return same;
    }
    if (options_.producer && options_.producer->public_key() != generator_) {
        return base::failure(Error::Kind::invalid,
                             "the producer's key is not the key of the first stake of the genesis");
    }
    const auto ahead = store_.clock_ahead();
    if (!ahead) return std::unexpected(ahead.error());
    ahead_seconds_ = *ahead;
    if (store_.has_chain()) return {};
    const auto state = genesis.state();
    if (!state) return base::failure(Error::Kind::invalid, state.error());
    if (auto noted = store_.set_origin({options_.chain_id, genesis.digest()}); !noted) return noted;
    const auto commitment = ledger::commitment_of(*state);
    return store_.commit_genesis(genesis.header(commitment.hash(), now_seconds()), *state, commitment);
}

base::Result<void> LocalChain::load(const ledger::Genesis& genesis) {
    using base::Error;
    if (const auto begun = begin(genesis); !begun) return begun;
    const auto snapshot = store_.snapshot();
    auto tip = snapshot->block(snapshot->height());
    if (!tip) return std::unexpected(tip.error());
    if (!*tip) return base::failure(Error::Kind::corrupt, "the store has no block at its own height");
    tip_ = (*tip)->header;
    finality_owed_ = !(*tip)->transactions.empty();  // a tip is never final
    auto commitment = store_.commitment();
    if (!commitment) return std::unexpected(commitment.error());
    commitment_ = *commitment;
    if (commitment_.hash() != tip_.state_hash) {
        return base::failure(Error::Kind::corrupt, "the stored commitment does not match the tip's state");
    }
    last_seal_ = clock_.steady();
    return load_pool();
}

/// The age of a stored transaction. Steady time does not survive the process, so the wall clock decides, within bounds:
/// if the wall clock was set back since, the age is 0; if it was set forward, the age is `mempool_expiry` at most.
milliseconds LocalChain::age_of(const store::PooledTransaction& stored) const {
    const auto now = unix_ms();
    if (now <= stored.entered_unix_ms) return milliseconds(0);
    const auto most = static_cast<std::uint64_t>(options_.mempool_expiry.count());
    return milliseconds(std::min(now - stored.entered_unix_ms, most));
}

/// Restores the stored mempool without a second `included` for its transactions. A transaction whose nonce a block has
/// already used is stale, and so is one behind a missing nonce, which no block could ever include. Both are written as
/// removed only when the chain starts: no event may be written before that, because `on_log_` must get every event.
base::Result<void> LocalChain::load_pool() {
    const auto snapshot = store_.snapshot();
    auto pooled = store_.pooled();
    if (!pooled) return std::unexpected(pooled.error());
    const auto now = clock_.steady();
    for (const auto& entry : *pooled) {
        auto tx = ledger::Transaction::decode(entry.raw);
        const auto* body = tx ? tx->moonlight() : nullptr;
        if (body != nullptr && pool_.find(body->sender.bytes(), body->nonce) == nullptr)
            pool_.insert(std::move(*tx), now - age_of(entry));
    }
    for (const auto& entry : *pooled) {
        if (const auto* there = pool_.find(entry.id); there != nullptr) {
            const auto& body = *there->tx.moonlight();
            const auto nonce = account_nonce(there->tx, *snapshot);
            if (body.nonce > nonce && body.nonce < pool_.next_nonce(body.sender.bytes(), nonce)) continue;
        }
        pool_.erase(entry.id);
        stale_.removed.push_back(entry.id);
        stale_.events.push_back(ledger::transaction_removed(entry.id, tip_.height));
    }
    return {};
}

void LocalChain::start() {
    thread_ = std::jthread([this] { run(); });
}

void LocalChain::stop() {
    verifier_.stop();  // first, because its jobs may still give transactions to the chain thread
    {
        const std::lock_guard lock(commands_mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    refuse_all();
}

void LocalChain::preverify(Bytes transaction, OnVerdict done) {
    verifier_.add({std::move(transaction), [this](const ledger::Transaction& tx) { return before_signature(tx); },
                   [this, done = std::move(done)](std::expected<Verifier::Checked, Rejection> checked) mutable {
                       auto tx = well_signed(std::move(checked));
                       if (!tx) return done(std::unexpected(std::move(tx.error())));
                       if (auto gap = nonce_gap(*tx)) return done(std::unexpected(std::move(*gap)));
                       done(tx->id());
                   }});
}

void LocalChain::propagate(Bytes transaction, OnVerdict done) {
    verifier_.add({std::move(transaction), [this](const ledger::Transaction& tx) { return before_signature(tx); },
                   [this, done = std::move(done)](std::expected<Verifier::Checked, Rejection> checked) mutable {
                       auto tx = well_signed(std::move(checked));
                       if (!tx) return done(std::unexpected(std::move(tx.error())));
                       push(Admit{std::move(*tx), std::move(done)});
                   }});
}

void LocalChain::simulate(Bytes transaction, OnSimulated done) {
    verifier_.add({std::move(transaction), [](const ledger::Transaction&) { return std::nullopt; },
                   [this, done = std::move(done)](std::expected<Verifier::Checked, Rejection> checked) mutable {
                       if (!checked) {
                           auto& error = checked.error();
                           if (error.kind == Rejection::Kind::undecodable)
                               error.text = "Invalid transaction: " + error.text;
                           return done(std::unexpected(std::move(error)));
                       }
                       ++simulated_;
                       const auto state = store_.snapshot();
                       BlockContext context;
                       context.chain_id = options_.chain_id;
                       context.height = state->height() + 1;
                       done(chain::simulate(checked->tx, checked->well_signed, *state, std::move(context)));
                   }});
}

void LocalChain::mine(std::uint64_t count, OnNumber done) {
    if (count > kMaxMine) {
        return done(
            std::unexpected(Rejection{Rejection::Kind::refused, fmt::format("at most {} blocks at once", kMaxMine)}));
    }
    push(Mine{count, std::move(done)});
}

void LocalChain::end_mining() {
    mining_ended_ = true;  // needs no wake-up: the chain thread does not sleep while an order is under way
}

void LocalChain::advance_time(std::uint64_t seconds, OnNumber done) {
    push(AdvanceTime{seconds, std::move(done)});
}

Tip LocalChain::tip() const {
    const std::lock_guard lock(view_mutex_);
    return {tip_.height, tip_.hash, tip_.timestamp};
}

std::uint64_t LocalChain::next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const {
    const std::lock_guard lock(view_mutex_);
    return pool_.next_nonce(account, nonce);
}

GasPrice LocalChain::gas_price(std::size_t max) const {
    const std::lock_guard lock(view_mutex_);
    return pool_.gas_price(max);
}

std::size_t LocalChain::mempool_size() const {
    const std::lock_guard lock(view_mutex_);
    return pool_.size();
}

ChainStats LocalChain::stats() const {
    ChainStats out;
    {
        const std::lock_guard lock(view_mutex_);
        out = stats_;
        out.mempool = pool_.size();
    }
    out.verify_waiting = verifier_.waiting();
    out.simulated = simulated_;
    return out;
}

std::optional<Rejection> LocalChain::before_signature(const ledger::Transaction& tx) const {
    if (dead_) return Rejection{Rejection::Kind::failed, kUnwritable};
    PoolFacts facts;
    {
        const std::lock_guard lock(view_mutex_);
        facts = pool_facts(tx, options_, pool_);
    }
    return check_before_signature(tx, options_, facts, *store_.snapshot());
}

std::optional<Rejection> LocalChain::nonce_gap(const ledger::Transaction& tx) const {
    const auto nonce = account_nonce(tx, *store_.snapshot());
    return check_nonce_gap(tx, next_nonce(tx.moonlight()->sender.bytes(), nonce));
}

void LocalChain::push(Command command) {
    {
        const std::lock_guard lock(commands_mutex_);
        if (!stopping_ && commands_.size() < kMaxCommands) {
            commands_.push_back(std::move(command));
            wake_.notify_one();
            return;
        }
    }
    refuse(std::move(command), "the node is stopping or too busy");
}

void LocalChain::refuse(Command command, std::string why) {
    const Rejection rejection{dead_ ? Rejection::Kind::failed : Rejection::Kind::full, std::move(why)};
    std::visit([&](auto& what) { what.done(std::unexpected(rejection)); }, command);
}

void LocalChain::refuse_all() {
    std::deque<Command> left;
    {
        const std::lock_guard lock(commands_mutex_);
        left.swap(commands_);
    }
    for (Command& command : left) refuse(std::move(command), kStopping);
    for (Mine& order : orders_) refuse(std::move(order), kStopping);
    orders_.clear();
}

base::Result<std::unique_ptr<Chain>> Chain::create(store::Store& store, const ledger::Genesis& genesis, Options options,
                                                   base::Clock& clock, base::Log log,
                                                   std::function<void(store::LogBatch)> on_log,
                                                   std::function<void(std::string)> on_fatal) {
    auto chain = std::make_unique<LocalChain>(store, std::move(options), clock, std::move(log), std::move(on_log),
                                              std::move(on_fatal));
    const auto loaded = chain->load(genesis);
    if (!loaded) return std::unexpected(loaded.error());
    return std::unique_ptr<Chain>(std::move(chain));
}

}  // namespace rues::chain
