#include "feed/hub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "feed/loop_feed.hpp"

namespace rues::feed {
namespace {

constexpr std::size_t kMailbox = 4'096;  // requests that may wait for one loop
constexpr std::size_t kMaxReports = 1'000;
constexpr std::chrono::seconds kTick{1};

/// A sequence number beyond the end of the log belongs to a lost event, and a new event will get the same number. Cuts
/// such numbers down to `last_seq`. False: the session had some.
bool forget_lost(store::JournaledSession& session, std::uint64_t last_seq) {
    bool is_whole = session.position.value_or(0) <= last_seq;
    if (!is_whole) session.position = last_seq;
    for (auto& subscription : session.subscriptions) {
        is_whole &= subscription.from <= last_seq;
        subscription.from = std::min(subscription.from, last_seq);
    }
    return is_whole;
}

class LocalHub final : public Hub {
public:
    LocalHub(const store::Store& store, const Options& options, Executors executors, const base::Clock& clock,
             base::Log log)
        : executors_(std::move(executors)),
          cipher_(options.id_key),
          log_(std::move(log)),
          tail_(options.limits.tail_bytes, store.last_seq()),
          ended_(options.loops),
          decoded_(options.decoder, options.limits.decoded_bytes, clock, decoders(),
                   [this](std::size_t loop) { tell_decoded(loop); }),
          shared_{store, executors_, clock, cipher_, log_, tail_, ended_, decoded_, options.hash_key, options.random} {}

    base::Result<void> make_loops(const Options& options) {
        if (options.loops == 0 || options.loops > wire::SessionAddress::kMaxLoops) {
            return base::failure(base::Error::Kind::invalid, fmt::format("{} loops: expected 1 to {}", options.loops,
                                                                         wire::SessionAddress::kMaxLoops));
        }
        for (std::size_t i = 0; i < options.loops; ++i)
            loops_.push_back(std::make_unique<Loop>(i, shared_, options.limits));
        share_limits(options.limits);
        return options.journal.empty() ? base::Result<void>{} : begin_journals(options);
    }

    void start() override {
        for (std::size_t i = 0; i < loops_.size(); ++i) tick_later(i);
    }

    std::optional<wire::SessionId> open(std::size_t loop, Sink& sink, Opening opening) override {
        const auto old = opening.restored ? opening.restored->old : std::nullopt;
        auto id = loops_[loop]->feed.open(sink, std::move(opening));
        if (id) ++sessions_;
        if (id && old) {
            for (const auto& other : ended_.continued(*old, *id)) {
                Loop& owner = loop_of(other);
                executors_.on_loop(owner.feed.number(), [&owner, other] { owner.feed.supersede(other); });
            }
        }
        return id;
    }
    void writable(std::size_t loop, const wire::SessionId& id) override { loops_[loop]->feed.writable(id); }
    void closed(std::size_t loop, const wire::SessionId& id, bool for_good) override {
        const auto before = loops_[loop]->feed.sessions();
        loops_[loop]->feed.closed(id, for_good);
        sessions_ -= before - loops_[loop]->feed.sessions();
    }
    void drain(std::size_t loop, const wire::SessionId& id) override { loops_[loop]->feed.drain(id); }

    void subscribe(const wire::SessionId& id, wire::Uri uri, SubscribeOptions options, OnSubscribed done) override {
        on_owner(id, std::move(done),
                 [id, uri = std::move(uri), options](LoopFeed& feed) { return feed.subscribe(id, uri, options); });
    }
    void unsubscribe(const wire::SessionId& id, wire::Uri uri, OnSubscribed done) override {
        on_owner(id, std::move(done), [id, uri = std::move(uri)](LoopFeed& feed) { return feed.unsubscribe(id, uri); });
    }
    Subscribed subscribe_here(std::size_t loop, const wire::SessionId& id, const wire::Uri& uri,
                              const SubscribeOptions& options) override {
        return loops_[loop]->feed.subscribe(id, uri, options);
    }
    Subscribed unsubscribe_here(std::size_t loop, const wire::SessionId& id, const wire::Uri& uri) override {
        return loops_[loop]->feed.unsubscribe(id, uri);
    }
    void take_over(const wire::SessionId& old, std::optional<wire::Position> after, std::size_t loop,
                   std::move_only_function<void(Restored)> done) override {
        Loop& owner = loop_of(old);
        executors_.run_in_turn(owner.feed.number(), [this, &owner, old, after, loop, done = std::move(done)]() mutable {
            owner.feed.take_over(old, after, [this, loop, done = std::move(done)](Restored restored) mutable {
                executors_.run_in_turn(loop,
                                       [this, loop, restored = std::move(restored), done = std::move(done)]() mutable {
                                           loops_[loop]->feed.make_room(std::move(restored), std::move(done));
                                       });
            });
        });
    }
    void find(const wire::SessionId& id, std::size_t loop,
              std::move_only_function<void(std::optional<bool>)> done) override {
        Loop& owner = loop_of(id);
        if (++owner.mailbox > kMailbox) {
            --owner.mailbox;
            return executors_.on_loop(loop, [done = std::move(done)]() mutable { done(std::nullopt); });
        }
        executors_.on_loop(owner.feed.number(), [this, &owner, id, loop, done = std::move(done)]() mutable {
            --owner.mailbox;
            executors_.on_loop(loop,
                               [is_open = owner.feed.is_open(id), done = std::move(done)]() mutable { done(is_open); });
        });
    }
    void appended(store::LogBatch batch) override {
        tail_.append(std::move(batch));
        for (std::size_t i = 0; i < loops_.size(); ++i) {
            Loop& loop = *loops_[i];
            if (loop.woken.exchange(true)) continue;  // the wake-up that is under way delivers this batch too
            executors_.on_loop(i, [&loop] {
                loop.woken = false;
                loop.feed.deliver();
            });
        }
    }
    base::Bytes decoded(const store::LogRecord& record) override {
        return is_decodable(record) ? *decoded_.decode_now(record) : base::to_bytes(record.message);
    }
    void driver_changed() override { decoded_.forget(); }
    std::pair<std::uint64_t, std::shared_ptr<const store::TakenBack>> settled(wire::Finality finality) const override {
        const auto* const fates = shared_.store.fates();
        if (fates == nullptr || finality == wire::Finality::accepted) return {tail_.head(), nullptr};
        const std::uint64_t decided = fates->decided(finality);
        return {std::min(decided, tail_.head()), fates->taken_back()};
    }
    std::pair<wire::Position, bool> resolve(const wire::Position& after) const override {
        const auto [seq, recovered] = feed::resolve(shared_.store, tail_.head(), after);
        return {{shared_.store.epoch(), seq}, recovered};
    }
    void use_limits(const Limits& limits) override {
        share_limits(limits);
        for (std::size_t i = 0; i < loops_.size(); ++i)
            executors_.on_loop(i, [&feed = loops_[i]->feed, limits] { feed.use_limits(limits); });
    }
    std::size_t sessions() const noexcept override { return sessions_; }
    MemoryUse memory() const override {
        return {{tail_.bytes(), tail_.max_bytes()},
                {decoded_.kept_bytes(), decoded_.max_bytes()},
                {ended_.bytes(), ended_.max_bytes()}};
    }
    const ClosingCounts& closings() const noexcept override { return *shared_.closings; }
    void list(std::move_only_function<void(std::vector<Report>)> done) override { list_from(0, {}, std::move(done)); }
    void inspect(base::Bytes first_bytes, std::move_only_function<void(std::optional<Report>)> done) override {
        inspect_from(0, std::move(first_bytes), std::move(done));
    }

private:
    struct Loop {
        template <typename... A>
        explicit Loop(A&&... a) : feed(std::forward<A>(a)...) {}
        LoopFeed feed;
        std::atomic<bool> woken{false};
        std::atomic<bool> told{false};
        std::atomic<std::size_t> mailbox{0};
    };

    /// An id of an earlier run may name a loop that this run does not have: hence the remainder.
    Loop& loop_of(const wire::SessionId& id) { return *loops_[cipher_.open(id).loop % loops_.size()]; }

    DecodedEvents::Pool decoders() const {
        return [this](std::move_only_function<void()> task) {
            return (executors_.on_decoders ? executors_.on_decoders : executors_.on_pool)(std::move(task));
        };
    }
    /// The decoding of an event has ended for which this loop waits. One task that waits to run stands for all of them.
    void tell_decoded(std::size_t number) {
        Loop& loop = *loops_[number];
        if (loop.told.exchange(true)) return;
        executors_.on_loop(number, [&loop] {
            loop.told = false;
            loop.feed.decoded();
        });
    }

    template <typename Change>
    void on_owner(const wire::SessionId& id, OnSubscribed done, Change change) {
        Loop& loop = loop_of(id);
        if (++loop.mailbox > kMailbox) {
            --loop.mailbox;
            return done({SubscribeResult::busy});
        }
        executors_.on_loop(loop.feed.number(), [&loop, done = std::move(done), change = std::move(change)]() mutable {
            --loop.mailbox;
            done(change(loop.feed));
        });
    }

    void tick_later(std::size_t loop) {
        executors_.after(loop, kTick, [this, loop] {
            loops_[loop]->feed.tick();
            tick_later(loop);
        });
    }

    void list_from(std::size_t loop, std::vector<Report> so_far,
                   std::move_only_function<void(std::vector<Report>)> done) {
        executors_.on_loop(loop, [this, loop, so_far = std::move(so_far), done = std::move(done)]() mutable {
            for (auto& report : loops_[loop]->feed.list(kMaxReports)) so_far.push_back(std::move(report));
            std::ranges::stable_sort(so_far, std::ranges::greater(), &Report::lag);
            if (so_far.size() > kMaxReports) so_far.resize(kMaxReports);
            if (loop + 1 == loops_.size()) return done(std::move(so_far));
            list_from(loop + 1, std::move(so_far), std::move(done));
        });
    }

    void inspect_from(std::size_t loop, base::Bytes first_bytes,
                      std::move_only_function<void(std::optional<Report>)> done) {
        executors_.on_loop(loop, [this, loop, first_bytes = std::move(first_bytes), done = std::move(done)]() mutable {
            auto report = loops_[loop]->feed.inspect(first_bytes);
            if (report || loop + 1 == loops_.size()) return done(std::move(report));
            inspect_from(loop + 1, std::move(first_bytes), std::move(done));
        });
    }

    void share_limits(const Limits& limits) {
        ended_.use_limits(limits.max_sessions_per_loop * loops_.size(), limits.resume_bytes);
    }

    /// Reads the journals of an earlier run, whatever its number of loops, and creates new journals with the same
    /// content.
    base::Result<void> begin_journals(const Options& options) {
        const auto& folder = options.journal;
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error) return base::failure(base::Error::Kind::io, fmt::format("{}: {}", folder.string(), error.message()));
        auto read = store::SessionJournal::read(folder, options.hash_key);
        if (!read) return std::unexpected(read.error());
        for (auto& session : read->sessions) {
            const bool is_whole = forget_lost(session, shared_.store.last_seq());
            session.complete = session.complete && is_whole && read->complete;
        }
        remember(std::move(read->sessions), options.limits.resume_time);
        std::vector<std::filesystem::path> files;
        for (const auto& loop : loops_) {
            if (const auto begun = loop->feed.begin_journal(folder, read->next); !begun) return begun;
            std::ranges::copy(loop->feed.journal_files(), std::back_inserter(files));
        }
        std::vector<std::filesystem::path> others;
        for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
            if (file.path().extension() == ".sessions" && std::ranges::count(files, file.path()) == 0)
                others.push_back(file.path());
        }
        for (const auto& path : others) std::filesystem::remove(path, error);
        return {};
    }

    /// Keeps the sessions of an earlier run for resuming. A session that was open when the server was killed counts as
    /// ended now: its client could not resume it before. The age of a session that ended in another boot of the machine
    /// is unknown; it counts from now too.
    void remember(std::vector<store::JournaledSession> sessions, std::chrono::milliseconds resume_time) {
        const auto now = shared_.clock.steady();
        for (auto& session : sessions)
            session.ended_ms = std::min(session.ended_ms.value_or(UINT64_MAX), steady_ms(now));
        std::ranges::stable_sort(sessions, {}, [](const auto& session) { return *session.ended_ms; });
        for (auto& session : sessions) {
            const std::chrono::milliseconds age(steady_ms(now) - *session.ended_ms);
            if (age >= resume_time) continue;
            const std::size_t owner = loop_of(session.id).feed.number();
            ended_.add(std::move(session), owner, now + (resume_time - age));
        }
    }

    const Executors executors_;
    const wire::SessionIdCipher cipher_;
    const base::Log log_;
    Tail tail_;
    EndedSessions ended_;
    DecodedEvents decoded_;
    const Shared shared_;
    std::vector<std::unique_ptr<Loop>> loops_;
    std::atomic<std::size_t> sessions_{0};
};

}  // namespace

std::size_t bytes_of(const wire::Uri& uri) {
    return uri.to_string().size();
}

base::Result<std::unique_ptr<Hub>> Hub::create(const store::Store& store, const Options& options, Executors executors,
                                               const base::Clock& clock, base::Log log) {
    auto out = std::make_unique<LocalHub>(store, options, std::move(executors), clock, std::move(log));
    if (const auto made = out->make_loops(options); !made) return std::unexpected(made.error());
    return std::unique_ptr<Hub>(std::move(out));
}

}  // namespace rues::feed
