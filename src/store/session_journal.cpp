#include "store/session_journal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "wire/uri.hpp"

namespace rues::store {
namespace {

using base::ByteView;
using base::Error;
using Id = base::ByteArray<16>;

constexpr std::size_t kSegment = 128 << 10;  // bytes; two segments are mapped: the one in use and the next one
// Bytes; a large journal uses such segments, so that it does not become thousands of files.
constexpr std::size_t kLargeSegment = 1 << 20;
constexpr std::size_t kMaxWaiting = 1 << 20;  // most bytes of entries that wait for a segment
constexpr std::size_t kMaxReserved = 4;       // most callers of `reserve` that wait at the same time
constexpr std::size_t kOutdated = 4 << 20;    // bytes; less outdated data is no reason for a rewrite
constexpr std::size_t kSubscribedBytes = SessionSegment::kEntryHeadBytes + 1 + 16 + 8 + 1;  // without the URI
// Bytes of the other entries of one session.
constexpr std::size_t kOtherBytes = 3 * (SessionSegment::kEntryHeadBytes + 1 + 16) + 16;
// The byte of `Unfinished` has more bits: decoded, retractions, and two for the finality.
constexpr std::uint8_t kUnfinishedBits = 3;
constexpr std::uint8_t kDecodes = 4;
constexpr std::uint8_t kRetractions = 8;
constexpr unsigned kFinalityShift = 4;
constexpr std::uint64_t kNotKnown = UINT64_MAX;  // stands for an unknown position
constexpr std::string_view kExtension = ".sessions";

enum class Kind : std::uint8_t { subscribed = 1, unsubscribed = 2, ended = 3, forgotten = 4, damaged = 5 };

base::Writer body_of(Kind kind, const Id& id) {
    base::Writer out(64);
    out.put(static_cast<std::uint8_t>(kind)).put(ByteView(id));
    return out;
}

/// Applies the entries in order. Time and memory are proportional to the entries, whatever they contain.
class Sessions {
public:
    explicit Sessions(const base::HashKey& key) : key_(key) {}

    /// Applies one entry; false when it is not a valid entry. `same_boot`: its times are of the current steady clock.
    bool take(ByteView body, bool same_boot) {
        base::Reader in(body);
        const auto kind = in.take<std::uint8_t>();
        const auto id = in.take_array<16>();
        if (!kind || !id) return false;
        if (static_cast<Kind>(*kind) == Kind::forgotten) {
            by_id_.erase(*id);
            return true;
        }
        One& one = by_id_.try_emplace(*id, key_).first->second;
        one.session.id = *id;
        switch (static_cast<Kind>(*kind)) {
        case Kind::subscribed: {
            const auto from = in.take<std::uint64_t>();
            const auto unfinished = in.take<std::uint8_t>();
            if (!from || !unfinished) return false;
            const bool decodes = (*unfinished & kDecodes) != 0;
            const bool retractions = (*unfinished & kRetractions) != 0;
            const auto left = static_cast<std::uint8_t>(*unfinished & kUnfinishedBits);
            const unsigned finality = *unfinished >> kFinalityShift;
            if (left > 2 || finality >= wire::kFinalities) return false;
            one.subscriptions[std::string(base::text(in.rest()))] = {
                ++count_, *from, static_cast<Unfinished>(left), decodes,
                wire::Certainty{static_cast<wire::Finality>(finality), retractions}};
            return true;
        }
        case Kind::unsubscribed:
            one.subscriptions.erase(std::string(base::text(in.rest())));
            return true;
        case Kind::ended: {
            const auto when = in.take<std::uint64_t>();
            const auto position = in.take<std::uint64_t>();
            if (!when || !position) return false;
            one.session.ended_ms = same_boot ? when : std::nullopt;
            one.session.position = *position == kNotKnown ? std::nullopt : position;
            return true;
        }
        case Kind::damaged:
            one.session.complete = false;
            return true;
        case Kind::forgotten:
            break;
        }
        return false;
    }

    std::vector<JournaledSession> all() && {
        std::vector<JournaledSession> out;
        out.reserve(by_id_.size());
        for (auto& [id, one] : by_id_) {
            std::vector<std::pair<std::uint64_t, JournaledSubscription>> in_order;
            in_order.reserve(one.subscriptions.size());
            for (const auto& [uri, it] : one.subscriptions)
                in_order.push_back({it.number, {uri, it.from, it.unfinished, it.decodes, it.certainty}});
            std::ranges::sort(in_order, {}, [](const auto& each) { return each.first; });
            for (auto& each : in_order) one.session.subscriptions.push_back(std::move(each.second));
            out.push_back(std::move(one.session));
        }
        return out;
    }

private:
    struct Subscription {
        std::uint64_t number = 0;  ///< number of its last entry; gives the order of the subscriptions
        std::uint64_t from = 0;
        Unfinished unfinished = Unfinished::nothing;
        bool decodes = false;
        wire::Certainty certainty{};
    };
    /// Clients choose the URIs (docs/decisions/0010).
    struct UriHash {
        base::HashKey key;
        std::size_t operator()(const std::string& uri) const noexcept { return base::siphash(key, base::view(uri)); }
    };
    struct One {
        explicit One(const base::HashKey& key) : subscriptions(0, UriHash{key}) {}
        JournaledSession session;
        std::unordered_map<std::string, Subscription, UriHash> subscriptions;
    };
    const base::HashKey key_;
    std::map<Id, One> by_id_;
    std::uint64_t count_ = 0;
};

base::Result<std::string> bytes_at(const std::filesystem::path& path, std::size_t most = SIZE_MAX) {
    std::ifstream in(path, std::ios::binary);
    std::string out;
    if (in && most == SIZE_MAX) {
        out.assign(std::istreambuf_iterator<char>(in), {});
    } else if (in) {
        out.resize(most);
        in.read(out.data(), static_cast<std::streamsize>(most));
        out.resize(static_cast<std::size_t>(in.gcount()));
    }
    if (!in.is_open() || in.bad())
        return base::failure(Error::Kind::io, fmt::format("{}: cannot be read", path.string()));
    return out;
}

/// The number in a file name of the form <loop>-<number>.sessions; 0 when there is none.
std::uint64_t number_of(const std::filesystem::path& path) {
    const std::string stem = path.stem().string();
    return base::parse_u64(stem.substr(stem.find('-') + 1)).value_or(0);
}

}  // namespace

base::Result<SessionJournal::Read> SessionJournal::read(const std::filesystem::path& folder, const base::HashKey& key) {
    Read out;
    std::vector<std::pair<SegmentHead, std::filesystem::path>> segments;
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
        if (file.path().extension() != kExtension) continue;
        const auto begin = bytes_at(file.path(), SessionSegment::kHeadBytes);
        if (!begin) return std::unexpected(begin.error());
        const auto head = SessionSegment::head_of(base::view(*begin));
        out.next = std::max({out.next, number_of(file.path()) + 1, head ? head->order + 1 : 0});
        if (!head) {
            out.complete = false;
        } else if (head->order > 0) {
            out.complete = out.complete && head->complete;
            segments.emplace_back(*head, file.path());
        }
    }
    if (error) return base::failure(Error::Kind::io, fmt::format("{}: {}", folder.string(), error.message()));
    std::ranges::sort(segments, {}, [](const auto& segment) { return segment.first.order; });
    const BootId boot = current_boot();
    Sessions sessions(key);
    for (const auto& [head, path] : segments) {
        const auto text = bytes_at(path);
        if (!text) return std::unexpected(text.error());
        const bool same_boot = head.boot == boot && boot != BootId{};
        ByteView rest = base::view(*text).subspan(SessionSegment::kHeadBytes);
        for (;;) {
            base::Reader reader(rest);
            const auto length = reader.take<std::uint32_t>();
            const auto sum = reader.take<std::uint64_t>();
            if (!length || !sum || *length == 0) break;  // the unused rest of the file is zeros
            const auto body = reader.take_bytes(*length);
            if (!body || wire::text_hash(base::text(*body)) != *sum || !sessions.take(*body, same_boot)) {
                out.complete = false;
                break;
            }
            rest = reader.rest();
        }
    }
    out.sessions = std::move(sessions).all();
    return out;
}

base::Result<std::unique_ptr<SessionJournal>> SessionJournal::create(Options options,
                                                                     const std::vector<JournaledSession>& sessions) {
    std::size_t bytes = kSegment;
    for (const auto& session : sessions) bytes += bytes_of(session);
    std::unique_ptr<SessionJournal> out(new SessionJournal(std::move(options)));
    auto first = SessionSegment::create(out->next_path(), bytes);
    if (!first) return std::unexpected(first.error());
    out->use(std::move(*first));
    for (const auto& session : sessions) out->whole(session);
    out->used_after_rewrite_ = out->used_;
    return out;
}

SessionJournal::~SessionJournal() = default;

std::vector<std::filesystem::path> SessionJournal::files() const {
    return files_;
}

std::filesystem::path SessionJournal::next_path() {
    return options_.folder / fmt::format("{}-{}{}", options_.loop, next_file_++, kExtension);
}

// --- entries ---

std::size_t SessionJournal::bytes_of(std::size_t subscriptions, std::size_t uri_bytes) {
    return subscriptions * kSubscribedBytes + uri_bytes + kOtherBytes;
}

std::size_t SessionJournal::bytes_of(const JournaledSession& session) {
    std::size_t uri_bytes = 0;
    for (const auto& each : session.subscriptions) uri_bytes += each.uri.size();
    return bytes_of(session.subscriptions.size(), uri_bytes);
}

void SessionJournal::append(ByteView body) {
    entry_.clear();
    SessionSegment::encode(body, entry_);
    if (waiting_.empty() && current_->append(entry_)) {
        used_ += entry_.size();
    } else if (spare_) {  // nothing waits, because a spare segment is used for waiting entries at once
        use(std::move(spare_));
        used_ += entry_.size();
        current_->append(entry_);
    } else {
        keep_waiting(entry_);
    }
    if (!spare_) ask();
}

void SessionJournal::keep_waiting(ByteView entry) {
    current_->mark_complete(false);
    if (!lost_ && waiting_.size() + entry.size() <= kMaxWaiting) return base::append(waiting_, entry);
    lost_ = true;
    waiting_ = {};
}

void SessionJournal::subscribed(const Id& id, std::string_view uri, std::uint64_t from, Unfinished unfinished,
                                bool decodes, const wire::Certainty& certainty) {
    const unsigned bits = static_cast<unsigned>(unfinished) | (decodes ? kDecodes : 0U) |
                          (certainty.retractions ? kRetractions : 0U) |
                          static_cast<unsigned>(certainty.finality) << kFinalityShift;
    append(body_of(Kind::subscribed, id).put(from).put(static_cast<std::uint8_t>(bits)).put(base::view(uri)).bytes());
}

void SessionJournal::unsubscribed(const Id& id, std::string_view uri) {
    append(body_of(Kind::unsubscribed, id).put(base::view(uri)).bytes());
}

void SessionJournal::ended(const Id& id, std::uint64_t steady_ms, std::optional<std::uint64_t> position) {
    append(body_of(Kind::ended, id).put(steady_ms).put(position.value_or(kNotKnown)).bytes());
}

void SessionJournal::damaged(const Id& id) {
    append(body_of(Kind::damaged, id).bytes());
}

void SessionJournal::forgotten(const Id& id) {
    append(body_of(Kind::forgotten, id).bytes());
}

void SessionJournal::whole(const JournaledSession& session) {
    for (const auto& each : session.subscriptions)
        subscribed(session.id, each.uri, each.from, each.unfinished, each.decodes, each.certainty);
    if (!session.complete) damaged(session.id);
    if (session.ended_ms) ended(session.id, *session.ended_ms, session.position);
}

// --- segments ---

void SessionJournal::reserve(std::size_t bytes, std::move_only_function<void(bool)> then) {
    if (has_room(bytes)) return then(true);
    if (spare_ && spare_->room() >= bytes) {
        use(std::move(spare_));
        ask();
        return then(true);
    }
    if (failed_ || reserved_.size() == kMaxReserved) return then(false);
    reserved_.push_back({bytes, std::move(then)});
    ask();
}

void SessionJournal::give_up_reserved() {
    for (auto& each : std::exchange(reserved_, {})) each.then(false);
}

/// Asks the pool for the next segment. It is large enough for everything that waits for it now.
void SessionJournal::ask() {
    if (asked_ || failed_) return;
    std::size_t size = std::clamp(used_ / 8, kSegment, kLargeSegment) + 2 * waiting_.size();
    for (const auto& each : reserved_) size += each.bytes;
    asked_ = options_.background([this, path = next_path(), size]() mutable -> Then {
        auto made = SessionSegment::create(std::move(path), size);
        return [this, made = std::move(made)]() mutable { arrived(std::move(made)); };
    });
    if (asked_) return;
    failed_ = true;
    give_up_reserved();
}

void SessionJournal::arrived(base::Result<std::unique_ptr<SessionSegment>> made) {
    asked_ = false;
    if (!made) {
        failed_ = true;
        return give_up_reserved();
    }
    if (!waiting_.empty() && (*made)->room() < waiting_.size()) {
        retire(std::move(*made), true);
    } else if (spare_) {  // the spare segment was too small, so this one was made
        use(std::move(*made));
    } else {
        spare_ = std::move(*made);
        if (!waiting_.empty()) use(std::move(spare_));
    }
    for (auto& each : std::exchange(reserved_, {})) reserve(each.bytes, std::move(each.then));
    if (!spare_) ask();
}

/// Makes `next` the current segment and writes the waiting entries to it. REQUIRES: they fit.
void SessionJournal::use(std::unique_ptr<SessionSegment> next) {
    next->use(next_order_++);
    for (std::size_t at = 0; at < waiting_.size();) {
        const std::size_t size = SessionSegment::kEntryHeadBytes + base::load_le<std::uint32_t>(waiting_.data() + at);
        next->append(ByteView(waiting_).subspan(at, size));
        at += size;
    }
    used_ += waiting_.size();
    waiting_ = {};
    files_.push_back(next->path());
    auto before = std::exchange(current_, std::move(next));
    if (!before) return;
    if (!lost_) before->mark_complete(true);
    retire(std::move(before), false);
}

/// Unmaps the segment and removes its file if `removes`: on the pool, or here (without removing it) when the pool is
/// full.
void SessionJournal::retire(std::unique_ptr<SessionSegment> segment, bool removes) {
    options_.background([segment = std::move(segment), removes]() mutable -> Then {
        if (removes) ::unlink(segment->path().c_str());
        segment.reset();
        return {};
    });
}

void SessionJournal::tick() {
    failed_ = false;
    if (!spare_) ask();
}

// --- rewriting ---

bool SessionJournal::needs_rewrite() const noexcept {
    return lost_ || used_ > used_after_rewrite_ + std::max(kOutdated, used_after_rewrite_ / 2);
}

bool SessionJournal::begin_rewrite() {
    if (!spare_) return false;
    rewritten_from_ = files_.size();
    used_before_rewrite_ = used_;
    use(std::move(spare_));
    lost_ = false;
    ask();
    return true;
}

void SessionJournal::finish_rewrite() {
    const auto end = files_.begin() + static_cast<std::ptrdiff_t>(std::exchange(rewritten_from_, 0));
    const bool removed = options_.background([old = std::vector(files_.begin(), end)]() -> Then {
        for (const auto& path : old) ::unlink(path.c_str());
        return {};
    });
    if (!removed) return;  // `used_` stays large, so the owner starts another rewrite
    files_.erase(files_.begin(), end);
    used_ -= used_before_rewrite_;
    used_after_rewrite_ = used_;
}

}  // namespace rues::store
