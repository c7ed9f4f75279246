#include "feed/hub.hpp"

#include <atomic>

#include "feed/loop_feed.hpp"

namespace rues::feed {
namespace {

constexpr std::size_t kMailbox = 4'096;  // requests for sessions of a loop that wait for it

class LocalHub final : public Hub {
public:
    LocalHub(const store::Store& store, std::size_t loops, Executors executors, Limits limits,
             const base::ByteArray<16>& id_key, base::Log log)
        : store_(store),
          executors_(std::move(executors)),
          limits_(limits),
          cipher_(id_key),
          log_(std::move(log)),
          tail_(limits.tail_bytes, store.last_seq()) {
        for (std::size_t i = 0; i < loops; ++i) {
            loops_.push_back(std::make_unique<Loop>(i, store_, tail_, executors_, limits_, cipher_, log_));
        }
    }

    std::optional<wire::SessionId> open(std::size_t loop, Sink& sink) override {
        auto id = loops_[loop]->feed.open(sink);
        if (id) ++sessions_;
        return id;
    }
    void writable(std::size_t loop, const wire::SessionId& id) override { loops_[loop]->feed.writable(id); }
    void closed(std::size_t loop, const wire::SessionId& id) override {
        const auto before = loops_[loop]->feed.sessions();
        loops_[loop]->feed.closed(id);
        sessions_ -= before - loops_[loop]->feed.sessions();
    }
    void subscribe(const wire::SessionId& id, wire::Uri uri, OnSubscribed done) override {
        on_owner(id, std::move(uri), std::move(done), &LoopFeed::subscribe);
    }
    void unsubscribe(const wire::SessionId& id, wire::Uri uri, OnSubscribed done) override {
        on_owner(id, std::move(uri), std::move(done), &LoopFeed::unsubscribe);
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
    std::size_t sessions() const noexcept override { return sessions_; }

private:
    struct Loop {
        template <typename... A>
        explicit Loop(A&&... a) : feed(std::forward<A>(a)...) {}
        LoopFeed feed;
        std::atomic<bool> woken{false};
        std::atomic<std::size_t> mailbox{0};
    };

    void on_owner(const wire::SessionId& id, wire::Uri uri, OnSubscribed done,
                  SubscribeResult (LoopFeed::*change)(const wire::SessionId&, const wire::Uri&)) {
        const std::size_t owner = cipher_.open(id).loop;
        const wire::Position nowhere{store_.epoch(), 0};
        if (owner >= loops_.size()) return done(SubscribeResult::unknown_session, nowhere);
        Loop& loop = *loops_[owner];
        if (++loop.mailbox > kMailbox) {
            --loop.mailbox;
            return done(SubscribeResult::busy, nowhere);
        }
        executors_.on_loop(owner, [this, &loop, id, uri = std::move(uri), done = std::move(done), change]() mutable {
            --loop.mailbox;
            const auto result = (loop.feed.*change)(id, uri);
            done(result, {store_.epoch(), tail_.head()});
        });
    }

    const store::Store& store_;
    const Executors executors_;
    const Limits limits_;
    const wire::SessionIdCipher cipher_;
    const base::Log log_;
    Tail tail_;
    std::vector<std::unique_ptr<Loop>> loops_;
    std::atomic<std::size_t> sessions_{0};
};

}  // namespace

std::unique_ptr<Hub> Hub::create(const store::Store& store, std::size_t loops, Executors executors, Limits limits,
                                 const base::ByteArray<16>& id_key, base::Log log) {
    return std::make_unique<LocalHub>(store, loops, std::move(executors), limits, id_key, std::move(log));
}

}  // namespace rues::feed
