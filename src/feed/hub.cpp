#include "feed/hub.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "base/encoding.hpp"
#include "feed/loop_feed.hpp"

namespace rues::feed {
namespace {

constexpr std::size_t kMailbox = 4'096;  // requests for sessions of a loop that wait for it
constexpr std::size_t kMaxReports = 1'000;
constexpr std::chrono::seconds kTick{1};

/// Numbers behind the end of the log belong to events that were lost; other events will get them. False when there
/// were any.
bool forget_lost(store::JournaledSession& session, std::uint64_t last_seq) {
    bool is_whole = session.position <= last_seq;
    session.position = std::min(session.position, last_seq);
    for (auto& subscription : session.subscriptions) {
        is_whole &= subscription.from <= last_seq;
        subscription.from = std::min(subscription.from, last_seq);
    }
    return is_whole;
}

/// What an earlier run left, whatever number of loops it had.
base::Result<std::vector<Ended>> read_journals(const std::filesystem::path& folder, std::uint64_t last_seq) {
    std::vector<Ended> out;
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
        if (file.path().extension() != ".sessions") continue;
        auto read = store::SessionJournal::read(file.path());
        if (!read) return std::unexpected(read.error());
        for (auto& session : read->sessions) {
            const bool had_ended = session.ended_unix_ms != 0;
            const bool is_complete = forget_lost(session, last_seq) && read->complete;
            out.push_back({std::move(session), had_ended, is_complete});
        }
    }
    if (error) return base::failure(base::Error::Kind::io, fmt::format("{}: {}", folder.string(), error.message()));
    return out;
}

class LocalHub final : public Hub {
public:
    LocalHub(const store::Store& store, const Options& options, Executors executors, const base::Clock& clock,
             base::Log log)
        : executors_(std::move(executors)),
          cipher_(options.id_key),
          log_(std::move(log)),
          tail_(options.limits.tail_bytes, store.last_seq()),
          shared_{store, executors_, clock, cipher_, log_, tail_, options.hash_key, options.random} {}

    base::Result<void> make_loops(const Options& options) {
        if (options.loops == 0 || options.loops > wire::SessionAddress::kMaxLoops) {
            return base::failure(base::Error::Kind::invalid, fmt::format("{} loops: there are 1 to {}", options.loops,
                                                                         wire::SessionAddress::kMaxLoops));
        }
        std::vector<Ended> left;
        if (!options.journal.empty()) {
            std::error_code error;
            std::filesystem::create_directories(options.journal, error);
            if (error) {
                return base::failure(base::Error::Kind::io,
                                     fmt::format("{}: {}", options.journal.string(), error.message()));
            }
            auto read = read_journals(options.journal, shared_.store.last_seq());
            if (!read) return std::unexpected(read.error());
            left = std::move(*read);
        }
        const std::int64_t now = shared_.clock.unix_time().count();
        for (Ended& ended : left) {
            if (ended.session.ended_unix_ms == 0) ended.session.ended_unix_ms = static_cast<std::uint64_t>(now);
        }
        for (std::size_t i = 0; i < options.loops; ++i) {
            std::unique_ptr<store::SessionJournal> journal;
            if (!options.journal.empty()) {
                std::vector<store::JournaledSession> own;
                for (const Ended& ended : left) {
                    if (cipher_.open(ended.session.id).loop % options.loops == i) own.push_back(ended.session);
                }
                auto made = store::SessionJournal::create(options.journal / fmt::format("{}.sessions", i), own);
                if (!made) return std::unexpected(made.error());
                journal = std::move(*made);
            }
            loops_.push_back(std::make_unique<Loop>(i, shared_, options.limits, std::move(journal)));
        }
        for (Ended& ended : left) loop_of(ended.session.id).feed.remember(std::move(ended));
        if (!options.journal.empty()) remove_others(options.journal);
        return {};
    }

    void start() override {
        for (std::size_t i = 0; i < loops_.size(); ++i) tick_later(i);
    }

    std::optional<wire::SessionId> open(std::size_t loop, Sink& sink, Opening opening) override {
        auto id = loops_[loop]->feed.open(sink, std::move(opening));
        if (id) ++sessions_;
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
        executors_.on_loop(owner.feed.number(), [this, &owner, old, after, loop, done = std::move(done)]() mutable {
            auto restored = owner.feed.take_over(old, after);
            executors_.on_loop(loop, [restored = std::move(restored), done = std::move(done)]() mutable {
                done(std::move(restored));
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
            if (loop.woken.exchange(true)) continue;  // it will see this batch as well
            executors_.on_loop(i, [&loop] {
                loop.woken = false;
                loop.feed.deliver();
            });
        }
    }
    std::pair<wire::Position, bool> resolve(const wire::Position& after) const override {
        const auto [seq, recovered] = feed::resolve(shared_.store, tail_.head(), after);
        return {{shared_.store.epoch(), seq}, recovered};
    }
    void use_limits(const Limits& limits) override {
        for (std::size_t i = 0; i < loops_.size(); ++i)
            executors_.on_loop(i, [&feed = loops_[i]->feed, limits] { feed.use_limits(limits); });
    }
    std::size_t sessions() const noexcept override { return sessions_; }
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
        std::atomic<std::size_t> mailbox{0};
    };

    /// An id of an earlier run may name a loop that is not there any more.
    Loop& loop_of(const wire::SessionId& id) { return *loops_[cipher_.open(id).loop % loops_.size()]; }

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

    /// Journals of loops that are not there any more; what they said is in others.
    void remove_others(const std::filesystem::path& folder) const {
        std::error_code ignored;
        std::vector<std::filesystem::path> others;
        for (const auto& file : std::filesystem::directory_iterator(folder, ignored)) {
            const auto number = base::parse_u64(file.path().stem().string());
            if (file.path().extension() == ".sessions" && (!number || *number >= loops_.size()))
                others.push_back(file.path());
        }
        for (const auto& path : others) std::filesystem::remove(path, ignored);
    }

    const Executors executors_;
    const wire::SessionIdCipher cipher_;
    const base::Log log_;
    Tail tail_;
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
