#include "chain/chain.hpp"

#include <fmt/format.h>

#include "chain/local_chain.hpp"
#include "chain/origin.hpp"
#include "chain/spend_check.hpp"
#include "chain/stored_state.hpp"
#include "phoenix/verification.hpp"
#include "plonk/version.hpp"

namespace rues::chain {
namespace {

Options effective(Options options) {
    if (options.mining == Mining::manual) options.eligible_after = milliseconds(0);
    if (!options.proof_check) {
        options.proof_check = [](std::span<const ledger::Transaction* const> transactions,
                                 const std::optional<base::ByteArray<32>>& seed) {
            return phoenix::verify_proofs(transactions, plonk::Version::v3, seed);  // as the machine's (fork Boreas)
        };
    }
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

std::function<bool()> over(Wanted wanted) {
    return [wanted = std::move(wanted)] { return wanted.is_over(); };
}

}  // namespace

LocalChain::LocalChain(store::Store& store, vm::Machine& machine, Options options, base::Clock& clock, base::Log log,
                       std::function<void(store::LogBatch)> on_log, std::function<void(std::string)> on_fatal)
    : store_(store),
      machine_(machine),
      options_(effective(std::move(options))),
      parameters_{options_.chain_id,      options_.block_time, options_.mining,
                  options_.min_gas_limit, kBlockGasLimit,      options_.phoenix},
      clock_(clock),
      log_(std::move(log)),
      on_log_(std::move(on_log)),
      on_fatal_(std::move(on_fatal)),
      contract_log_(options_.contract_lines ? options_.contract_lines : log_, clock_),
      queries_(machine, options_.queries, lines_of_contracts()),
      prequeue_({options_.future_nonces, options_.future_nonces_per_account}),
      finality_(options_.final_after),
      verifier_(options_.verify_threads, {options_.verify_queue, options_.verify_bytes}, options_.proof_check),
      simulator_(verifier_, [this] { return state(); }, options_.long_work) {}

/// Writes block 0 when the store has no chain; else checks that the stored chain has this genesis.
base::Result<void> LocalChain::begin(const GenesisParts& parts) {
    using base::Error;
    const ledger::Genesis& genesis = parts.genesis;
    if (genesis.stakes.empty())
        return base::failure(Error::Kind::invalid, "the genesis has no stake, so nobody could produce blocks");
    generator_ = genesis.stakes.front().account;
    if (store_.has_chain()) {
        if (auto same = check_origin(store_, origin_of(parts, options_.chain_id, machine_.contract_log())); !same)
            return same;
    }
    if (options_.producer && options_.producer->public_key() != generator_) {
        return base::failure(Error::Kind::invalid,
                             "the producer's key is not the key of the first stake of the genesis");
    }
    const auto ahead = store_.clock_ahead();
    if (!ahead) return std::unexpected(ahead.error());
    ahead_seconds_ = *ahead;
    return {};
}

/// The state of the tip. A store without a chain gets block 0 first.
base::Result<SharedState> LocalChain::load_state(const GenesisParts& parts) {
    if (store_.has_chain()) {
        const auto snapshot = store_.snapshot();
        const auto tip = snapshot->block(snapshot->height());
        if (!tip) return std::unexpected(tip.error());
        if (!*tip) return base::failure(base::Error::Kind::corrupt, "the store has no block at its own height");
        return read_state(machine_, *snapshot, (*tip)->header.state_hash);
    }
    auto state = genesis_state(machine_, parts);
    if (!state) return state;
    const auto header = parts.genesis.header((*state)->root(), now_seconds());
    const auto origin = origin_of(parts, options_.chain_id, machine_.contract_log());
    if (auto done = store_.set_origin(origin); !done) return std::unexpected(done.error());
    if (auto done = store_.commit_genesis(header, memory_of(**state)); !done) return std::unexpected(done.error());
    return state;
}

base::Result<void> LocalChain::load(const GenesisParts& genesis) {
    using base::Error;
    if (const auto begun = begin(genesis); !begun) return begun;
    auto state = load_state(genesis);
    if (!state) return std::unexpected(state.error());
    const auto snapshot = store_.snapshot();
    auto tip = snapshot->block(snapshot->height());
    if (!tip) return std::unexpected(tip.error());
    if (!*tip) return base::failure(Error::Kind::corrupt, "the store has no block at its own height");
    tip_ = (*tip)->header;
    if (const auto loaded = load_finality(*snapshot); !loaded) return loaded;
    state_ = std::make_shared<const TipState>(queries_, std::move(*state),
                                              vm::Environment{options_.chain_id, tip_.height}, tip_.hash);
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

/// False: no block could ever include this transaction of the pool, or the settings no longer admit it.
bool LocalChain::is_current(const ledger::Transaction& tx, const AdmissionState& state) const {
    if (const auto* notes = tx.phoenix()) return options_.phoenix && state.spent_nullifiers(notes->nullifiers).empty();
    const auto& body = *tx.moonlight();
    const auto nonce = account_nonce(tx, state);
    return body.nonce > nonce && body.nonce < pool_.next_nonce(body.sender.bytes(), nonce);
}

/// Restores the stored mempool without a second `included` for its transactions. A transaction whose nonce or nullifier
/// a block has already used is stale, and so is one behind a missing nonce, which no block could ever include. They are
/// written as removed only when the chain starts: no event may be written before that, because `on_log_` must get every
/// event.
base::Result<void> LocalChain::load_pool() {
    const auto state = admission();
    auto pooled = store_.pooled();
    if (!pooled) return std::unexpected(pooled.error());
    const auto now = clock_.steady();
    for (const auto& entry : *pooled) {
        auto tx = ledger::Transaction::decode(entry.raw);
        if (tx && pool_.rivals(*tx).empty()) pool_.insert(std::move(*tx), now - age_of(entry));
    }
    for (const auto& entry : *pooled) {
        if (const auto* there = pool_.find(entry.id); there != nullptr && is_current(there->tx, state)) continue;
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

void LocalChain::preverify(Bytes transaction, OnVerdict done, Wanted wanted) {
    auto is_over = over(std::move(wanted));
    verifier_.add({std::move(transaction), [this](const ledger::Transaction& tx) { return before_signature(tx); },
                   [this, done = std::move(done)](std::expected<Verifier::Checked, Rejection> checked) mutable {
                       auto tx = well_signed(std::move(checked));
                       if (!tx) return done(std::unexpected(std::move(tx.error())));
                       if (auto wrong = after_signature(*tx)) return done(std::unexpected(std::move(*wrong)));
                       if (auto gap = nonce_gap(*tx)) return done(std::unexpected(std::move(*gap)));
                       done(tx->id());
                   },
                   std::move(is_over)});
}

void LocalChain::propagate(Bytes transaction, OnVerdict done, Wanted wanted) {
    auto is_over = over(wanted);
    verifier_.add({std::move(transaction), [this](const ledger::Transaction& tx) { return before_signature(tx); },
                   [this, done = std::move(done), wanted](std::expected<Verifier::Checked, Rejection> checked) mutable {
                       auto tx = well_signed(std::move(checked));
                       if (!tx) return done(std::unexpected(std::move(tx.error())));
                       if (auto wrong = after_signature(*tx)) return done(std::unexpected(std::move(*wrong)));
                       push(Admit{std::move(*tx), std::move(done), std::move(wanted)});
                   },
                   std::move(is_over)});
}

void LocalChain::simulate(Bytes transaction, Traced traced, Wanted wanted, OnSimulated done) {
    simulator_.simulate(std::move(transaction), traced, std::move(wanted), std::move(done));
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

std::shared_ptr<const TipState> LocalChain::state() const {
    const std::lock_guard lock(view_mutex_);
    return state_;
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
    out.simulated = simulator_.count();
    return out;
}

std::optional<Rejection> LocalChain::before_signature(const ledger::Transaction& tx) const {
    if (dead_) return Rejection{Rejection::Kind::failed, kUnwritable};
    PoolFacts facts;
    {
        const std::lock_guard lock(view_mutex_);
        facts = pool_facts(tx, options_, pool_);
    }
    return check_before_signature(tx, options_, facts, admission());
}

std::optional<Rejection> LocalChain::after_signature(const ledger::Transaction& tx) const {
    const auto at = admission();
    const auto least = spend_check(at.tip(), tx, at);
    return least ? std::optional(too_little_gas(tx, *least)) : std::nullopt;
}

std::optional<Rejection> LocalChain::nonce_gap(const ledger::Transaction& tx) const {
    if (tx.moonlight() == nullptr) return std::nullopt;
    for (auto at = state();;) {
        const auto nonce = account_nonce(tx, TipAdmission(at, store_.snapshot()));
        const auto next = next_nonce(tx.moonlight()->sender.bytes(), nonce);
        auto now = state();
        if (now == at) return check_nonce_gap(tx, next);
        at = std::move(now);  // a block came between, and its transactions left the mempool
    }
}

void LocalChain::push(Command command) {
    const std::size_t bytes = bytes_of(command);
    {
        const std::lock_guard lock(commands_mutex_);
        if (!stopping_ && commands_.size() < kMaxCommands && command_bytes_ + bytes <= options_.command_bytes) {
            command_bytes_ += bytes;
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

base::Result<std::unique_ptr<Chain>> Chain::create(store::Store& store, vm::Machine& machine,
                                                   const GenesisParts& genesis, Options options, base::Clock& clock,
                                                   base::Log log, std::function<void(store::LogBatch)> on_log,
                                                   std::function<void(std::string)> on_fatal) {
    auto chain = std::make_unique<LocalChain>(store, machine, std::move(options), clock, std::move(log),
                                              std::move(on_log), std::move(on_fatal));
    const auto loaded = chain->load(genesis);
    if (!loaded) return std::unexpected(loaded.error());
    return std::unique_ptr<Chain>(std::move(chain));
}

}  // namespace rues::chain
