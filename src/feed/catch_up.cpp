#include "feed/catch_up.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "feed/runs.hpp"
#include "wire/frame.hpp"

namespace rues::feed {
namespace {

using Scan = LogReads::Scan;

constexpr std::size_t kScannedBytes = 4 << 20;  // bytes of log that one read looks at, at most
constexpr std::size_t kLeastRead = 16 << 10;
constexpr std::size_t kMaxEarlier = 64;  // events that a late subscription replays, at most

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

/// Whether the replay, or the late subscription, that the read was for has ended.
bool is_outdated(const LogRead& read, const Replay* replay) {
    if (read.replay == 0) return false;
    return replay == nullptr || (read.purpose == LogRead::Purpose::late && read.late_number != replay->late_number);
}

}  // namespace

CatchUp::CatchUp(LoopContext& loop, SessionTable& sessions)
    : loop_(loop),
      sessions_(sessions),
      reads_(
          loop, [this](LogRead& read) { return begin(read); },
          [this](const LogRead& read, base::Result<Scan> scan) { arrived(read, std::move(scan)); }) {}

// --- sessions that are behind ---

void CatchUp::fall_behind(Session& session, std::uint64_t next) {
    session.leave_lane();
    Aside& aside = session.with_aside();
    if (session.is_live) {
        const std::uint64_t live = sessions_.processed() + 1;
        aside.behind_since = loop_.shared.clock.steady();
        aside.allowance = live - std::min(live, next) + loop_.limits.catch_up_distance;
        aside.read_bytes = Aside::kFirstRead;
        behind_.insert(&session);
        sessions_.note(session, fmt::format("fell behind at {}", next - 1));
    }
    session.is_live = false;
    session.next = next;
}

void CatchUp::forget(Session& session) {
    behind_.erase(&session);
    if (session.is_reading) reads_.remove(session.aside->read);
}

bool CatchUp::is_past_limits(const Session& session) const {
    if (session.next + session.aside->allowance < sessions_.processed()) return true;
    return loop_.shared.clock.steady() - session.aside->behind_since > loop_.limits.catch_up_age;
}

void CatchUp::advance_all() {
    const std::vector<Session*> behind(behind_.begin(), behind_.end());  // a session that catches up leaves `behind_`
    for (Session* const session : behind) {
        if (is_past_limits(*session)) sessions_.drop(*session, 1013, "Slow consumer");
        // A session that the tail overtook has no write under way, so no `writable` would wake it.
        advance(*session);
    }
}

void CatchUp::tick() {
    const std::vector<Session*> behind(behind_.begin(), behind_.end());
    for (Session* const session : behind) {
        if (is_past_limits(*session)) sessions_.drop(*session, 1013, "Slow consumer");
    }
    reads_.start();
}

void CatchUp::advance_later(const wire::SessionId& id) {
    loop_.later([this, id] {
        if (Session* const session = sessions_.find(id)) advance(*session);
    });
}

void CatchUp::advance(Session& session) {
    if (session.is_blocked || session.is_reading || !session.aside) return;
    if (!finish_half(session, nullptr) || session.is_dropped) return;
    if (!session.is_live && !reach_live_end(session)) return;
    advance_replays(session);
}

/// Sends the rest of a half-sent message. `record`: its record if it was just read, else null. False: the socket is
/// full, or the record is being read.
bool CatchUp::finish_half(Session& session, const store::LogRecord* record) {
    HalfSent& half = session.aside->half;
    if (half.sent == 0) return true;
    store::LogBatch batch;
    if (record == nullptr) {
        batch = loop_.shared.tail.find(half.seq);
        if (!batch) {
            read(session, Purpose::half);
            return false;
        }
        record = &(*batch)[half.seq - batch->front().seq];
    }
    base::Bytes marked;
    ByteView message = record->message;
    if (half.is_marked) message = marked = wire::as_replay(message);
    const ByteView rest = message.subspan(half.sent);
    const std::size_t taken = session.sink->write(std::span(&rest, 1), true);
    if (taken < rest.size()) {
        half.sent += taken;
        session.is_blocked = true;
        return false;
    }
    half = {};
    return true;
}

/// Delivers what the session's own cursor has not reached. False: the socket is full, or a read is under way.
bool CatchUp::reach_live_end(Session& session) {
    while (session.next <= sessions_.processed()) {
        const auto batch = loop_.shared.tail.find(session.next);
        if (!batch) {
            read(session, Purpose::cursor);
            return false;
        }
        if (!offer(session, *batch, nullptr, std::nullopt)) return false;
    }
    session.is_live = true;
    behind_.erase(&session);
    sessions_.note(session, fmt::format("live again at {}", sessions_.processed()));
    return true;
}

/// Sends those of `records` that match, for the session's own cursor or for `replay`, which may end meanwhile. All
/// records were chosen for this session when it had had `checked_at` removals: unless it had more since, they are not
/// checked again. False when the socket is full.
bool CatchUp::offer(Session& session, const store::LogRecords& records, const ReplayRef& replay,
                    std::optional<std::uint32_t> checked_at) {
    std::uint64_t& next = replay ? replay->next : session.next;
    const auto is_wanted = [&](const store::LogRecord& record) {
        return checked_at == session.removals || sessions_.matches(session, record, replay.get());
    };
    const auto first = std::ranges::lower_bound(records, next, {}, &store::LogRecord::seq);
    auto at = static_cast<std::uint32_t>(first - records.begin());
    Runs runs;
    runs.batches.push_back(&records);
    std::size_t bytes = 0;
    const auto send = [&] {
        if (runs.all.size() == 1) return true;
        const auto stopped = write(session, runs, 1);
        if (stopped) {
            next = *stopped;
        } else if (session.until_ends > 0) {
            for (Subscription* const each : ended_by(session, runs, 1)) sessions_.unsubscribe(session, *each);
        }
        runs.all.resize(1);
        bytes = 0;
        return !stopped;
    };
    for (; at < records.size() && records[at].seq <= sessions_.processed(); ++at) {
        if (!is_wanted(records[at])) continue;
        Run& last = runs.all.back();
        if (runs.all.size() > 1 && last.first + last.count == at && is_one_piece(records[at - 1], records[at])) {
            ++last.count;
        } else {
            if (runs.all.size() > 1) last.next = static_cast<std::uint32_t>(runs.all.size());
            runs.all.push_back({0, at, 1, kNoRun});
        }
        bytes += records[at].message.size();
        if (bytes < loop_.limits.catch_up_bytes) continue;
        if (!send()) return false;
        next = records[at].seq + 1;
    }
    if (!send()) return false;
    if (at > 0) next = std::max(next, records[at - 1].seq + 1);
    return true;
}

// --- replays ---

std::shared_ptr<void> CatchUp::hold(const Session& session, Replay& replay) {
    ++replay.holds;
    return loop_.when_released([this, id = session.id, number = replay.number] {
        Session* const found = sessions_.find_open(id);
        const ReplayRef held = found == nullptr ? nullptr : found->find_replay(number);
        if (held && --held->holds == 0) advance(*found);
    });
}

/// Delivers replays until one needs a read or the socket is full.
void CatchUp::advance_replays(Session& session) {
    for (;;) {
        const auto& replays = session.aside->replays;
        const auto free = std::ranges::find(replays, 0U, [](const auto& each) { return each->holds; });
        if (free == replays.end()) return;
        const ReplayRef replay = *free;
        if (replay->has_late()) return read(session, Purpose::late, replay.get());
        if (replay->next > sessions_.processed()) {
            sessions_.finish_replay(session, *replay);
            continue;
        }
        const auto batch = loop_.shared.tail.find(replay->next);
        if (!batch) return read(session, Purpose::replay, replay.get());
        if (!offer(session, *batch, replay, std::nullopt)) return;
    }
}

/// Sends the earlier events of the late subscription whose turn it is. False when the socket is full.
bool CatchUp::deliver_earlier(Session& session, Replay& replay, const store::LogRecords& records) {
    for (const store::LogRecord& record : records) {
        const std::size_t taken = session.sink->write(std::span(&record.message, 1), true);
        if (taken < record.message.size()) {
            if (taken > 0) ++replay.late_messages;
            stopped_in(session, record, taken, true);
            return false;
        }
        ++replay.late_messages;
    }
    replay.late_member_is_done();
    return true;
}

// --- reads of the log ---

void CatchUp::read(Session& session, Purpose purpose, const Replay* replay) {
    session.is_reading = true;
    const LogRead read{session.id, purpose, replay == nullptr ? 0 : replay->number,
                       replay == nullptr ? 0 : replay->late_number};
    session.aside->read = reads_.add(read);
}

/// The subscriptions of `replay` or, without one, those that the session's own cursor covers.
Matcher CatchUp::matcher_of(const Session& session, const Replay* replay) const {
    Matcher out;
    if (replay != nullptr) {
        for (const auto& each : replay->members) out.add(each.subscription->topic->uri, each.after);
        return out;
    }
    for (const auto& each : session.subscriptions) {
        if (each->from < sessions_.processed()) out.add(each->topic->uri, each->from);
    }
    return out;
}

LogReads::Work CatchUp::begin(LogRead& read) {
    Session* const session = sessions_.find(read.id);
    if (session == nullptr) return nullptr;
    const ReplayRef replay = session->find_replay(read.replay);
    if (is_outdated(read, replay.get())) {  // unsubscribed meanwhile
        session->is_reading = false;
        advance_later(read.id);
        return nullptr;
    }
    read.removals = session->removals;  // the work copies the subscriptions that the session has now
    switch (read.purpose) {
    case Purpose::half:
        return [seq = session->aside->half.seq](const store::Store& store) {
            return store.scan_log(seq, seq, {0, 0}, [](const store::LogRecord&) { return true; });
        };
    case Purpose::late:
        return
            [uri = replay->late_member().subscription->topic->uri, up_to = replay->late_member().after,
             skip = replay->late_messages](const store::Store& store) { return read_earlier(store, uri, up_to, skip); };
    case Purpose::cursor:
    case Purpose::replay:
        break;
    }
    const std::size_t bytes = std::min(session->aside->read_bytes, loop_.limits.catch_up_bytes);
    return [from = replay ? replay->next : session->next, to = sessions_.processed(), bytes,
            matcher = matcher_of(*session, replay.get())](const store::Store& store) {
        return store.scan_log(from, to, {bytes, kScannedBytes}, matcher);
    };
}

void CatchUp::arrived(const LogRead& read, base::Result<Scan> scan) {
    Session* const session = sessions_.find(read.id);
    if (session == nullptr) return;
    session->is_reading = false;
    if (scan) {
        take(*session, read, *scan);
    } else if (scan.error().kind == base::Error::Kind::not_found) {
        sessions_.drop(*session, 1013, "Slow consumer");  // the log does not keep its next records any more
    } else {
        loop_.shared.log(base::LogLevel::error,
                         fmt::format("a session's events could not be read from the log: {}", scan.error().text));
        sessions_.drop(*session, 1011, "Internal error");
    }
}

void CatchUp::take(Session& session, const LogRead& read, const Scan& scan) {
    if (read.purpose == Purpose::half) {
        if (!scan.records.empty() && !finish_half(session, &scan.records.front())) return;
        return advance(session);
    }
    if (session.is_dropped) return;
    const ReplayRef replay = session.find_replay(read.replay);
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
    aside.read_bytes = std::min(2 * aside.read_bytes, loop_.limits.catch_up_bytes);
    std::uint64_t& next = replay ? replay->next : session.next;
    next = std::max(next, scan.next);
    advance(session);
}

}  // namespace rues::feed
