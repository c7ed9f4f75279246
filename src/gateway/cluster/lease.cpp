#include "gateway/cluster/lease.hpp"

#include <utility>

namespace rues::gateway::cluster {

using Kind = BusError::Kind;

std::string Lease::holder() const {
    const std::lock_guard lock(view_mutex_);
    return holder_;
}

void Lease::wrote(const BusResult<std::uint64_t>& revision, base::SteadyTime begun) {
    if (!revision) return;
    revision_ = *revision;
    until_ = (begun + time_).time_since_epoch().count();
    const std::lock_guard lock(view_mutex_);
    holder_ = own_;
}

void Lease::see(const std::optional<Entry>& entry, base::SteadyTime now) {
    const auto revision = entry ? entry->revision : 0;
    if (revision != seen_) seen_since_ = now;
    seen_ = revision;
    const std::lock_guard lock(view_mutex_);
    holder_ = entry ? std::string(base::text(entry->value)) : "";
}

void Lease::renew() {
    const auto begun = clock_.steady();
    const auto done = bucket_.update(kKey, base::view(own_), revision_, patience());
    wrote(done, begun);
    // `refused` may be the echo of a write of our own whose answer was lost: `look` finds out.
    if (!done && done.error().kind == Kind::refused) revision_ = 0;
}

void Lease::look(bool may_take) {
    const auto begun = clock_.steady();
    const auto entry = bucket_.get(kKey, patience());
    if (!entry) return;
    see(*entry, begun);
    if (!*entry) {
        until_ = 0;
        if (may_take) wrote(bucket_.create(kKey, base::view(own_), patience()), begun);
        return;
    }
    if (base::text((*entry)->value) == own_) {
        revision_ = (*entry)->revision;
        return renew();
    }
    until_ = 0;
    if (may_take && begun - seen_since_ >= time_ * 3 / 2)
        wrote(bucket_.update(kKey, base::view(own_), (*entry)->revision, patience()), begun);
}

void Lease::step(bool may_take) {
    if (revision_ != 0) renew();
    if (revision_ == 0) look(may_take);
}

void Lease::give_back() {
    until_ = 0;
    if (revision_ == 0) return;
    (void)bucket_.remove(kKey, std::exchange(revision_, 0), patience());
    const std::lock_guard lock(view_mutex_);
    holder_.clear();
}

}  // namespace rues::gateway::cluster
