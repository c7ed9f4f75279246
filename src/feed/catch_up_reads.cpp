// The reads of the log for sessions that are behind: what they ask, and what becomes of the records.
#include <fmt/format.h>

#include <algorithm>

#include "feed/catch_up.hpp"
#include "wire/frame.hpp"

namespace rues::feed {
namespace {

using Scan = store::Store::Scan;

constexpr std::size_t kScannedBytes = 4 << 20;  // bytes of log that one read looks at, at most
constexpr std::size_t kLeastRead = 16 << 10;
constexpr std::size_t kMaxEarlier = 64;  // events that a late subscription replays, at most
// A read decodes no further event after this time: others wait for the thread.
constexpr std::chrono::milliseconds kDecodingTime{20};
constexpr std::string_view kBusy = "too many events wait to be decoded";

/// Reads the earlier events of one entity for a late subscription: all at once, marked as replays, without the first
/// `skip`. The `next` of the result means nothing.
base::Result<Scan> read_earlier(const store::Store& store, const wire::Uri& uri, std::uint64_t up_to, std::size_t skip,
                                wire::Finality finality) {
    const store::EventFilter of{uri.component, wire::text_hash(uri.topic), wire::text_hash(uri.entity.value_or("")), 0};
    const auto earlier = store.past_events(of, kMaxEarlier, store::Store::Reads::disk);
    if (!earlier) return std::unexpected(earlier.error());
    const auto taken_back =
        store.fates() != nullptr ? store.fates()->taken_back() : std::make_shared<const store::TakenBack>();
    Scan out;
    for (const std::uint64_t seq : *earlier) {
        if (seq > up_to) break;
        auto one = store.scan_log(seq, seq, {0, 0}, [&](const store::LogRecord& record) {
            const auto at = uri_of(record);
            return at && uri.matches(*at) && taken_back->delivers(record, finality);
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

base::Result<LogScan> stored(base::Result<Scan> scan) {
    if (!scan) return std::unexpected(scan.error());
    return LogScan{std::move(scan->records), scan->next};
}

/// How a read decodes what it has read. On a thread of a pool.
struct Decoding {
    DecodedEvents& events;
    const base::Clock& clock;
    std::size_t loop;
    bool runs_decoders;        ///< false: what is not decoded yet comes as it is
    std::uint64_t waited_for;  ///< Aside::waited_for

    /// Null: another thread is decoding the event.
    DecodedEvents::Message of(const store::LogRecord& record) const {
        if (runs_decoders) return events.decode(record, loop, record.seq == waited_for).message;
        if (auto known = events.find(record, loop).message) return known;
        events.give_up(record.seq, kBusy);
        return events.decode_now(record);
    }
    /// Puts the records into the form in which the session gets them. Stops early at an event that another thread
    /// decodes, and when the result has more than `most_bytes` or has taken too long; then `next` of the result names
    /// the first record that is left out. The result has one record at least, unless that one is waited for.
    template <typename FormOf>
    base::Result<LogScan> all(base::Result<Scan> scan, std::size_t most_bytes, FormOf form_of) const {
        if (!scan) return std::unexpected(scan.error());
        LogScan out;
        out.next = scan->next;
        const auto until = clock.steady() + kDecodingTime;
        for (store::LogRecord record : scan->records) {
            DecodedEvents::Message message;
            if (form_of(record) == Form::decoded && is_decodable(record)) {
                const bool is_enough = out.records.message_bytes() >= most_bytes || clock.steady() >= until;
                if (is_enough && !out.records.empty()) {
                    out.next = record.seq;
                    return out;
                }
                message = of(record);
                if (!message) {
                    out.next = record.seq;
                    out.waits_for = record.seq;
                    return out;
                }
                record.message = *message;
            }
            out.records.add(record);
        }
        return out;
    }
};

/// Whether the replay, or the late subscription, that the read was for has ended.
bool is_outdated(const LogRead& read, const Replay* replay) {
    if (read.replay == 0) return false;
    return replay == nullptr || (read.purpose == LogRead::Purpose::late && read.late_number != replay->late_number);
}

}  // namespace

void CatchUp::read(Session& session, Purpose purpose, const Replay* replay) {
    LogRead what{session.id, purpose, replay == nullptr ? 0 : replay->number,
                 replay == nullptr ? 0 : replay->late_number};
    what.decodes =
        purpose == Purpose::half ? session.aside->half.check != 0 : session.decodes && purpose != Purpose::late;
    read(session, what);
}

void CatchUp::read(Session& session, LogRead what) {
    session.is_reading = true;
    session.aside->read_decodes = what.decodes;
    what.asked_at = loop_.shared.clock.steady();
    what.client = base::ClientPtr(session.sink->client());
    session.aside->read = (what.decodes ? decoded_reads_ : reads_).add(what);
}

/// The subscriptions of `replay` or, without one, those that the session's own cursor covers.
Matcher CatchUp::matcher_of(const Session& session, const Replay* replay) const {
    Matcher out;
    if (replay != nullptr) {
        for (const auto& each : replay->members) {
            const Topic& topic = *each.subscription->topic;
            out.add(topic.uri.whole(), each.after, topic.decodes, topic.certainty.retractions);
        }
        const auto* const fates = loop_.shared.store.fates();
        if (replay->is_delayed() && fates != nullptr) out.demand(replay->finality, fates->taken_back());
        return out;
    }
    for (const auto& each : session.subscriptions) {
        const Topic& topic = *each->topic;
        if (each->from < sessions_.processed(session))
            out.add(topic.uri.whole(), each->from, topic.decodes, topic.certainty.retractions);
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
    read.removals = session->aside->removals;  // the work copies the subscriptions that the session has now
    const Decoding decoding{loop_.shared.decoded, loop_.shared.clock, loop_.number, read.decodes,
                            session->aside->waited_for};
    switch (read.purpose) {
    case Purpose::half:
        return [seq = session->aside->half.seq, decoding,
                form = session->aside->half.check != 0 ? Form::decoded : Form::stored](const store::Store& store) {
            return decoding.all(store.scan_log(seq, seq, {0, 0}, [](const store::LogRecord&) { return true; }), 0,
                                [form](const store::LogRecord&) { return form; });
        };
    case Purpose::late:
        return [uri = replay->late_member().subscription->topic->uri.whole(), up_to = replay->late_member().after,
                skip = replay->late_messages, finality = replay->finality](const store::Store& store) {
            return stored(read_earlier(store, uri, up_to, skip, finality));
        };
    case Purpose::cursor:
    case Purpose::replay:
        break;
    }
    const std::size_t bytes = std::min(session->aside->read_bytes, loop_.limits.catch_up_bytes);
    return [from = replay ? replay->next : session->aside->next, to = sessions_.end_of(*session, replay.get()), bytes,
            decoding, matcher = matcher_of(*session, replay.get()),
            decodes = session->decodes](const store::Store& store) {
        auto scan = store.scan_log(from, to, {bytes, kScannedBytes}, matcher);
        if (!decodes) return stored(std::move(scan));
        return decoding.all(std::move(scan), bytes, [&](const auto& record) { return matcher.form_of(record); });
    };
}

void CatchUp::arrived(const LogRead& read, base::Result<LogScan> scan) {
    Session* const session = sessions_.find(read.id);
    if (session == nullptr) return;
    session->is_reading = false;
    if (scan) {
        take(*session, read, *scan);
    } else if (scan.error().kind == base::Error::Kind::not_found) {
        sessions_.drop(*session, Closing::slow_consumer);  // the log does not keep its next records any more
    } else {
        loop_.shared.log(base::LogLevel::error,
                         fmt::format("a session's events could not be read from the log: {}", scan.error().text));
        sessions_.drop(*session, Closing::unreadable);
    }
}

void CatchUp::take(Session& session, const LogRead& read, const LogScan& scan) {
    if (read.purpose == Purpose::half) {
        if (scan.waits_for) return wait_for(session, *scan.waits_for);
        if (!scan.records.empty() && !finish_half(session, &scan.records.front().message)) return;
        return advance(session);
    }
    if (session.is_dropped) return;
    // A live event was sent while a replay was read, and the socket took only a part of it. What was read must not come
    // in its middle, so it is read again after that.
    if (session.is_held_up()) return advance(session);
    const ReplayRef replay = session.find_replay(read.replay);
    if (is_outdated(read, replay.get())) return advance(session);
    if (read.purpose == Purpose::late) {
        if (!deliver_earlier(session, *replay, scan.records)) return;
        return advance(session);
    }
    Aside& aside = *session.aside;
    // A subscription that was made after the read began covers only later records. So only removed subscriptions can
    // make a difference, for decoded records also in their form: these are read again.
    if (session.decodes && read.removals != aside.removals) return advance(session);
    if (!offer(session, scan.records, replay, read.removals)) {
        aside.read_bytes = std::max(aside.read_bytes / 2, kLeastRead);
        return;
    }
    aside.read_bytes = std::min(2 * aside.read_bytes, loop_.limits.catch_up_bytes);
    std::uint64_t& next = replay ? replay->next : aside.next;
    // The session may have joined the decoding audience meanwhile, whose live end may lie before the end of the read.
    next = std::max(next, std::min(scan.next, sessions_.end_of(session, replay.get()) + 1));
    if (scan.waits_for) return wait_for(session, *scan.waits_for);
    advance(session);
}

}  // namespace rues::feed
