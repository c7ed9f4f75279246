#include "feed/catch_up.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "feed/runs.hpp"
#include "wire/frame.hpp"

namespace rues::feed {
namespace {

constexpr std::string_view kLate = "it was not decoded in time";
constexpr int kCrowdInTurn = 16;  // sessions of a crowd that continue in one turn, at most
/// The turn ends when they have taken this long: a write to one session takes 5 to 30 us in the kernel.
constexpr std::chrono::microseconds kCrowdTurn{100};

}  // namespace

CatchUp::CatchUp(LoopContext& loop, SessionTable& sessions)
    : loop_(loop),
      sessions_(sessions),
      reads_(
          loop, false, [this](LogRead& read) { return begin(read); },
          [this](const LogRead& read, base::Result<LogScan> scan) { arrived(read, std::move(scan)); }),
      decoded_reads_(
          loop, true, [this](LogRead& read) { return begin(read); },
          [this](const LogRead& read, base::Result<LogScan> scan) { arrived(read, std::move(scan)); }) {}

// --- sessions that are behind ---

void CatchUp::fall_behind(Session& session, std::uint64_t next) {
    session.leave_lane();
    Aside& aside = session.with_aside();
    if (session.is_live) {
        const std::uint64_t live = sessions_.processed(session) + 1;
        aside.behind_since = loop_.shared.clock.steady();
        aside.allowance = live - std::min(live, next) + loop_.limits.catch_up_distance;
        aside.read_bytes = Aside::kFirstRead;
        // A session of a crowd is looked at in its turn. Until then it would only make the list longer.
        if (!session.is_crowd) {
            behind_.insert(&session);
            sessions_.note(session, fmt::format("fell behind at {}", next - 1));
        }
    }
    session.is_live = false;
    aside.next = next;
    if (!session.is_crowd || std::exchange(aside.waits_in_crowd, true)) return;
    const base::ClientPtr client(session.sink->client());
    auto& line = crowd_[client];
    line.push_back(session.id);
    if (line.size() == 1) advance_crowd_later(client);
}

void CatchUp::advance_crowd_later(const base::ClientPtr& client) {
    const base::ActingFor scope(client.get());
    loop_.in_turn([this, client] { advance_crowd(client); });
}

void CatchUp::advance_crowd(const base::ClientPtr& client) {
    auto& line = crowd_.find(client)->second;
    const auto end = loop_.shared.clock.steady() + kCrowdTurn;
    for (int i = 0; i < kCrowdInTurn && !line.empty() && (i == 0 || loop_.shared.clock.steady() < end); ++i) {
        Session* const session = sessions_.find(line.front());
        line.pop_front();
        if (session == nullptr) continue;
        session->aside->waits_in_crowd = false;
        if (is_past_limits(*session)) sessions_.drop(*session, Closing::slow_consumer);
        advance(*session);
        if (!session->is_live) behind_.insert(session);
    }
    if (!line.empty()) return advance_crowd_later(client);
    crowd_.erase(client);
}

void CatchUp::forget(Session& session) {
    behind_.erase(&session);
    delayed_.erase(&session);
    if (!session.is_reading || stop_waiting(session)) return;
    (session.aside->read_decodes ? decoded_reads_ : reads_).remove(session.aside->read);
}

/// False: the session does not wait for an event whose decoding is under way. REQUIRES: it has an `aside`.
bool CatchUp::stop_waiting(Session& session) {
    const auto found = undecoded_.find(session.aside->waits_for);
    if (found == undecoded_.end() || found->second.sessions.erase(&session) == 0) return false;
    if (found->second.sessions.empty()) undecoded_.erase(found);
    session.is_reading = false;
    session.aside->waits_for = 0;
    return true;
}

void CatchUp::unsubscribed(Session& session) {
    if (session.is_reading && stop_waiting(session)) advance_later(session.id);
}

bool CatchUp::is_past_limits(const Session& session) const {
    if (session.aside->next + session.aside->allowance < sessions_.processed(session)) return true;
    return loop_.shared.clock.steady() - session.aside->behind_since > loop_.limits.catch_up_age;
}

void CatchUp::advance_all() {
    const std::vector<Session*> behind(behind_.begin(), behind_.end());  // a session that catches up leaves `behind_`
    for (Session* const session : behind) {
        if (is_past_limits(*session)) sessions_.drop(*session, Closing::slow_consumer);
        // A session that the tail overtook has no write under way, so no `writable` would wake it.
        if (!session->aside->waits_in_crowd) advance(*session);
    }
}

void CatchUp::advance_delayed() {
    if (delayed_.empty()) return;
    const std::vector<Session*> open(delayed_.begin(), delayed_.end());
    for (Session* const session : open) {
        const bool is_open =
            session->aside && std::ranges::any_of(session->aside->replays, [](const ReplayRef& replay) {
                return replay->is_delayed() && !replay->is_parked;
            });
        if (!is_open) {
            delayed_.erase(session);
        } else if (sessions_.ready_replay(*session)) {
            advance(*session);
        }
    }
}

/// Whether an awake replay of the session is beyond the limits for sessions that are behind.
bool CatchUp::is_late_delayed(const Session& session) const {
    if (!session.aside || session.is_dropped) return false;
    const auto oldest = loop_.shared.clock.steady() - loop_.limits.catch_up_age;
    return std::ranges::any_of(session.aside->replays, [&](const ReplayRef& replay) {
        if (replay->is_parked || !replay->awake_since) return false;
        return *replay->awake_since < oldest ||
               replay->next + loop_.limits.catch_up_distance < sessions_.settled(replay->finality);
    });
}

void CatchUp::tick() {
    const std::vector<Session*> behind(behind_.begin(), behind_.end());
    for (Session* const session : behind) {
        if (is_past_limits(*session)) sessions_.drop(*session, Closing::slow_consumer);
    }
    const std::vector<Session*> delayed(delayed_.begin(), delayed_.end());
    for (Session* const session : delayed) {
        if (is_late_delayed(*session)) sessions_.drop(*session, Closing::slow_consumer);
    }
    reads_.start();
    decoded_reads_.start();
    const auto latest = loop_.shared.clock.steady() - loop_.limits.decode_wait;
    for (LogRead& each : decoded_reads_.take_older_than(latest)) {
        Session* const session = sessions_.find(each.id);
        if (session == nullptr) continue;
        each.decodes = false;
        read(*session, each);
    }
    std::vector<Undecoded> late;
    for (auto at = undecoded_.begin(); at != undecoded_.end();) {
        if (at->second.since >= latest) {
            ++at;
            continue;
        }
        loop_.shared.decoded.give_up(at->first, kLate);
        late.push_back(std::move(at->second));
        at = undecoded_.erase(at);
    }
    for (const Undecoded& each : late) release(each);
}

void CatchUp::decoded() {
    std::vector<Undecoded> ended;
    for (auto at = undecoded_.begin(); at != undecoded_.end();) {
        if (loop_.shared.decoded.is_under_way(at->first, loop_.number)) {
            ++at;
            continue;
        }
        ended.push_back(std::move(at->second));
        at = undecoded_.erase(at);
    }
    for (const Undecoded& each : ended) release(each);
}

/// The session continues when event `seq` is decoded.
void CatchUp::wait_for(Session& session, std::uint64_t seq) {
    if (!loop_.shared.decoded.is_under_way(seq, loop_.number)) return advance_later(session.id);
    session.is_reading = true;
    session.aside->waits_for = session.aside->waited_for = seq;
    Undecoded& undecoded = undecoded_[seq];
    if (undecoded.sessions.empty()) undecoded.since = loop_.shared.clock.steady();
    undecoded.sessions.insert(&session);
}

void CatchUp::release(const Undecoded& undecoded) {
    for (Session* const session : undecoded.sessions) {
        session->is_reading = false;
        session->aside->waits_for = 0;
    }
    for (Session* const session : undecoded.sessions) advance(*session);
}

void CatchUp::advance_later(const wire::SessionId& id) {
    const Session* const asked = sessions_.find(id);
    const base::ActingFor scope(asked == nullptr ? nullptr : asked->sink->client());
    loop_.in_turn([this, id] {
        if (Session* const session = sessions_.find(id)) advance(*session);
    });
}

void CatchUp::advance(Session& session) {
    if (session.is_blocked || session.is_reading || session.is_restoring || !session.aside) return;
    if (!finish_half(session, nullptr) || session.is_dropped) return;
    if (!session.is_live && !reach_live_end(session)) return;
    advance_replays(session);
}

/// Sends the rest of a half-sent message. `read`: the message, without the mark, if it was just read, else null. False:
/// the socket is full, or the message is being read, or it is not the same any more.
bool CatchUp::finish_half(Session& session, const ByteView* read) {
    HalfSent& half = session.aside->half;
    if (half.sent == 0) return true;
    store::LogBatch batch;
    DecodedEvents::Message decoded;
    ByteView message;
    if (read != nullptr) {
        message = *read;
    } else if (batch = loop_.shared.tail.find(half.seq); batch) {
        const store::LogRecord& record = (*batch)[half.seq - batch->front().seq];
        message = record.message;
        if (half.check != 0) {
            decoded = loop_.shared.decoded.find(record, loop_.number).message;
            message = decoded ? ByteView(*decoded) : ByteView();
        }
    }
    if (message.empty()) {
        this->read(session, Purpose::half);
        return false;
    }
    if (half.check != 0 && wire::text_hash(base::text(message)) != half.check) {
        session.is_blocked = true;
        sessions_.drop(session, Closing::decoded_otherwise);
        return false;
    }
    base::Bytes marked;
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
    while (session.aside->next <= sessions_.processed(session)) {
        const auto batch = loop_.shared.tail.find(session.aside->next);
        if (!batch) {
            read(session, Purpose::cursor);
            return false;
        }
        if (!offer_tail(session, *batch, nullptr)) return false;
    }
    session.is_live = true;
    behind_.erase(&session);
    if (!session.is_crowd) sessions_.note(session, fmt::format("live again at {}", sessions_.processed(session)));
    return true;
}

/// Sends those of `records` that match, for the session's own cursor or for `replay`, which may end meanwhile. All
/// records were chosen for this session when it had had `checked_at` removals: unless it had more since, they are not
/// checked again. False when the socket is full.
bool CatchUp::offer(Session& session, const store::LogRecords& records, const ReplayRef& replay,
                    std::optional<std::uint32_t> checked_at) {
    std::uint64_t& next = replay ? replay->next : session.aside->next;
    const auto is_wanted = [&](const store::LogRecord& record) {
        return checked_at == session.aside->removals || sessions_.form_of(session, record, replay.get()) != Form::none;
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
    const std::uint64_t end = sessions_.end_of(session, replay.get());
    for (; at < records.size() && records[at].seq <= end; ++at) {
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

/// The same with records of the tail. False also when the session waits for a decoded event or a read.
bool CatchUp::offer_tail(Session& session, const store::LogRecords& records, const ReplayRef& replay) {
    if (!session.decodes) return offer(session, records, replay, std::nullopt);
    const std::uint64_t end = sessions_.end_of(session, replay.get());
    std::uint64_t& next = replay ? replay->next : session.aside->next;
    store::LogRecords chosen;
    std::uint64_t reached = next;
    DecodedEvents::Look missing;
    bool is_missing = false;
    for (auto at = std::ranges::lower_bound(records, next, {}, &store::LogRecord::seq);
         at != records.end() && at->seq <= end && chosen.message_bytes() < loop_.limits.catch_up_bytes; ++at) {
        store::LogRecord record = *at;
        DecodedEvents::Message decoded;
        const Form form = sessions_.form_of(session, record, replay.get());
        if (form == Form::decoded && is_decodable(record)) {
            missing = loop_.shared.decoded.find(record, loop_.number);
            is_missing = !missing.message;
            if (is_missing) break;
            decoded = std::move(missing.message);
            record.message = *decoded;
        }
        if (form != Form::none) chosen.add(record);
        reached = record.seq + 1;
    }
    if (!offer(session, chosen, replay, session.aside->removals)) return false;
    next = std::max(next, reached);
    if (!is_missing) return true;
    if (missing.is_under_way) {
        wait_for(session, reached);
    } else {
        read(session, replay ? Purpose::replay : Purpose::cursor, replay.get());
    }
    return false;
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
    while (const ReplayRef replay = sessions_.ready_replay(session)) {
        if (replay->has_late()) return read(session, Purpose::late, replay.get());
        if (replay->next > sessions_.end_of(session, replay.get())) {
            if (replay->is_delayed()) {
                sessions_.park(session, *replay);
            } else {
                sessions_.finish_replay(session, *replay);
            }
            continue;
        }
        const auto batch = loop_.shared.tail.find(replay->next);
        if (!batch) return read(session, Purpose::replay, replay.get());
        if (!offer_tail(session, *batch, replay)) return;
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

}  // namespace rues::feed
