#include "feed/delayed_delivery.hpp"

#include <algorithm>

namespace rues::feed {

void DelayedDelivery::advance(std::uint64_t head) {
    const auto* const fates = loop_.shared.store.fates();
    for (const auto finality : {wire::Finality::confirmed, wire::Finality::final}) {
        const std::uint64_t end = fates != nullptr ? std::min(fates->decided(finality), head) : head;
        if (end <= sessions_.settled(finality)) continue;
        if (sessions_.delayed().empty()) {
            sessions_.settle(finality, end);
        } else {
            settle(finality, end);
        }
    }
    taken_back_.reset();
    for (const wire::SessionId& id : woken_) {
        Session* const session = sessions_.find(id);
        if (session == nullptr) continue;
        if (session->is_crowd) {
            catch_up_.advance_later(id);
        } else {
            catch_up_.advance(*session);
        }
    }
    for (const wire::SessionId& id : woken_) {
        Session* const session = sessions_.find(id);
        if (session != nullptr) sessions_.journal_open(*session);
    }
    woken_.clear();
    catch_up_.advance_delayed();
}

void DelayedDelivery::settle(wire::Finality finality, std::uint64_t end) {
    const auto* const fates = loop_.shared.store.fates();
    // Made after `end` was read, so it knows every block that was taken back before that.
    taken_back_ = fates != nullptr ? fates->taken_back() : std::make_shared<const store::TakenBack>();
    while (sessions_.settled(finality) < end) {
        const std::uint64_t next = sessions_.settled(finality) + 1;
        const auto batch = loop_.shared.tail.find(next);
        if (!batch) {
            wake_all(finality, next);  // the tail has dropped the record; these sessions read the log
            sessions_.settle(finality, end);
            return;
        }
        look(*batch, finality, end);
        sessions_.settle(finality, std::min(end, batch->back().seq));
    }
}

void DelayedDelivery::look(const store::LogRecords& records, wire::Finality finality, std::uint64_t end) {
    for (std::size_t i = sessions_.settled(finality) + 1 - records.front().seq; i < records.size(); ++i) {
        const store::LogRecord& record = records[i];
        if (record.seq > end) return;
        if (!taken_back_->delivers(record, finality)) continue;
        sessions_.delayed().matching(record, matching_);
        for (const Topic* const topic : matching_) {
            if (topic->certainty.finality != finality) continue;
            for (const Subscription* const subscription : topic->subscriptions) {
                Session& session = *subscription->session;
                const ReplayRef replay = session.parked(finality);
                if (!replay || subscription->replay != replay->tag()) continue;
                if (record.seq > replay->members[subscription->member].after) wake(session, *replay, record.seq);
            }
        }
    }
}

void DelayedDelivery::wake(Session& session, Replay& replay, std::uint64_t next) {
    sessions_.wake(session, replay, next);
    woken_.push_back(session.id);
    catch_up_.is_delayed(session);
    // It cannot be sent at once, and other events may be sent before it.
    if (!session.is_live || session.is_held_up() || session.is_reading || session.is_crowd)
        sessions_.journal_open(session);
}

void DelayedDelivery::wake_all(wire::Finality finality, std::uint64_t next) {
    for (const auto& session : sessions_.slots()) {
        if (!session) continue;
        if (const ReplayRef replay = session->parked(finality)) wake(*session, *replay, next);
    }
}

}  // namespace rues::feed
