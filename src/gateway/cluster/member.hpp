#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "base/json.hpp"
#include "base/random.hpp"
#include "gateway/cluster/lease.hpp"
#include "gateway/cluster/shared_log.hpp"
#include "gateway/follower.hpp"

namespace rues::gateway::cluster {

/// A machine of the cluster that was heard of within the last `Member::kForgotten`.
struct Machine {
    std::string name;
    std::string start;  ///< names this start of the machine
    bool is_ingester = false;
    std::uint64_t height = 0;   ///< of its tip
    std::uint64_t applied = 0;  ///< the last message of the stream that it has read

    Bytes encode() const;
    static std::optional<Machine> decode(ByteView bytes);
};

/// A gateway as a machine of a cluster: it follows the stream, and ingests while it holds the lease.
///
/// Two threads: `run` writes the store, in place of a follower's thread; `keep` holds the lease and says to the other
/// machines that this one lives, so that neither has to wait for a node or for the disk.
class Member {
public:
    struct Options {
        std::string machine;  ///< this machine's name
        std::chrono::milliseconds lease_time{3'000};
        std::uint64_t epoch = 0;      ///< of the cluster's log
        base::ByteArray<16> start{};  ///< random: names this start of the machine
    };
    /// What a follower needs, and how to report. `on_report` is called on the thread of `run`.
    struct Parts {
        Upstreams& upstreams;
        FollowedLog& log;
        const base::Clock& clock;
        base::Log lines;
        Follower::OnReport on_report;
    };
    /// All outlive it.
    Member(Bus& bus, Options options, Parts parts);

    /// Until a stop is requested. The error says why this machine cannot go on: its store, or a stream that is not that
    /// of its log.
    base::Result<void> run(const std::stop_token& stop);
    void keep(const std::stop_token& stop);

    /// For `/status`. Any thread; does not wait.
    base::json::object to_json() const;

    /// How often a machine says that it lives, and when it is forgotten.
    static constexpr std::chrono::milliseconds kBeat{1'000};
    static constexpr std::chrono::milliseconds kForgotten{5'000};
    /// The longest wait for a question about the cluster.
    static constexpr Timeout kAnswer{2'000};
    /// A machine that has more messages to apply than this does not ask for the lease.
    static constexpr std::uint64_t kMostBehind = 1'000;
    /// For so long the stream may end before what this machine has applied, while its servers elect a leader.
    static constexpr std::chrono::seconds kElection{15};

private:
    struct View {
        std::string trouble;      ///< why nothing goes on; empty: all is well
        std::string silence;      ///< why this machine cannot say that it lives; empty: it can
        std::string shared_name;  ///< another start of a machine with this machine's name
        StreamState stream;
        std::vector<Machine> machines;
        bool is_ingester = false;
    };

    bool open_stream();
    bool open_buckets();
    base::Result<void> ingest(const std::stop_token& stop);
    void begin_again_if_stuck(bool has_advanced);
    base::Result<void> failed(const StreamFailure& failure, const std::stop_token& stop);
    bool may_ask_for_lease();
    void beat();
    void look_at_stream();
    /// For a question of the keeper, so that the next renewal of the lease is not late.
    Timeout patience() const { return std::clamp(options_.lease_time / 4, Timeout(100), kAnswer); }
    void look_at_machines();
    void end_term();
    void set_trouble(std::string text);
    void set_role(bool is_ingester);
    void report(const FollowerReport& report);

    Bus& bus_;
    const Options options_;
    const std::string start_;
    Parts parts_;
    // Of `run`.
    std::unique_ptr<Stream> stream_;
    std::optional<SharedLog> shared_;
    base::SteadyTime moved_;  ///< when the log here was last known to be that of the stream, or to grow
    // Of `keep`.
    std::unique_ptr<Stream> seen_stream_;
    std::unique_ptr<Bucket> leases_;
    std::unique_ptr<Bucket> machines_;
    std::optional<Lease> lease_of_keeper_;
    std::optional<base::SteadyTime> short_since_;
    // Of both.
    std::atomic<const Lease*> lease_{nullptr};  ///< `lease_of_keeper_`, once it is there
    std::atomic<std::uint64_t> applied_{0};
    std::atomic<std::uint64_t> height_{0};
    std::atomic<bool> is_short_{false};  ///< the stream ends before what this machine has applied
    mutable std::mutex view_mutex_;
    View view_;
    std::stop_source term_;  ///< ends the follower; guarded by `view_mutex_`
};

}  // namespace rues::gateway::cluster
