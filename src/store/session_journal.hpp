#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"

/// What sessions are subscribed to, kept so that they can go on after the server was killed. docs/formats/sessions.md.
namespace rues::store {

/// What of a subscription's beginning in the past had not been handed out whole.
enum class Unfinished : std::uint8_t { nothing = 0, replay = 1, past = 2 };

struct JournaledSubscription {
    std::string uri;
    std::uint64_t from = 0;  ///< events after it are covered
    Unfinished unfinished = Unfinished::nothing;
    friend bool operator==(const JournaledSubscription&, const JournaledSubscription&) = default;
};

struct JournaledSession {
    base::ByteArray<16> id{};
    std::vector<JournaledSubscription> subscriptions;
    std::uint64_t ended_unix_ms = 0;  ///< 0: it had not ended when the journal was last written
    std::uint64_t position = 0;       ///< last record that was handed out; only of an ended one
    friend bool operator==(const JournaledSession&, const JournaledSession&) = default;
};

/// One writer, the loop that owns the sessions. A file mapped into memory: an entry costs a copy of its bytes and no
/// call of the kernel, and is there after the process was killed; not after a power cut.
///
/// When the file cannot grow, later changes are missing from it; it says so itself (`Read::complete`).
class SessionJournal {
public:
    struct Read {
        std::vector<JournaledSession> sessions;
        bool complete = true;  ///< false: changes may be missing
    };
    /// What a journal says; an end that is torn or foreign counts as incomplete. Waits for the disk.
    static base::Result<Read> read(const std::filesystem::path& path);
    /// Replaces what is there, atomically, by a journal of `sessions`. Waits for the disk.
    static base::Result<std::unique_ptr<SessionJournal>> create(const std::filesystem::path& path,
                                                                const std::vector<JournaledSession>& sessions = {});
    ~SessionJournal();
    SessionJournal(const SessionJournal&) = delete;
    SessionJournal& operator=(const SessionJournal&) = delete;

    /// Again when something of it has changed.
    void subscribed(const base::ByteArray<16>& id, std::string_view uri, std::uint64_t from,
                    Unfinished unfinished = Unfinished::nothing);
    void unsubscribed(const base::ByteArray<16>& id, std::string_view uri);
    void ended(const base::ByteArray<16>& id, std::uint64_t unix_ms, std::uint64_t position);
    /// Nothing of it is wanted any more.
    void forgotten(const base::ByteArray<16>& id);

    /// Whether so much in it is outdated that it should be written anew.
    bool is_bloated() const noexcept { return used_ > kBloated && used_ > 4 * used_after_rewrite_; }
    /// Writes `sessions` in place of all that is there, atomically. Some microseconds a session.
    void rewrite(const std::vector<JournaledSession>& sessions);
    /// False once a change could not be written.
    bool complete() const noexcept { return complete_; }
    std::size_t used() const noexcept { return used_; }

private:
    explicit SessionJournal(std::filesystem::path path) : path_(std::move(path)) {}
    void append(base::ByteView body);
    void release_written();
    void mark_incomplete();
    /// 0, or the error number.
    int replace(const std::vector<JournaledSession>& sessions);
    int map(const std::filesystem::path& path);
    void unmap();

    static constexpr std::size_t kBloated = 4 << 20;

    std::filesystem::path path_;
    int file_ = -1;
    std::byte* map_ = nullptr;
    std::size_t size_ = 0;  ///< of the file and the map
    std::size_t used_ = 0;
    std::size_t released_ = 0;
    std::size_t used_after_rewrite_ = 0;
    bool complete_ = true;
};

}  // namespace rues::store
