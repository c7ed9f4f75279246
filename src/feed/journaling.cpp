#include "feed/loop_feed.hpp"

/// How a loop keeps its session journal small and complete. The loop copies bytes; all work on files is the pool's.
namespace rues::feed {
namespace {

constexpr std::size_t kRewrittenAtOnce = 64 << 10;  // bytes, or one larger session, in one turn of the loop

}  // namespace

store::SessionJournal::Background LoopFeed::background() {
    return [this](std::move_only_function<store::SessionJournal::Then()> work) {
        return shared_.executors.on_pool(
            [alive = alive_, work = std::move(work), on_loop = shared_.executors.on_loop, loop = loop_]() mutable {
                on_loop(loop, [alive, then = work()]() mutable {
                    if (*alive && then) then();
                });
            });
    };
}

base::Result<void> LoopFeed::begin_journal(const std::filesystem::path& folder, std::uint64_t next) {
    std::vector<store::JournaledSession> sessions;
    for (EndedSessions::Part part; !part.is_last;) {
        part = shared_.ended.part(loop_, part.last);
        for (const auto& each : part.sessions) sessions.push_back(*each);
    }
    auto made = store::SessionJournal::create({folder, loop_, next, background()}, sessions);
    if (!made) return std::unexpected(made.error());
    journal_ = std::move(*made);
    return {};
}

std::vector<std::filesystem::path> LoopFeed::journal_files() const {
    return journal_ ? journal_->files() : std::vector<std::filesystem::path>{};
}

void LoopFeed::make_room(Restored restored, std::move_only_function<void(Restored)> then) {
    if (!journal_ || restored.subscriptions.empty()) return then(std::move(restored));
    std::size_t uri_bytes = 0;
    for (const auto& each : restored.subscriptions) uri_bytes += bytes_of(each.uri);
    const std::size_t bytes = store::SessionJournal::bytes_of(restored.subscriptions.size(), uri_bytes);
    // If the journal cannot make room, it becomes incomplete and says so.
    journal_->reserve(
        bytes, [restored = std::move(restored), then = std::move(then)](bool) mutable { then(std::move(restored)); });
}

void LoopFeed::rewrite_journal() {
    if (rewrite_ || !journal_->needs_rewrite() || !journal_->begin_rewrite()) return;
    rewrite_ = Rewrite{};  // clang has no emplace() for a nested class with member initializers
    rewrite_some();
}

void LoopFeed::rewrite_later() {
    shared_.executors.on_loop(loop_, [this, alive = alive_] {
        if (*alive) rewrite_some();
    });
}

/// One step of a rewrite. Changes between two steps are appended as always: after the entries that the rewrite wrote
/// for that session, or before it writes all of them.
void LoopFeed::rewrite_some() {
    for (std::size_t bytes = 0; bytes < kRewrittenAtOnce;) {
        const auto session = next_to_rewrite();
        if (!session) {
            rewrite_.reset();
            return journal_->finish_rewrite();
        }
        const std::size_t size = store::SessionJournal::bytes_of(*session);
        if (!journal_->has_room(size)) {
            return journal_->reserve(size, [this](bool has_room) {
                if (has_room) return rewrite_later();
                rewrite_.reset();  // `tick` begins again
            });
        }
        rewrite_->slot < slots_.size() ? void(++rewrite_->slot) : rewrite_->part.pop_back();
        journal_->forgotten(session->id);
        journal_->whole(*session);
        bytes += size;
    }
    rewrite_later();
}

/// The session that the rewrite writes next, in its present state; skips sessions that are gone. A session that ends
/// during the rewrite is placed after those that ended before it, so none is missed.
std::optional<store::JournaledSession> LoopFeed::next_to_rewrite() {
    for (; rewrite_->slot < slots_.size(); ++rewrite_->slot) {
        const auto& session = slots_[rewrite_->slot];
        if (session && session->is_announced && !session->subscriptions.empty()) return record_of(*session);
    }
    for (;;) {
        for (; !rewrite_->part.empty(); rewrite_->part.pop_back()) {
            const auto& session = rewrite_->part.back();
            if (shared_.ended.find(session->id, shared_.clock.steady())) return *session;
        }
        if (rewrite_->is_last_part) return std::nullopt;
        auto part = shared_.ended.part(loop_, rewrite_->ended);
        rewrite_->ended = part.last;
        rewrite_->part = std::move(part.sessions);
        rewrite_->is_last_part = part.is_last;
    }
}

}  // namespace rues::feed
