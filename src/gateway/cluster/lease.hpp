#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "gateway/cluster/bus.hpp"

namespace rues::gateway::cluster {

/// The right to ingest, which one machine holds at a time: a key that its holder writes again and again. Times are
/// steady and of this machine alone. A holder believes in its lease for `time` after it began to write the key; the
/// others take it when the key is gone, or has not changed for 1.5 times as long. So a clock that jumps, here or at a
/// server, can only make two machines believe for a while that they hold it; then the stream still takes commits of one
/// only.
class Lease {
public:
    /// `holder`: this start of this machine: no two have the same. `bucket` and `clock` outlive it.
    Lease(Bucket& bucket, std::string holder, std::chrono::milliseconds time, const base::Clock& clock)
        : bucket_(bucket), own_(std::move(holder)), time_(time), clock_(clock) {}

    /// Renews the lease, or takes it when nobody has it and `may_take`. Call it every quarter of `time`. One thread.
    void step(bool may_take);
    /// The same thread.
    void give_back();
    /// Any thread.
    bool is_held() const noexcept { return clock_.steady().time_since_epoch().count() < until_.load(); }
    /// The holder that was seen last; empty: none. Any thread.
    std::string holder() const;

    static constexpr std::string_view kKey = "ingester";

private:
    void renew();
    void look(bool may_take);
    void wrote(const BusResult<std::uint64_t>& revision, base::SteadyTime begun);
    void see(const std::optional<Entry>& entry, base::SteadyTime now);
    Timeout patience() const { return std::max(time_ / 4, Timeout(1)); }

    Bucket& bucket_;
    const std::string own_;
    const std::chrono::milliseconds time_;
    const base::Clock& clock_;
    std::atomic<base::SteadyTime::rep> until_{0};  ///< held until then
    std::uint64_t revision_ = 0;                   ///< of the key when this machine wrote it last; 0: it did not
    std::uint64_t seen_ = 0;                       ///< the last revision that was seen of another holder
    base::SteadyTime seen_since_{};
    mutable std::mutex view_mutex_;
    std::string holder_;
};

}  // namespace rues::gateway::cluster
