#pragma once

#include <algorithm>
#include <array>

#include "feed/catch_up.hpp"
#include "feed/decoded_delivery.hpp"
#include "feed/delayed_delivery.hpp"
#include "feed/delivery.hpp"
#include "feed/journal_care.hpp"
#include "feed/reports.hpp"
#include "feed/session_table.hpp"

namespace rues::feed {

/// For a client that has seen every event up to `after`: the sequence number after which delivery is complete, and
/// whether no event between the two is missing.
std::pair<std::uint64_t, bool> resolve(const store::Store& store, std::uint64_t head, const wire::Position& after);

/// The feed of one loop: puts its parts together and answers the requests of the `Hub`. All calls come on the loop's
/// thread; see `Hub` for the contract of the methods that it has too.
///
///     LoopFeed ── DecodedDelivery ── Delivery ── CatchUp ── SessionTable
///        └──────────────── JournalCare ────────────────────────┘
///
/// Each part knows only the parts to its right. Live sessions get events from `Delivery`; a session whose socket is
/// full goes to `CatchUp`, until it is live again.
class LoopFeed {
public:
    LoopFeed(std::size_t loop, const Shared& shared, const Limits& limits) : loop_(loop, shared, limits) {}
    /// Creates a journal in `folder` that has the sessions of an earlier run which can be resumed. Call it before the
    /// loop starts; it waits for the disk. `next`: see store::SessionJournal::Read.
    base::Result<void> begin_journal(const std::filesystem::path& folder, std::uint64_t next) {
        return journal_care_.begin(folder, next);
    }

    std::optional<wire::SessionId> open(Sink& sink, Opening opening);
    void writable(const wire::SessionId& id);
    void closed(const wire::SessionId& id, bool for_good);
    void drain(const wire::SessionId& id);
    Subscribed subscribe(const wire::SessionId& id, const wire::Uri& uri, const SubscribeOptions& options);
    Subscribed unsubscribe(const wire::SessionId& id, const wire::Uri& uri);
    /// Gives `done` what a session that resumes session `id` starts with. Reads many subscriptions in turns of the
    /// client; `done` is called on this loop, from inside this call or later.
    void take_over(const wire::SessionId& id, const std::optional<wire::Position>& after,
                   std::move_only_function<void(Restored)> done);
    /// Closes session `id` with 4001 and makes it unresumable: its client has come back with another id and cannot want
    /// this one any more.
    void supersede(const wire::SessionId& id);
    /// Calls `then` on this loop once the journal has room for the restored subscriptions, or cannot make room. May
    /// call it at once.
    void make_room(Restored restored, std::move_only_function<void(Restored)> then) {
        journal_care_.make_room(std::move(restored), std::move(then));
    }
    /// Delivers all records that came into the tail since the last call.
    void deliver() {
        const std::uint64_t head = loop_.shared.tail.head();
        delayed_delivery_.advance(head);
        delivery_.deliver(head);
        decoded_delivery_.advance();
        catch_up_.advance_all();
        catch_up_.advance_delayed();
    }
    /// The decoding of an event that this loop waits for has ended.
    void decoded() {
        catch_up_.decoded();
        if (decoded_delivery_.advance()) catch_up_.advance_all();
        catch_up_.advance_delayed();
    }
    /// Call it once a second: closes sessions that are behind for too long, drops ended sessions that can no longer be
    /// resumed, and starts reads that the full pool had refused.
    void tick();
    void use_limits(const Limits& limits) { loop_.limits = limits; }
    /// The journal's files. Call it before the loop starts.
    std::vector<std::filesystem::path> journal_files() const { return journal_care_.files(); }
    /// See feed::list.
    std::vector<Report> list(std::size_t most) const { return feed::list(loop_, sessions_, most); }
    std::optional<Report> inspect(std::span<const std::byte> first_bytes) const {
        return feed::inspect(loop_, sessions_, first_bytes);
    }
    std::size_t sessions() const noexcept { return sessions_.count(); }
    bool is_open(const wire::SessionId& id) const { return sessions_.find_open(id) != nullptr; }
    std::size_t number() const noexcept { return loop_.number; }
    /// Number of reads of the log that wait for their turn.
    std::size_t waiting_reads() const noexcept { return catch_up_.waiting_reads(); }

private:
    /// A session whose subscriptions are being collected for another one.
    struct TakingOver {
        EndedSessions::Session old;
        bool has_position = false;  ///< the client has named one
        std::move_only_function<void(Restored)> done;
        Restored out;
        std::size_t taken = 0;  ///< subscriptions of `old` that are in `out`, or cannot be
    };
    /// How far the subscriptions of a session are restored.
    struct Restoring {
        Restored from;
        std::size_t restored = 0;
        /// For each finality, all replays that were under way continue as one.
        std::array<ReplayRef, wire::kFinalities> replays;
        std::array<ReplayRef, wire::kFinalities> late;  ///< all late subscriptions join others
        base::Held resuming;
        bool has_replays() const noexcept {
            const auto is_there = [](const ReplayRef& each) { return each != nullptr; };
            return std::ranges::any_of(replays, is_there) || std::ranges::any_of(late, is_there);
        }
    };
    void take_over_some(TakingOver taking);
    void announce(Session& session, const Restored* restored) const;
    void restore(Session& session, Restored restored, base::Held resuming);
    void restore_some(Session& session, Restoring& restoring);
    void restore_in_turns(const wire::SessionId& id, Restoring restoring);
    void keep_for_resume(const Session& session);
    void end_taken(Session& session);
    bool has_earlier_events(const wire::Uri& uri) const;
    std::uint64_t undecided_at(wire::Finality finality, std::uint64_t seen, std::uint64_t covered_from) const;

    LoopContext loop_;
    SessionTable sessions_{loop_};
    CatchUp catch_up_{loop_, sessions_};
    Delivery delivery_{loop_, sessions_, catch_up_, sessions_.plain()};
    DecodedDelivery decoded_delivery_{loop_, sessions_, catch_up_};
    DelayedDelivery delayed_delivery_{loop_, sessions_, catch_up_};
    JournalCare journal_care_{loop_, sessions_};
};

}  // namespace rues::feed
