#include "feed/journal_care.hpp"

namespace rues::feed {
namespace {

constexpr std::size_t kRewrittenAtOnce = 64 << 10;  // bytes, or one larger session, in one turn of the loop

}  // namespace

store::SessionJournal::Background JournalCare::background() {
    return [&loop = loop_](std::move_only_function<store::SessionJournal::Then()> work) {
        const base::ActingFor scope(nullptr);  // the journal belongs to no client, and its steps must keep their order
        return loop.on_pool(std::move(work), [](store::SessionJournal::Then then) {
            if (then) then();
        });
    };
}

base::Result<void> JournalCare::begin(const std::filesystem::path& folder, std::uint64_t next) {
    std::vector<store::JournaledSession> ended;
    for (EndedSessions::Part part; !part.is_last;) {
        part = loop_.shared.ended.part(loop_.number, part.last);
        for (const auto& each : part.sessions) ended.push_back(*each);
    }
    auto made = store::SessionJournal::create({folder, loop_.number, next, background()}, ended);
    if (!made) return std::unexpected(made.error());
    sessions_.keep_journal(std::move(*made));
    return {};
}

std::vector<std::filesystem::path> JournalCare::files() const {
    const store::SessionJournal* const journal = sessions_.journal();
    return journal == nullptr ? std::vector<std::filesystem::path>{} : journal->files();
}

void JournalCare::make_room(Restored restored, std::move_only_function<void(Restored)> then) {
    store::SessionJournal* const journal = sessions_.journal();
    if (journal == nullptr || restored.subscriptions.empty()) return then(std::move(restored));
    const std::size_t bytes = store::SessionJournal::bytes_of(restored.subscriptions.size(), restored.uri_bytes);
    // If the journal cannot make room, it becomes incomplete and says so.
    journal->reserve(
        bytes, [restored = std::move(restored), then = std::move(then)](bool) mutable { then(std::move(restored)); });
}

void JournalCare::tick() {
    const auto gone = loop_.shared.ended.take_gone(loop_.number);
    store::SessionJournal* const journal = sessions_.journal();
    if (journal == nullptr) return;
    for (const auto& id : gone) journal->forgotten(id);
    journal->tick();
    rewrite();
}

void JournalCare::rewrite() {
    store::SessionJournal& journal = *sessions_.journal();
    if (rewrite_ || !journal.needs_rewrite() || !journal.begin_rewrite()) return;
    rewrite_ = Rewrite{};  // clang has no emplace() for a nested class with member initializers
    rewrite_some();
}

void JournalCare::rewrite_later() {
    loop_.later([this] { rewrite_some(); });
}

/// One step of a rewrite. Changes between two steps are appended as always: after the entries that the rewrite wrote
/// for that session, or before it writes all of them.
void JournalCare::rewrite_some() {
    store::SessionJournal& journal = *sessions_.journal();
    for (std::size_t bytes = 0; bytes < kRewrittenAtOnce;) {
        const auto session = next_to_rewrite();
        if (!session) {
            rewrite_.reset();
            return journal.finish_rewrite();
        }
        const std::size_t size = store::SessionJournal::bytes_of(*session);
        if (!journal.has_room(size)) {
            return journal.reserve(size, [this](bool has_room) {
                if (has_room) return rewrite_later();
                rewrite_.reset();  // `tick` begins again
            });
        }
        rewrite_->slot < sessions_.slots().size() ? void(++rewrite_->slot) : rewrite_->part.pop_back();
        journal.forgotten(session->id);
        journal.whole(*session);
        bytes += size;
    }
    rewrite_later();
}

/// The session that the rewrite writes next, in its present state; skips sessions that are gone. A session that ends
/// during the rewrite is placed after those that ended before it, so none is missed.
std::optional<store::JournaledSession> JournalCare::next_to_rewrite() {
    const auto slots = sessions_.slots();
    for (; rewrite_->slot < slots.size(); ++rewrite_->slot) {
        const auto& session = slots[rewrite_->slot];
        if (session && session->is_announced && !session->subscriptions.empty()) return sessions_.record_of(*session);
    }
    for (;;) {
        for (; !rewrite_->part.empty(); rewrite_->part.pop_back()) {
            const auto& session = rewrite_->part.back();
            if (loop_.shared.ended.find(session->id, loop_.shared.clock.steady())) return *session;
        }
        if (rewrite_->is_last_part) return std::nullopt;
        auto part = loop_.shared.ended.part(loop_.number, rewrite_->ended);
        rewrite_->ended = part.last;
        rewrite_->part = std::move(part.sessions);
        rewrite_->is_last_part = part.is_last;
    }
}

}  // namespace rues::feed
