#include "feed/decoded_delivery.hpp"

#include <algorithm>

namespace rues::feed {
namespace {

/// How long the live end waits for events that are being decoded.
constexpr std::chrono::milliseconds kGrace{50};
/// How long nobody waits for events of a contract that made the others wait for all of the grace.
constexpr std::chrono::seconds kSlowFor{10};
constexpr std::size_t kMaxSlow = 1'024;
/// Events, and bytes of their messages, that one step of the live end waits for.
constexpr std::size_t kMaxAwaited = 1'024;
constexpr std::size_t kMaxAwaitedBytes = 4 << 20;

}  // namespace

bool DecodedDelivery::advance() {
    Audience& audience = sessions_.decoding();
    const std::uint64_t before = audience.processed;
    while (audience.processed < sessions_.plain().processed) {
        look();
        if (!has_all()) {
            if (!waits_) {
                loop_.after(kGrace, [this, round = ++round_] { grace_is_over(round); });
                awaited_from_begin_ = awaited_.size();
            }
            waits_ = true;
            break;
        }
        deliver();
    }
    return audience.processed != before;
}

/// Has the new events decoded that somebody wants decoded, as many as one step may have.
void DecodedDelivery::look() {
    Audience& audience = sessions_.decoding();
    looked_at_ = std::max(looked_at_, audience.processed);
    const std::uint64_t head = sessions_.plain().processed;
    if (audience.topics.empty()) looked_at_ = head;
    while (looked_at_ < head && awaited_.size() < kMaxAwaited && awaited_bytes_ < kMaxAwaitedBytes) {
        const auto batch = loop_.shared.tail.find(looked_at_ + 1);
        if (!batch) {
            looked_at_ = head;  // the tail has dropped it; the delivery will find that too
            return;
        }
        for (std::size_t i = looked_at_ + 1 - batch->front().seq; i < batch->size() && looked_at_ < head; ++i) {
            if (awaited_.size() >= kMaxAwaited || awaited_bytes_ >= kMaxAwaitedBytes) return;
            const store::LogRecord& record = (*batch)[i];
            looked_at_ = record.seq;
            if (record.filter.component != wire::Component::contracts) continue;
            audience.topics.matching(record, matching_);
            if (std::ranges::none_of(matching_, &Topic::decodes) || !is_decodable(record)) continue;
            auto known = loop_.shared.decoded.ask(record, loop_.number);
            const bool is_given_up = !known.message && is_slow(record);
            awaited_.push_back({record.seq, batch, std::move(known.message), is_given_up});
            awaited_bytes_ += record.message.size();
        }
    }
}

/// Whether nothing is left to wait for, up to `looked_at_`.
bool DecodedDelivery::has_all() {
    for (; first_missing_ < awaited_.size(); ++first_missing_) {
        Awaited& each = awaited_[first_missing_];
        if (each.message || each.is_given_up) continue;
        // Also asks again for an event that the full queue had refused.
        each.message =
            loop_.shared.decoded.ask((*each.batch)[each.seq - each.batch->front().seq], loop_.number).message;
        if (!each.message) return false;
    }
    return true;
}

void DecodedDelivery::deliver() {
    waits_ = false;
    ++round_;
    if (sessions_.decoding().topics.empty()) sessions_.decoding().processed = looked_at_;
    auto next = awaited_.begin();
    delivery_.deliver_decoded(looked_at_, [&](std::uint64_t seq) {
        next = std::lower_bound(next, awaited_.end(), seq,
                                [](const Awaited& each, std::uint64_t s) { return each.seq < s; });
        const bool has = next != awaited_.end() && next->seq == seq && next->message;
        return has ? ByteView(*next->message) : ByteView();
    });
    awaited_.clear();
    awaited_bytes_ = 0;
    first_missing_ = 0;
}

void DecodedDelivery::grace_is_over(std::uint64_t round) {
    if (round != round_ || !waits_) return;
    waits_ = false;
    if (!has_all()) {
        for (std::size_t i = first_missing_; i < awaited_.size(); ++i) {
            Awaited& each = awaited_[i];
            if (each.message || each.is_given_up) continue;
            const store::LogRecord& record = (*each.batch)[each.seq - each.batch->front().seq];
            each.message = loop_.shared.decoded.find(record, loop_.number).message;
            if (each.message) continue;
            each.is_given_up = true;
            if (i < awaited_from_begin_) mark_slow(record);  // later events had less time
        }
    }
    if (advance()) catch_up_.advance_all();
}

void DecodedDelivery::mark_slow(const store::LogRecord& record) {
    const auto now = loop_.shared.clock.steady();
    if (slow_.size() >= kMaxSlow) std::erase_if(slow_, [now](const auto& each) { return each.second <= now; });
    if (slow_.size() < kMaxSlow) slow_[record.filter.entity] = now + kSlowFor;
}

bool DecodedDelivery::is_slow(const store::LogRecord& record) {
    const auto found = slow_.find(record.filter.entity);
    if (found == slow_.end()) return false;
    if (loop_.shared.clock.steady() < found->second) return true;
    slow_.erase(found);
    return false;
}

}  // namespace rues::feed
