#include "feed/runs.hpp"

#include <algorithm>
#include <array>

#include "wire/frame.hpp"
#include "wire/topics.hpp"

namespace rues::feed {
namespace {

// Buffers in one write. A run is one buffer, and hundreds of events make only a few runs.
constexpr std::size_t kMaxBuffers = 64;

/// See HalfSent::check.
std::uint64_t check_of(ByteView message) {
    if (wire::header_of(wire::parts_of(message).headers, "Rues-Decoded").empty()) return 0;
    return wire::text_hash(base::text(message));
}

}  // namespace

bool is_one_piece(const store::LogRecord& first, const store::LogRecord& second) {
    return first.message.data() + first.message.size() == second.message.data();
}

ByteView bytes_of(const store::LogRecords& records, std::uint32_t first, std::uint32_t count) {
    const auto& last = records[first + count - 1].message;
    const std::byte* const begin = records[first].message.data();
    return {begin, last.data() + last.size()};
}

std::optional<std::uint64_t> write(Session& session, const Runs& runs, std::uint32_t first_run) {
    for (std::uint32_t at = first_run; at != kNoRun;) {
        std::array<ByteView, kMaxBuffers> buffers;
        std::size_t count = 0;
        std::size_t bytes = 0;
        std::uint32_t end = at;
        for (; count < kMaxBuffers && end != kNoRun; end = runs.all[end].next, ++count) {
            const Run& run = runs.all[end];
            buffers[count] = bytes_of(*runs.batches[run.batch], run.first, run.count);
            bytes += buffers[count].size();
        }
        std::size_t taken = session.sink->write(std::span(buffers).first(count), true);
        if (taken == bytes) {
            at = end;
            continue;
        }
        for (std::size_t i = 0; taken >= buffers[i].size(); ++i, at = runs.all[at].next) taken -= buffers[i].size();
        return stopped_within(session, *runs.batches[runs.all[at].batch], runs.all[at].first, taken);
    }
    return std::nullopt;
}

std::uint64_t stopped_within(Session& session, const store::LogRecords& records, std::uint32_t first,
                             std::size_t sent) {
    for (; sent >= records[first].message.size(); ++first) sent -= records[first].message.size();
    return stopped_in(session, records[first], sent, false);
}

std::uint64_t stopped_in(Session& session, const store::LogRecord& record, std::size_t sent, bool is_marked) {
    session.is_blocked = true;
    HalfSent& half = session.with_aside().half;
    if (sent > 0) {
        half = {record.seq, sent, is_marked, session.decodes ? check_of(record.message) : 0};
        return record.seq + 1;
    }
    // No byte of this message is sent, so the socket is between messages. Whether the session still wants the message
    // is checked again before the next write.
    session.sink->write({}, true);
    return record.seq;
}

std::vector<Subscription*> ended_by(const Session& session, const Runs& runs, std::uint32_t first_run) {
    static const std::array kLast{wire::text_hash(wire::topic::kRemoved), wire::text_hash(wire::topic::kDropped)};
    std::vector<Subscription*> out;
    for (std::uint32_t at = first_run; at != kNoRun; at = runs.all[at].next) {
        const Run& run = runs.all[at];
        for (std::uint32_t i = run.first; i < run.first + run.count; ++i) {
            const auto& filter = (*runs.batches[run.batch])[i].filter;
            if (filter.component != wire::Component::transactions || std::ranges::count(kLast, filter.topic) == 0)
                continue;
            for (const auto& each : session.subscriptions) {
                if (!each->until_end) continue;
                const auto entity = each->topic->uri.whole().entity;
                if (entity && wire::text_hash(*entity) == filter.entity) out.push_back(each.get());
            }
        }
    }
    std::ranges::sort(out);
    const auto repeated = std::ranges::unique(out);
    out.erase(repeated.begin(), repeated.end());
    return out;
}

}  // namespace rues::feed
