#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <set>

#include "base/encoding.hpp"
#include "feed/hub.hpp"
#include "wire/frame.hpp"

namespace rues::feed::test {

inline constexpr std::uint64_t kEpoch = 0x1122334455667788;

inline wire::Uri uri(wire::Component component, std::optional<std::string> entity, std::string topic) {
    return {component, std::move(entity), std::move(topic)};
}

/// The message that the store would make of an event at `at` (which has an entity).
inline base::Bytes message(std::uint64_t seq, const wire::Uri& at, std::size_t payload = 3) {
    wire::EventEnvelope envelope;
    envelope.content_location = at.location();
    envelope.position = {kEpoch, seq};
    if (at.component == wire::Component::contracts) envelope.content_type = "application/octet-stream";
    return wire::encode_event_message(envelope, base::Bytes(payload, std::byte{0x2a}));
}

/// A store that has only an event log. Any thread.
class LogOnly final : public store::Store {
public:
    /// What the events have to do with a block: `tie` and `reached` of a filter.
    struct Tied {
        store::Tie tie = store::Tie::none;
        wire::Finality reached = wire::Finality::accepted;
    };
    store::LogBatch append(const std::vector<wire::Uri>& events, std::size_t payload = 3,
                           const std::vector<Tied>& ties = {}) {
        const std::lock_guard lock(mutex_);
        auto made = std::make_shared<store::LogRecords>();
        for (std::size_t i = 0; i < events.size(); ++i) {
            const auto& at = events[i];
            ties_.push_back(i < ties.size() ? ties[i] : Tied{});
            uris_.push_back(at);
            messages_.push_back(message(uris_.size(), at, payload));
            made->add(record(uris_.size()));
        }
        return made;
    }
    wire::Uri uri_at(std::uint64_t seq) const {
        const std::lock_guard lock(mutex_);
        return uris_[seq - 1];
    }
    void fail_reads() { failing_ = true; }
    /// Removes the records after `last`, as a power cut does.
    void lose_after(std::uint64_t last) {
        const std::lock_guard lock(mutex_);
        uris_.resize(last);
        ties_.resize(last);
        messages_.resize(last);
    }
    /// Drops all records before `first`.
    void forget_before(std::uint64_t first) { first_ = first; }
    /// From now on look-ups that must not wait find nothing in memory.
    void make_cold() { cold_ = true; }
    /// From now on a read returns all records, also those that the reader did not ask for.
    void ignore_filters() { ignores_filters_ = true; }

    std::uint64_t epoch() const noexcept override { return kEpoch; }
    std::uint64_t last_seq() const noexcept override {
        const std::lock_guard lock(mutex_);
        return uris_.size();
    }
    std::uint64_t first_seq() const noexcept override { return first_; }
    const store::Fates* fates() const noexcept override { return has_fates ? &block_fates : nullptr; }
    bool has_fates = false;    ///< blocks become final only as `block_fates` says
    store::Fates block_fates;  ///< a test that appends blocks keeps it as a store does
    /// Reads of the log so far.
    std::size_t scans() const {
        const std::lock_guard lock(mutex_);
        return scans_;
    }
    base::Result<Scan> scan_log(std::uint64_t from, std::uint64_t to, ScanLimits limits,
                                const std::function<bool(const store::LogRecord&)>& want) const override {
        if (failing_) return base::failure(base::Error::Kind::io, "the disk failed");
        if (from < first_) return base::failure(base::Error::Kind::not_found, "cut off");
        const std::lock_guard lock(mutex_);
        ++scans_;
        Scan out;
        std::size_t scanned = 0;
        for (out.next = std::max<std::uint64_t>(from, 1); out.next <= std::min<std::uint64_t>(to, uris_.size());
             ++out.next) {
            if (out.records.size() >= std::max<std::size_t>(limits.kept_records, 1)) break;
            const auto one = record(out.next);
            if (scanned > 0 && scanned + one.message.size() > limits.scanned_bytes) break;
            scanned += one.message.size();
            if (!ignores_filters_ && !want(one)) continue;
            if (!out.records.empty() && out.records.message_bytes() + one.message.size() > limits.kept_bytes) break;
            out.records.add(one);
        }
        return out;
    }
    base::Result<std::vector<std::uint64_t>> past_events(const store::EventFilter& of, std::size_t most,
                                                         Reads reads) const override {
        if (cold_ && reads == Reads::memory) return base::failure(base::Error::Kind::would_block, "cold");
        if (failing_) return base::failure(base::Error::Kind::io, "the disk failed");
        const std::lock_guard lock(mutex_);
        std::vector<std::uint64_t> out;
        for (std::uint64_t seq = first_; seq <= uris_.size() && out.size() < most; ++seq) {
            const auto filter = record(seq).filter;
            if (filter.tie == store::Tie::retraction) continue;
            if (filter.component == of.component && filter.topic == of.topic && filter.entity == of.entity)
                out.push_back(seq);
        }
        return out;
    }

    bool has_chain() const override { return true; }
    base::Result<void> commit_genesis(const ledger::Header&, const store::MemoryChanges&) override { return unused(); }
    base::Result<store::LogBatch> commit_block(const store::BlockCommit&) override { return unused(); }
    base::Result<store::LogBatch> commit_mempool(const store::MempoolCommit&) override { return unused(); }
    std::unique_ptr<store::Snapshot> snapshot() const override { return nullptr; }
    base::Result<std::vector<store::PooledTransaction>> pooled() const override { return unused(); }

private:
    static std::unexpected<base::Error> unused() {
        return base::failure(base::Error::Kind::invalid, "the feed does not use this");
    }
    store::LogRecord record(std::uint64_t seq) const {
        const wire::Uri& at = uris_[seq - 1];
        const Tied& tied = ties_[seq - 1];
        const store::EventFilter filter{
            at.component, wire::text_hash(at.topic), wire::text_hash(*at.entity), 0, tied.tie, tied.reached};
        return {seq, filter, messages_[seq - 1]};
    }

    mutable std::mutex mutex_;
    mutable std::size_t scans_ = 0;
    std::vector<wire::Uri> uris_;
    std::vector<Tied> ties_;
    std::deque<base::Bytes> messages_;
    std::atomic<std::uint64_t> first_ = 1;
    std::atomic<bool> failing_ = false;
    bool cold_ = false;
    bool ignores_filters_ = false;
};

/// A socket with a bounded kernel buffer: it takes `room` bytes, then nothing until the test makes room.
class Socket final : public Sink {
public:
    static constexpr std::size_t kUnlimited = SIZE_MAX;

    Socket() : lane_(static_cast<std::uint32_t>(lanes().size())) { lanes().push_back(this); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() override { lanes()[lane_] = nullptr; }

    base::Client* client() const noexcept override { return account.get(); }
    std::uint32_t lane() override { return lane_; }
    void use_lane(bool use) override {
        EXPECT_NE(uses_lane, use);
        uses_lane = use;
    }
    void stopped_in_lane() override { EXPECT_TRUE(std::exchange(is_half_by_lane_, false)); }
    static void send_to_all(std::size_t, std::span<const std::uint32_t> to, ByteView messages, Shortfalls& rest) {
        for (std::size_t i = 0; i < to.size(); ++i) {
            Socket* const socket = lanes()[to[i]];
            EXPECT_NE(socket, nullptr) << "its session is still there";
            if (socket == nullptr) continue;
            const bool open = socket->uses_lane && !socket->lane_is_shut && socket->closes.empty();
            const std::size_t taken = open ? socket->write(std::span(&messages, 1), true) : 0;
            if (open) ++by_lane;
            if (taken == messages.size()) continue;
            rest.emplace_back(static_cast<std::uint32_t>(i), taken);
            socket->is_half_by_lane_ = taken > 0;
        }
    }

    void send_text(std::string_view text) override { texts.emplace_back(text); }
    std::size_t write(std::span<const ByteView> buffers, bool ends_message) override {
        EXPECT_TRUE(ends_message);
        EXPECT_FALSE(is_half_by_lane_) << "it does not know yet";
        if (!closes.empty() && !is_within_) return 0;
        std::size_t taken = 0;
        for (const auto buffer : buffers) {
            const std::size_t n = std::min(room, buffer.size());
            base::append(received, buffer.first(n));
            taken += n;
            if (room != kUnlimited) room -= n;
            if (n < buffer.size()) {
                blocked = true;
                is_within_ = is_within_ || n > 0;
                return taken;
            }
            is_within_ = false;
        }
        return taken;
    }
    void close(std::uint16_t code, std::string_view reason) override { closes.emplace_back(code, reason); }
    void pause() override { is_paused = true; }
    void resume() override { is_paused = false; }

    /// Sequence numbers of the messages received whole. `unfinished`: bytes of an incomplete message after them.
    std::vector<std::uint64_t> sequence(std::size_t* unfinished = nullptr) {
        std::vector<std::uint64_t> out;
        for (const wire::Frame& frame : frames(unfinished)) {
            const auto position = wire::Position::parse(*frame.header("Rues-Position"));
            out.push_back(position->seq);
            if (frame.header("Rues-Replay")) replayed.insert(position->seq);
        }
        return out;
    }
    /// The same messages themselves.
    std::vector<wire::Frame> frames(std::size_t* unfinished = nullptr) const {
        std::vector<wire::Frame> out;
        ByteView rest = received;
        while (rest.size() >= 4) {
            std::size_t header = 2;
            std::size_t size = static_cast<std::size_t>(rest[1]) & 0x7f;
            EXPECT_EQ(static_cast<int>(rest[0]), 0x82);
            if (size == 126) {
                header = 4;
                size = static_cast<std::size_t>(rest[2]) << 8 | static_cast<std::size_t>(rest[3]);
            }
            if (rest.size() < header + size) break;
            auto frame = wire::Frame::parse(rest.subspan(header, size));
            EXPECT_TRUE(frame.has_value());
            if (!frame) break;
            out.push_back(std::move(*frame));
            rest = rest.subspan(header + size);
        }
        if (unfinished != nullptr) *unfinished = rest.size();
        return out;
    }

    std::size_t room = kUnlimited;
    bool uses_lane = false;
    bool lane_is_shut = false;  ///< the socket has closed the lane itself
    static inline std::atomic<std::size_t> by_lane = 0;
    bool blocked = false;
    bool is_paused = false;
    base::Bytes received;
    std::vector<std::string> texts;
    std::vector<std::pair<std::uint16_t, std::string>> closes;
    std::set<std::uint64_t> replayed;  ///< sequence numbers of messages that are marked as replays
    base::ClientPtr account;           ///< pays for the session; null: nobody

private:
    /// The sockets of all tests of the process; the index is the lane.
    static std::deque<Socket*>& lanes() {
        static std::deque<Socket*> all;
        return all;
    }
    const std::uint32_t lane_;
    bool is_half_by_lane_ = false;
    bool is_within_ = false;  ///< in the middle of a message
};

/// Loops and a pool that run only when the test says so.
struct Manual {
    std::vector<std::deque<std::move_only_function<void()>>> loops;
    std::deque<std::move_only_function<void()>> pool;
    std::deque<std::move_only_function<void()>> decoders;
    std::deque<std::move_only_function<void()>> decoded_reads;
    bool holds_decoders = false;  ///< their tasks wait
    bool holds_decoded_reads = false;
    std::vector<std::pair<std::size_t, std::move_only_function<void()>>> later;
    std::size_t pool_room = SIZE_MAX;
    std::size_t decoded_reads_room = SIZE_MAX;

    explicit Manual(std::size_t count) : loops(count) {}
    Executors executors() {
        return {
            [this](std::size_t loop, std::move_only_function<void()> task) { loops[loop].push_back(std::move(task)); },
            [this](std::move_only_function<void()> task) {
                if (pool.size() >= pool_room) return false;
                pool.push_back(std::move(task));
                return true;
            },
            [this](std::size_t loop, std::chrono::milliseconds, std::move_only_function<void()> task) {
                later.emplace_back(loop, std::move(task));
            },
            Socket::send_to_all,
            [this](std::move_only_function<void()> task) {
                decoders.push_back(std::move(task));
                return true;
            },
            [this](std::move_only_function<void()> task) {
                if (decoded_reads.size() >= decoded_reads_room) return false;
                decoded_reads.push_back(std::move(task));
                return true;
            }};
    }
    /// Runs all tasks that were posted for later, now.
    void tick() {
        for (auto& [loop, task] : std::exchange(later, {})) loops[loop].push_back(std::move(task));
        run();
    }
    static bool one(std::deque<std::move_only_function<void()>>& queue) {
        if (queue.empty()) return false;
        auto task = std::move(queue.front());
        queue.pop_front();
        task();
        return true;
    }
    void run() {
        for (bool busy = true; busy;) {
            busy = one(pool);
            busy |= !holds_decoders && one(decoders);
            busy |= !holds_decoded_reads && one(decoded_reads);
            for (auto& loop : loops) busy |= one(loop);
        }
    }
};

}  // namespace rues::feed::test
