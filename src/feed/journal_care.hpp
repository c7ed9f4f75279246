#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "feed/session_table.hpp"

namespace rues::feed {

/// Keeps the session journal of a loop small and complete: makes room, removes sessions that are gone, rewrites it. The
/// loop copies bytes; all work on files is the pool's. Without a journal nothing here does anything. Belongs to the
/// loop's thread.
class JournalCare {
public:
    JournalCare(const LoopContext& loop, SessionTable& sessions) : loop_(loop), sessions_(sessions) {}
    /// See LoopFeed::begin_journal.
    base::Result<void> begin(const std::filesystem::path& folder, std::uint64_t next);
    std::vector<std::filesystem::path> files() const;
    /// See LoopFeed::make_room.
    void make_room(Restored restored, std::move_only_function<void(Restored)> then);
    /// Call it once a second.
    void tick();

private:
    /// How far a rewrite of the journal has come: it writes the open sessions first, then the ended ones.
    struct Rewrite {
        std::size_t slot = 0;
        std::uint64_t ended = 0;  ///< see EndedSessions::part
        std::vector<EndedSessions::Session> part{};
        bool is_last_part = false;
    };

    store::SessionJournal::Background background();
    void rewrite();
    void rewrite_later();
    void rewrite_some();
    std::optional<store::JournaledSession> next_to_rewrite();

    const LoopContext& loop_;
    SessionTable& sessions_;
    std::optional<Rewrite> rewrite_;  ///< the rewrite that is under way
};

}  // namespace rues::feed
