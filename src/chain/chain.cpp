#include "chain/chain.hpp"

#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "chain/admission.hpp"
#include "chain/producer.hpp"
#include "chain/verifier.hpp"

namespace rues::chain {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMaxMine = 10'000;
constexpr std::size_t kMaxCommands = 16'384;  // more than the verifier can have under way

/// What the chain thread is asked to do.
struct Admit {
    ledger::Transaction tx;
    OnVerdict done;
};
struct Mine {
    std::uint64_t count;
    std::move_only_function<void(base::Result<std::uint64_t>)> done;
};

/// Lock order: `commands_mutex_` and `view_mutex_` are never held together; neither is held across I/O or a callback.
class LocalChain final : public Chain {
public:
    LocalChain(store::Store& store, Options options, base::Clock& clock, base::Log log,
               std::function<void(store::LogBatch)> on_log, std::function<void(std::string)> on_fatal)
        : store_(store),
          options_(std::move(options)),
          clock_(clock),
          log_(std::move(log)),
          on_log_(std::move(on_log)),
          on_fatal_(std::move(on_fatal)),
          rules_{options_.chain_id, options_.min_gas_limit, options_.mempool_capacity},
          verifier_(options_.verify_threads, options_.verify_queue) {
        if (options_.mining == Mining::manual) options_.eligible_after = milliseconds(0);
    }
    ~LocalChain() override { stop(); }

    base::Result<void> load(const ledger::Genesis& genesis);

    void start() override {
        thread_ = std::jthread([this] { run(); });
    }
    void stop() override {
        verifier_.stop();  // its jobs end first: they may still hand transactions over
        {
            const std::lock_guard lock(commands_mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        if (thread_.joinable()) thread_.join();
        refuse_all();
    }

    void preverify(Bytes transaction, OnVerdict done) override {
        verifier_.add({std::move(transaction), before_signature(),
                       [this, done = std::move(done)](std::expected<ledger::Transaction, Rejection> tx) mutable {
                           if (!tx) return done(std::unexpected(std::move(tx.error())));
                           if (auto gap = nonce_gap(*tx)) return done(std::unexpected(std::move(*gap)));
                           done(tx->id());
                       }});
    }
    void propagate(Bytes transaction, OnVerdict done) override {
        verifier_.add({std::move(transaction), before_signature(),
                       [this, done = std::move(done)](std::expected<ledger::Transaction, Rejection> tx) mutable {
                           if (!tx) return done(std::unexpected(std::move(tx.error())));
                           push(Admit{std::move(*tx), std::move(done)});
                       }});
    }
    void mine(std::uint64_t count, std::move_only_function<void(base::Result<std::uint64_t>)> done) override {
        if (count > kMaxMine) {
            return done(base::failure(base::Error::Kind::invalid, fmt::format("at most {} blocks at once", kMaxMine)));
        }
        push(Mine{count, std::move(done)});
    }
    std::uint64_t advance_time(std::uint64_t seconds) override {
        ahead_seconds_ += seconds;
        return std::max(tip().timestamp, now_seconds());
    }

    Tip tip() const override {
        const std::lock_guard lock(view_mutex_);
        return {tip_.height, tip_.hash, tip_.timestamp};
    }
    std::uint64_t next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const override {
        const std::lock_guard lock(view_mutex_);
        return pool_.next_nonce(account, nonce);
    }
    GasPrice gas_price(std::size_t max) const override {
        const std::lock_guard lock(view_mutex_);
        return pool_.gas_price(max);
    }
    std::size_t mempool_size() const override {
        const std::lock_guard lock(view_mutex_);
        return pool_.size();
    }
    const Options& options() const noexcept override { return options_; }

private:
    using Command = std::variant<Admit, Mine>;

    std::function<std::optional<Rejection>(const ledger::Transaction&)> before_signature() {
        return [this](const ledger::Transaction& tx) -> std::optional<Rejection> {
            if (dead_) return Rejection{Rejection::Kind::failed, "the store cannot be written"};
            const auto state = store_.snapshot();
            const std::lock_guard lock(view_mutex_);
            return check_before_signature(tx, rules_, pool_, *state);
        };
    }
    std::optional<Rejection> nonce_gap(const ledger::Transaction& tx) {
        const auto state = store_.snapshot();
        const std::lock_guard lock(view_mutex_);
        return check_nonce_gap(tx, pool_, *state);
    }

    void push(Command command) {
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
    void refuse(Command command, std::string why) {
        if (auto* admit = std::get_if<Admit>(&command)) {
            const auto kind = dead_ ? Rejection::Kind::failed : Rejection::Kind::full;
            return admit->done(std::unexpected(Rejection{kind, std::move(why)}));
        }
        std::get<Mine>(command).done(base::failure(base::Error::Kind::io, std::move(why)));
    }
    void refuse_all() {
        std::deque<Command> left;
        {
            const std::lock_guard lock(commands_mutex_);
            left.swap(commands_);
        }
        for (Command& command : left) refuse(std::move(command), "the node is stopping");
    }

    // --- chain thread only ---
    void run();
    void handle(std::deque<Command> commands);
    void admit(std::vector<Admit> waiting);
    void remove_from_pool(const std::vector<ledger::TxId>& ids, std::vector<ledger::TxId>& removed,
                          std::vector<ledger::Event>& events);
    void expire();
    bool seal_one();
    bool due(Clock::time_point now);
    Clock::time_point next_wake(Clock::time_point now) const;
    void fail(const base::Error& error);
    void published(store::LogBatch batch) {
        if (batch && !batch->empty()) on_log_(std::move(batch));
    }
    std::uint64_t now_ms() const {
        return static_cast<std::uint64_t>(clock_.unix_time().count()) + ahead_seconds_.load() * 1000;
    }
    std::uint64_t now_seconds() const { return now_ms() / 1000; }
    std::uint64_t eligible_until() const {
        const auto now = static_cast<std::uint64_t>(clock_.unix_time().count());
        const auto wait = static_cast<std::uint64_t>(options_.eligible_after.count());
        return now > wait ? now - wait : 0;
    }

    store::Store& store_;
    Options options_;
    base::Clock& clock_;
    base::Log log_;
    std::function<void(store::LogBatch)> on_log_;
    std::function<void(std::string)> on_fatal_;
    const AdmissionRules rules_;
    crypto::PublicKey generator_;
    ledger::StateCommitment commitment_;  // chain thread
    Clock::time_point last_seal_{};       // chain thread
    Clock::time_point last_expiry_{};     // chain thread
    bool finality_owed_ = false;  // chain thread: instant mode seals one empty block after one with transactions
    std::atomic<std::uint64_t> ahead_seconds_{0};
    std::atomic<bool> dead_{false};

    mutable std::mutex view_mutex_;
    Mempool pool_;        // changed only by the chain thread
    ledger::Header tip_;  // changed only by the chain thread

    std::mutex commands_mutex_;
    std::condition_variable wake_;
    std::deque<Command> commands_;
    bool stopping_ = false;
    std::jthread thread_;
    Verifier verifier_;
};

base::Result<void> LocalChain::load(const ledger::Genesis& genesis) {
    using base::Error;
    if (genesis.stakes.empty())
        return base::failure(Error::Kind::invalid, "the genesis has no stake, so nobody could produce blocks");
    generator_ = genesis.stakes.front().account;
    if (options_.producer && options_.producer->public_key() != generator_) {
        return base::failure(Error::Kind::invalid, "the producer's key is not that of the genesis' first stake");
    }
    if (!store_.has_chain()) {
        const auto state = genesis.state();
        if (!state) return base::failure(Error::Kind::invalid, state.error());
        ledger::StateCommitment commitment;
        for (const auto& [key, account] : state->accounts)
            commitment.add(ledger::state_key('a', key), ledger::encode(account));
        for (const auto& [key, stake] : state->stakes)
            commitment.add(ledger::state_key('s', key), ledger::encode(*stake));
        for (const auto& [id, balance] : state->contract_balances) {
            commitment.add(ledger::state_key('c', id), ledger::encode_balance(balance));
        }
        const auto done = store_.commit_genesis(genesis.header(commitment.hash(), now_seconds()), *state, commitment);
        if (!done) return done;
    }
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
        return base::failure(Error::Kind::corrupt, "the stored commitment is not that of the tip's state");
    }

    auto pooled = store_.pooled();
    if (!pooled) return std::unexpected(pooled.error());
    store::MempoolCommit stale;
    for (const auto& entry : *pooled) {
        auto tx = ledger::Transaction::decode(entry.raw);
        const bool good = tx && tx->moonlight() != nullptr &&
                          tx->moonlight()->nonce >
                              snapshot->account(tx->moonlight()->sender.bytes()).value_or(ledger::Account{}).nonce;
        if (good) {
            pool_.insert(std::move(*tx), entry.entered_unix_ms);
        } else {
            stale.removed.push_back(entry.id);
            stale.events.push_back(ledger::transaction_removed(entry.id, tip_.height));
        }
    }
    if (!stale.removed.empty()) {
        const auto done = store_.commit_mempool(stale);
        if (!done) return std::unexpected(done.error());
    }
    last_seal_ = last_expiry_ = clock_.steady();
    return {};
}

void LocalChain::run() {
    while (true) {
        std::deque<Command> commands;
        {
            std::unique_lock lock(commands_mutex_);
            const auto now = clock_.steady();
            const auto until = next_wake(now);
            if (until > now) wake_.wait_for(lock, until - now, [&] { return stopping_ || !commands_.empty(); });
            if (stopping_) return;
            commands.swap(commands_);
        }
        handle(std::move(commands));
        if (dead_) continue;
        if (due(clock_.steady())) seal_one();
        expire();
    }
}

Clock::time_point LocalChain::next_wake(Clock::time_point now) const {
    constexpr auto kIdle = std::chrono::seconds(60);
    if (dead_ || options_.mining == Mining::manual) return now + kIdle;
    const auto by_time = last_seal_ + options_.block_time;
    if (options_.mining == Mining::interval) return by_time;
    auto out = finality_owed_ ? by_time : now + kIdle;
    const auto first = pool_.first_entered();  // the pool is changed by this thread only
    if (first) {
        const auto until = eligible_until();
        out = std::min(out, *first <= until ? now : now + milliseconds(*first - until));
    }
    return out;
}

bool LocalChain::due(Clock::time_point now) {
    switch (options_.mining) {
    case Mining::manual:
        return false;
    case Mining::interval:
        return now >= last_seal_ + options_.block_time;
    case Mining::instant:
        break;
    }
    const auto first = pool_.first_entered();
    return (first && *first <= eligible_until()) || (finality_owed_ && now >= last_seal_ + options_.block_time);
}

void LocalChain::handle(std::deque<Command> commands) {
    std::vector<Admit> waiting;
    for (Command& command : commands) {
        if (auto* one = std::get_if<Admit>(&command)) {
            waiting.push_back(std::move(*one));
            continue;
        }
        admit(std::exchange(waiting, {}));
        auto& mine = std::get<Mine>(command);
        bool good = true;
        for (auto left = mine.count; left > 0 && good; --left) good = seal_one();
        if (good) {
            mine.done(tip_.height);
        } else {
            mine.done(base::failure(base::Error::Kind::io, "the store cannot be written"));
        }
    }
    admit(std::move(waiting));
}

/// Entries leave the pool before the commit that says so: should it fail, nothing is served from this pool any more.
void LocalChain::remove_from_pool(const std::vector<ledger::TxId>& ids, std::vector<ledger::TxId>& removed,
                                  std::vector<ledger::Event>& events) {
    for (const auto& id : ids) {
        removed.push_back(id);
        events.push_back(ledger::transaction_removed(id, tip_.height));
        const std::lock_guard lock(view_mutex_);
        pool_.erase(id);
    }
}

/// One commit for all that wait. The pool may have changed since they were checked, so the checks that depend on it run
/// again; each sees the ones before it.
void LocalChain::admit(std::vector<Admit> waiting) {
    if (waiting.empty()) return;
    const auto state = store_.snapshot();
    const auto now = static_cast<std::uint64_t>(clock_.unix_time().count());
    store::MempoolCommit commit;
    std::vector<std::pair<OnVerdict, ledger::TxId>> admitted;
    for (Admit& one : waiting) {
        auto problem = dead_ ? std::optional(Rejection{Rejection::Kind::failed, "the store cannot be written"})
                             : check_before_signature(one.tx, rules_, pool_, *state);
        if (!problem) problem = check_nonce_gap(one.tx, pool_, *state);
        if (problem) {
            one.done(std::unexpected(std::move(*problem)));
            continue;
        }
        const auto& body = *one.tx.moonlight();
        std::vector<ledger::TxId> replaced;
        std::vector<ledger::TxId> evicted;
        if (const auto* same = pool_.find(body.sender.bytes(), body.nonce)) {
            replaced.push_back(same->tx.id());
        } else if (pool_.size() >= rules_.mempool_capacity) {
            evicted = pool_.cascade(pool_.ranks().rbegin()->id);
            // Without its predecessor it would wait for ever, so it is the one that finds no room.
            const auto& last = *pool_.find(evicted.back())->tx.moonlight();
            if (last.sender == body.sender && last.nonce + 1 == body.nonce) {
                one.done(std::unexpected(mempool_full(one.tx, rules_)));
                continue;
            }
        }
        remove_from_pool(replaced, commit.removed, commit.events);
        commit.events.push_back(ledger::transaction_included(one.tx, tip_.height));
        commit.added.push_back({one.tx.id(), one.tx.encode(ledger::Envelope::boreas), now});
        remove_from_pool(evicted, commit.removed, commit.events);
        admitted.emplace_back(std::move(one.done), one.tx.id());
        const std::lock_guard lock(view_mutex_);
        pool_.insert(std::move(one.tx), now);
    }
    if (admitted.empty()) return;
    // The store writes what is added before it deletes what is removed. One transaction may be both here, in either
    // order, so each list keeps only what the pool ended with.
    std::erase_if(commit.added, [&](const auto& one) { return pool_.find(one.id) == nullptr; });
    std::erase_if(commit.removed, [&](const auto& id) { return pool_.find(id) != nullptr; });
    auto batch = store_.commit_mempool(commit);
    if (!batch) {
        fail(batch.error());
        for (auto& [done, id] : admitted)
            done(std::unexpected(Rejection{Rejection::Kind::failed, "the store cannot be written"}));
        return;
    }
    published(std::move(*batch));
    for (auto& [done, id] : admitted) done(id);
}

bool LocalChain::seal_one() {
    if (dead_) return false;
    const auto snapshot = store_.snapshot();
    const auto step =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(options_.block_time).count());
    const auto earliest = tip_.timestamp + (options_.mining == Mining::interval ? step : 0);
    Sealed sealed = seal({*snapshot, commitment_, tip_, pool_, pool_.eligible(eligible_until()),
                          std::max(earliest, now_seconds()), options_, generator_});
    sealed.commit.block = &sealed.block;
    if (snapshot->failed()) {
        fail({base::Error::Kind::io, "state could not be read"});
        return false;
    }
    auto batch = store_.commit_block(sealed.commit);
    if (!batch) {
        fail(batch.error());
        return false;
    }
    commitment_ = sealed.commit.commitment;
    {
        const std::lock_guard lock(view_mutex_);
        for (const auto& id : sealed.commit.unpooled) pool_.erase(id);
        tip_ = sealed.block.header;
    }
    last_seal_ = clock_.steady();
    finality_owed_ = !sealed.block.transactions.empty();
    log_(base::LogLevel::debug,
         fmt::format("block {} with {} transactions", tip_.height, sealed.block.transactions.size()));
    published(std::move(*batch));
    return true;
}

void LocalChain::expire() {
    constexpr auto kEvery = std::chrono::hours(1);
    const auto now = clock_.steady();
    if (now < last_expiry_ + kEvery) return;
    last_expiry_ = now;
    const auto unix_now = static_cast<std::uint64_t>(clock_.unix_time().count());
    const auto age = static_cast<std::uint64_t>(options_.mempool_expiry.count());
    store::MempoolCommit commit;
    for (const auto& old : pool_.older_than(unix_now > age ? unix_now - age : 0)) {
        remove_from_pool(pool_.cascade(old), commit.removed, commit.events);
    }
    if (commit.removed.empty()) return;
    auto batch = store_.commit_mempool(commit);
    if (!batch) return fail(batch.error());
    published(std::move(*batch));
}

void LocalChain::fail(const base::Error& error) {
    if (dead_.exchange(true)) return;
    log_(base::LogLevel::error, "the chain stopped: " + error.text);
    on_fatal_(error.text);
}

}  // namespace

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
