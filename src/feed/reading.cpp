#include <fmt/format.h>

#include <algorithm>

#include "feed/loop_feed.hpp"
#include "wire/frame.hpp"

/// Reads of the log for sessions whose next record is not in the tail any more. They run on the pool: one at a time for
/// a session, at most `Limits::catch_up_reads` at once for a loop.
namespace rues::feed {
namespace {

constexpr std::size_t kScannedBytes = 4 << 20;  // bytes of log that one read looks at, at most
constexpr std::size_t kLeastRead = 16 << 10;
constexpr std::size_t kMaxEarlier = 64;  // events that a late subscription replays, at most

using Scan = store::Store::Scan;

/// Reads the earlier events of one entity for a late subscription: all at once, marked as replays, without the first
/// `skip`. The `next` of the result means nothing.
base::Result<Scan> read_earlier(const store::Store& store, const wire::Uri& uri, std::uint64_t up_to,
                                std::size_t skip) {
    const store::EventFilter of{uri.component, wire::text_hash(uri.topic), wire::text_hash(uri.entity.value_or("")), 0};
    const auto earlier = store.past_events(of, kMaxEarlier, store::Store::Reads::disk);
    if (!earlier) return std::unexpected(earlier.error());
    Scan out;
    for (const std::uint64_t seq : *earlier) {
        if (seq > up_to) break;
        auto one = store.scan_log(seq, seq, {0, 0}, [&](const store::LogRecord& record) {
            const auto at = uri_of(record);
            return at && uri.matches(*at);
        });
        if (!one && one.error().kind == base::Error::Kind::not_found) continue;  // the log has just dropped it
        if (!one) return std::unexpected(one.error());
        if (one->records.empty()) continue;
        if (skip > 0) {
            --skip;
            continue;
        }
        store::LogRecord record = one->records.front();
        const base::Bytes marked = wire::as_replay(record.message);
        record.message = marked;
        out.records.add(record);
    }
    return out;
}

}  // namespace

ReplayRef LoopFeed::find_replay(const Session& session, std::uint64_t number) const {
    if (!session.aside) return nullptr;
    const auto& replays = session.aside->replays;
    const auto found = std::ranges::find(replays, number, [](const auto& each) { return each->number; });
    return found == replays.end() ? nullptr : *found;
}

void LoopFeed::read(Session& session, Purpose purpose, const Replay* replay) {
    session.is_reading = true;
    waiting_reads_.push_back(
        {session.id, purpose, replay == nullptr ? 0 : replay->number, replay == nullptr ? 0 : replay->late_number});
    start_reads();
}

void LoopFeed::start_reads() {
    while (!waiting_reads_.empty() && reads_under_way_ < limits_.catch_up_reads) {
        if (!start(waiting_reads_.front())) return;  // the pool is full; `tick` tries again
        waiting_reads_.pop_front();
    }
}

/// The subscriptions of `replay` or, without one, those that the session's own cursor covers.
Matcher LoopFeed::matcher_of(const Session& session, const Replay* replay) const {
    Matcher out;
    if (replay != nullptr) {
        for (const auto& each : replay->members) out.add(each.subscription->topic->uri, each.after);
        return out;
    }
    for (const auto& each : session.subscriptions) {
        if (each->from < processed_) out.add(each->topic->uri, each->from);
    }
    return out;
}

/// Whether the replay, or the late subscription, that the read was for has ended.
bool LoopFeed::is_outdated(const Read& read, const Replay* replay) {
    if (read.replay == 0) return false;
    return replay == nullptr || (read.purpose == Purpose::late && read.late_number != replay->late_number);
}

/// Starts a read. False: the pool does not take it.
bool LoopFeed::start(Read& read) {
    Session* const session = find(read.id);
    if (session == nullptr) return true;
    const ReplayRef replay = find_replay(*session, read.replay);
    if (is_outdated(read, replay.get())) {  // unsubscribed meanwhile
        session->is_reading = false;
        shared_.executors.on_loop(loop_, [this, alive = alive_, id = read.id] {
            Session* const found = *alive ? find(id) : nullptr;
            if (found != nullptr) advance(*found);
        });
        return true;
    }
    read.removals = session->removals;  // `work` copies the subscriptions that the session has now
    const std::size_t bytes = std::min(session->aside->read_bytes, limits_.catch_up_bytes);
    std::move_only_function<base::Result<Scan>(const store::Store&)> work;
    switch (read.purpose) {
    case Purpose::half:
        work = [seq = session->aside->half.seq](const store::Store& store) {
            return store.scan_log(seq, seq, {0, 0}, [](const store::LogRecord&) { return true; });
        };
        break;
    case Purpose::late:
        work = [uri = replay->late_member().subscription->topic->uri, up_to = replay->late_member().after,
                skip = replay->late_messages](const store::Store& store) {
            return read_earlier(store, uri, up_to, skip);
        };
        break;
    case Purpose::cursor:
    case Purpose::replay:
        work = [from = replay ? replay->next : session->next, to = processed_, bytes,
                matcher = matcher_of(*session, replay.get())](const store::Store& store) {
            return store.scan_log(from, to, {bytes, kScannedBytes}, matcher);
        };
        break;
    }
    const bool queued =
        shared_.executors.on_pool([this, alive = alive_, read, work = std::move(work), &store = shared_.store,
                                   &executors = shared_.executors, loop = loop_]() mutable {
            auto scan = work(store);
            executors.on_loop(loop, [this, alive, read, scan = std::move(scan)]() mutable {
                if (*alive) arrived(read, std::move(scan));
            });
        });
    if (queued) ++reads_under_way_;
    return queued;
}

void LoopFeed::arrived(const Read& read, base::Result<Scan> scan) {
    --reads_under_way_;
    if (Session* const session = find(read.id)) {
        session->is_reading = false;
        if (scan) {
            take(*session, read, *scan);
        } else if (scan.error().kind == base::Error::Kind::not_found) {
            drop(*session, 1013, "Slow consumer");  // the log does not keep its next records any more
        } else {
            shared_.log(base::LogLevel::error,
                        fmt::format("a session's events could not be read from the log: {}", scan.error().text));
            drop(*session, 1011, "Internal error");
        }
    }
    start_reads();
}

void LoopFeed::take(Session& session, const Read& read, const Scan& scan) {
    if (read.purpose == Purpose::half) {
        if (!scan.records.empty() && !finish_half(session, &scan.records.front())) return;
        return advance(session);
    }
    if (session.is_dropped) return;
    const ReplayRef replay = find_replay(session, read.replay);
    if (is_outdated(read, replay.get())) return advance(session);
    if (read.purpose == Purpose::late) {
        if (!deliver_earlier(session, *replay, scan.records)) return;
        return advance(session);
    }
    Aside& aside = *session.aside;
    // A subscription that was made after the read began covers only later records. So only removed subscriptions can
    // make a difference.
    if (!offer(session, scan.records, replay, read.removals)) {
        aside.read_bytes = std::max(aside.read_bytes / 2, kLeastRead);
        return;
    }
    aside.read_bytes = std::min(2 * aside.read_bytes, limits_.catch_up_bytes);
    std::uint64_t& next = replay ? replay->next : session.next;
    next = std::max(next, scan.next);
    advance(session);
}

/// Sends the earlier events of the late subscription whose turn it is. False when the socket is full.
bool LoopFeed::deliver_earlier(Session& session, Replay& replay, const store::LogRecords& records) {
    for (const store::LogRecord& record : records) {
        const std::size_t taken = session.sink->write(std::span(&record.message, 1), true);
        if (taken < record.message.size()) {
            if (taken > 0) ++replay.late_messages;
            stopped_in(session, record, taken, &replay);
            return false;
        }
        ++replay.late_messages;
    }
    replay.late_member_is_done();
    return true;
}

}  // namespace rues::feed
