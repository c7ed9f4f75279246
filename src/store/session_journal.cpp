#include "store/session_journal.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "wire/uri.hpp"

namespace rues::store {
namespace {

using base::ByteView;
using base::Error;
using Id = base::ByteArray<16>;

constexpr std::string_view kMagic = "ruesses1";
constexpr std::size_t kCompleteAt = 8;  ///< a byte: 1 while nothing is missing
constexpr std::size_t kHead = 16;
constexpr std::size_t kEntryHead = 12;  ///< length u32, checksum u64
constexpr std::size_t kFirstSize = 64 << 10;
constexpr std::size_t kReleased = 64 << 10;  ///< at once; whole pages

enum class Kind : std::uint8_t { subscribed = 1, unsubscribed = 2, ended = 3, forgotten = 4 };

std::unexpected<Error> io(const std::filesystem::path& path, int code) {
    return base::failure(code == ENOSPC ? Error::Kind::no_space : Error::Kind::io,
                         fmt::format("{}: {}", path.string(), std::generic_category().message(code)));
}

base::Writer entry(Kind kind, const Id& id) {
    base::Writer out;
    out.put(static_cast<std::uint8_t>(kind)).put(ByteView(id));
    return out;
}

using Sessions = std::map<Id, JournaledSession>;

void forget_subscription(JournaledSession& session, std::string_view uri) {
    std::erase_if(session.subscriptions, [&](const JournaledSubscription& each) { return each.uri == uri; });
}

/// False when the entry is none.
bool take(Sessions& sessions, ByteView body) {
    base::Reader in(body);
    const auto kind = in.take<std::uint8_t>();
    const auto id = in.take_array<16>();
    if (!kind || !id) return false;
    JournaledSession& session = sessions[*id];
    session.id = *id;
    switch (static_cast<Kind>(*kind)) {
    case Kind::subscribed: {
        const auto from = in.take<std::uint64_t>();
        const auto unfinished = in.take<std::uint8_t>();
        if (!from || !unfinished || *unfinished > 2) return false;
        const auto uri = base::text(in.rest());
        forget_subscription(session, uri);
        session.subscriptions.push_back({std::string(uri), *from, static_cast<Unfinished>(*unfinished)});
        return true;
    }
    case Kind::unsubscribed:
        forget_subscription(session, base::text(in.rest()));
        return true;
    case Kind::ended: {
        const auto when = in.take<std::uint64_t>();
        const auto position = in.take<std::uint64_t>();
        if (!when || !position) return false;
        session.ended_unix_ms = *when;
        session.position = *position;
        return true;
    }
    case Kind::forgotten:
        sessions.erase(*id);
        return true;
    }
    return false;
}

}  // namespace

base::Result<SessionJournal::Read> SessionJournal::read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return io(path, errno);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (in.bad()) return io(path, EIO);
    ByteView rest = base::view(text);
    Read out;
    if (rest.size() < kHead || !text.starts_with(kMagic)) return Read{{}, false};
    out.complete = rest[kCompleteAt] == std::byte{1};
    rest = rest.subspan(kHead);
    Sessions sessions;
    for (;;) {
        base::Reader reader(rest);
        const auto length = reader.take<std::uint32_t>();
        const auto sum = reader.take<std::uint64_t>();
        if (!length || !sum || *length == 0) break;  // the unused rest of the file is zeros
        const auto body = reader.take_bytes(*length);
        if (!body || wire::text_hash(base::text(*body)) != *sum || !take(sessions, *body)) {
            out.complete = false;
            break;
        }
        rest = rest.subspan(kEntryHead + *length);
    }
    for (auto& [id, session] : sessions) out.sessions.push_back(std::move(session));
    return out;
}

base::Result<std::unique_ptr<SessionJournal>> SessionJournal::create(const std::filesystem::path& path,
                                                                     const std::vector<JournaledSession>& sessions) {
    std::unique_ptr<SessionJournal> out(new SessionJournal(path));
    if (const int problem = out->replace(sessions); problem != 0) return io(path, problem);
    return out;
}

SessionJournal::~SessionJournal() {
    unmap();
}

/// REQUIRES: nothing is mapped. 0, or the error number.
int SessionJournal::map(const std::filesystem::path& path) {
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file_ < 0) return errno;
    // Room is taken now: a page that cannot be had while it is written would end the process.
    if (const int full = ::posix_fallocate(file_, 0, static_cast<off_t>(kFirstSize)); full != 0) return full;
    void* const at = ::mmap(nullptr, kFirstSize, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
    if (at == MAP_FAILED) return errno;
    map_ = static_cast<std::byte*>(at);
    size_ = kFirstSize;
    std::memcpy(map_, kMagic.data(), kMagic.size());
    map_[kCompleteAt] = std::byte{1};
    used_ = kHead;
    return 0;
}

void SessionJournal::unmap() {
    if (map_ != nullptr) ::munmap(map_, size_);
    if (file_ >= 0) ::close(file_);
    map_ = nullptr;
    file_ = -1;
}

void SessionJournal::mark_incomplete() {
    complete_ = false;
    map_[kCompleteAt] = std::byte{0};
}

void SessionJournal::append(ByteView body) {
    const std::size_t need = kEntryHead + body.size();
    if (used_ + need > size_) {
        const std::size_t grown = std::max(2 * size_, used_ + need);
        void* const at = ::posix_fallocate(file_, 0, static_cast<off_t>(grown)) == 0
                             ? ::mremap(map_, size_, grown, MREMAP_MAYMOVE)
                             : MAP_FAILED;
        if (at == MAP_FAILED) return mark_incomplete();
        map_ = static_cast<std::byte*>(at);
        size_ = grown;
    }
    std::byte* const at = map_ + used_;
    std::memcpy(at + kEntryHead, body.data(), body.size());
    base::store_le(at + 4, wire::text_hash(base::text(body)));
    base::store_le(at, static_cast<std::uint32_t>(body.size()));  // last: until then the entry is not there
    used_ += need;
    release_written();
}

/// What is written is not read again here: its pages need not stay in this process's memory. The file has them.
void SessionJournal::release_written() {
    const std::size_t end = used_ / kReleased * kReleased;
    if (end <= released_) return;
    ::madvise(map_ + released_, end - released_, MADV_DONTNEED);
    released_ = end;
}

void SessionJournal::subscribed(const Id& id, std::string_view uri, std::uint64_t from, Unfinished unfinished) {
    append(
        entry(Kind::subscribed, id).put(from).put(static_cast<std::uint8_t>(unfinished)).put(base::view(uri)).bytes());
}

void SessionJournal::unsubscribed(const Id& id, std::string_view uri) {
    append(entry(Kind::unsubscribed, id).put(base::view(uri)).bytes());
}

void SessionJournal::ended(const Id& id, std::uint64_t unix_ms, std::uint64_t position) {
    append(entry(Kind::ended, id).put(unix_ms).put(position).bytes());
}

void SessionJournal::forgotten(const Id& id) {
    append(entry(Kind::forgotten, id).bytes());
}

/// Written beside and then given the name: whoever is killed in between leaves what was there.
int SessionJournal::replace(const std::vector<JournaledSession>& sessions) {
    SessionJournal fresh(path_);
    const auto beside = std::filesystem::path(path_).concat(".new");
    int problem = fresh.map(beside);
    if (problem == 0) {
        for (const auto& session : sessions) {
            for (const auto& each : session.subscriptions)
                fresh.subscribed(session.id, each.uri, each.from, each.unfinished);
            if (session.ended_unix_ms != 0) fresh.ended(session.id, session.ended_unix_ms, session.position);
        }
        if (!fresh.complete_) problem = ENOSPC;
    }
    if (problem == 0 && ::rename(beside.c_str(), path_.c_str()) != 0) problem = errno;
    if (problem != 0) {
        ::unlink(beside.c_str());
        return problem;
    }
    std::swap(file_, fresh.file_);
    std::swap(map_, fresh.map_);
    std::swap(size_, fresh.size_);
    std::swap(used_, fresh.used_);
    std::swap(released_, fresh.released_);
    return 0;
}

void SessionJournal::rewrite(const std::vector<JournaledSession>& sessions) {
    if (replace(sessions) == 0) complete_ = true;  // whatever was missing is there now
    used_after_rewrite_ = used_;                   // after a failure too: not again at once
}

}  // namespace rues::store
