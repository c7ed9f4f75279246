#include "feed/ended.hpp"

#include <cstring>

namespace rues::feed {

/// Ids look random.
std::size_t SessionIdHash::operator()(const wire::SessionId& id) const noexcept {
    std::size_t out = 0;
    std::memcpy(&out, id.data(), sizeof out);
    return out;
}

void EndedSessions::add(Ended ended, Time until, std::size_t most) {
    while (!in_order_.empty() && by_id_.size() >= most) {
        by_id_.erase(in_order_.front().second);
        in_order_.pop_front();
    }
    in_order_.emplace_back(until, ended.session.id);
    by_id_.insert_or_assign(ended.session.id, std::move(ended));
}

const Ended* EndedSessions::find(const wire::SessionId& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second;
}

std::vector<wire::SessionId> EndedSessions::expire(Time now) {
    std::vector<wire::SessionId> out;
    while (!in_order_.empty() && in_order_.front().first <= now) {
        if (by_id_.erase(in_order_.front().second) > 0) out.push_back(in_order_.front().second);
        in_order_.pop_front();
    }
    return out;
}

std::vector<store::JournaledSession> EndedSessions::all() const {
    std::vector<store::JournaledSession> out;
    out.reserve(by_id_.size());
    for (const auto& [id, ended] : by_id_) out.push_back(ended.session);
    return out;
}

}  // namespace rues::feed
