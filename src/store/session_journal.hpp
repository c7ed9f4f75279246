#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/siphash.hpp"
#include "store/session_segment.hpp"
#include "wire/finality.hpp"

/// The subscriptions of sessions, kept so that clients can resume after the server was killed.
/// docs/formats/sessions.md.
namespace rues::store {

/// The part of a new subscription that was not delivered completely: `replay`, the stored events after `from`; `past`,
/// the earlier events of its entity.
enum class Unfinished : std::uint8_t { nothing = 0, replay = 1, past = 2 };

struct JournaledSubscription {
    std::string uri;
    std::uint64_t from = 0;  ///< the subscription covers events with a greater sequence number
    Unfinished unfinished = Unfinished::nothing;
    bool decodes = false;  ///< events of contracts are delivered decoded
    wire::Certainty certainty{};
    friend bool operator==(const JournaledSubscription&, const JournaledSubscription&) = default;
};

struct JournaledSession {
    base::ByteArray<16> id{};
    std::vector<JournaledSubscription> subscriptions;
    /// When the connection ended, in milliseconds of the steady clock of this boot. nullopt when it was open at the
    /// last write of the journal, or ended in another boot.
    std::optional<std::uint64_t> ended_ms{};
    std::optional<std::uint64_t> position{};  ///< sequence number of the last delivered record; nullopt when not known
    bool complete = true;                     ///< false: subscriptions may be missing
    friend bool operator==(const JournaledSession&, const JournaledSession&) = default;
};

/// The journal of one loop: a row of segments. The loop only copies bytes into mapped memory. A pool makes the next
/// segment before it is needed, and unmaps and removes old ones. Appended entries survive a killed process, not a power
/// cut.
///
/// When the next segment is not ready in time, changes wait in memory, up to 1 MiB, and the files are marked as
/// incomplete until the changes are written. Beyond this bound changes are lost: `needs_rewrite` becomes true and the
/// owner must write everything again.
///
/// Writing everything again (a rewrite) also removes outdated entries. The owner calls `begin_rewrite`; then, for each
/// session, `forgotten` and all its entries, in any number of steps and with other changes in between; then
/// `finish_rewrite`, which removes the older segments. If the process is killed before that, old and new segments read
/// together give the same sessions.
///
/// Only the thread that owns the journal calls it.
class SessionJournal {
public:
    using Then = std::move_only_function<void()>;
    /// Runs `work` on a pool, then runs the function that `work` returned (it may be empty) on the thread that owns the
    /// journal, unless the journal is destroyed by then. Both run later, never inside the call. Returns false when the
    /// pool is full; then nothing runs.
    using Background = std::function<bool(std::move_only_function<Then()> work)>;

    struct Read {
        std::vector<JournaledSession> sessions;
        bool complete = true;    ///< false: changes may be missing
        std::uint64_t next = 1;  ///< greater than the number of every segment in the folder
    };
    /// Reads all journals of a folder together. A torn or foreign segment makes the result incomplete. `key` is drawn
    /// at random: URIs are looked up, and clients chose them. Waits for the disk. Error of kind `io` when a file cannot
    /// be read.
    static base::Result<Read> read(const std::filesystem::path& folder, const base::HashKey& key);

    struct Options {
        std::filesystem::path folder;
        std::size_t loop = 0;
        std::uint64_t next = 1;  ///< see Read::next
        Background background;
    };
    /// Creates a journal that contains `sessions`. The files in the folder stay. Waits for the disk.
    static base::Result<std::unique_ptr<SessionJournal>> create(Options options,
                                                                const std::vector<JournaledSession>& sessions = {});
    ~SessionJournal();
    SessionJournal(const SessionJournal&) = delete;
    SessionJournal& operator=(const SessionJournal&) = delete;

    /// Appends a subscription. Call it again when `from` or `unfinished` changes.
    void subscribed(const base::ByteArray<16>& id, std::string_view uri, std::uint64_t from,
                    Unfinished unfinished = Unfinished::nothing, bool decodes = false,
                    const wire::Certainty& certainty = {});
    void unsubscribed(const base::ByteArray<16>& id, std::string_view uri);
    /// The connection ended at `steady_ms`; `position` is the last delivered record, nullopt when not known.
    void ended(const base::ByteArray<16>& id, std::uint64_t steady_ms, std::optional<std::uint64_t> position);
    /// Subscriptions of this session may be missing.
    void damaged(const base::ByteArray<16>& id);
    /// Removes everything that earlier entries say about this session.
    void forgotten(const base::ByteArray<16>& id);
    /// Appends all entries of one session.
    void whole(const JournaledSession& session);
    /// Upper bound of the bytes of a session's entries.
    static std::size_t bytes_of(const JournaledSession& session);
    static std::size_t bytes_of(std::size_t subscriptions, std::size_t uri_bytes);

    /// True when `bytes` can be appended without waiting for a segment.
    bool has_room(std::size_t bytes) const noexcept { return waiting_.empty() && current_->room() >= bytes; }
    /// Calls `then(true)` as soon as `bytes` can be appended without waiting for a segment, inside this call if that is
    /// now. Calls `then(false)` when no segment can be made, or when four callers wait already; entries that are
    /// appended anyway can make the journal incomplete.
    void reserve(std::size_t bytes, std::move_only_function<void(bool)> then);
    /// Call it once a second. It asks again for a segment that could not be made.
    void tick();

    /// True when changes were lost, or when so much is outdated that the owner should rewrite the journal.
    bool needs_rewrite() const noexcept;
    /// Starts a rewrite. Returns false when no segment is ready; try again later.
    bool begin_rewrite();
    /// Ends a rewrite and removes the older segments. When the pool is full they stay, and still count in `used`.
    void finish_rewrite();

    /// False while changes are missing from the files.
    bool complete() const noexcept { return waiting_.empty() && !lost_; }
    /// Bytes written to all segments in use.
    std::size_t used() const noexcept { return used_; }
    /// The files in use.
    std::vector<std::filesystem::path> files() const;

private:
    explicit SessionJournal(Options options)
        : options_(std::move(options)), next_order_(options_.next), next_file_(options_.next) {}
    std::filesystem::path next_path();
    void append(base::ByteView body);
    void keep_waiting(base::ByteView entry);
    void ask();
    void arrived(base::Result<std::unique_ptr<SessionSegment>> made);
    void use(std::unique_ptr<SessionSegment> next);
    void retire(std::unique_ptr<SessionSegment> segment, bool removes);
    void give_up_reserved();

    struct Reserved {
        std::size_t bytes;
        std::move_only_function<void(bool)> then;
    };

    const Options options_;
    std::uint64_t next_order_;
    std::uint64_t next_file_;
    std::unique_ptr<SessionSegment> current_;
    std::unique_ptr<SessionSegment> spare_;
    bool asked_ = false;   ///< the pool is making a segment
    bool failed_ = false;  ///< no segment could be made; `tick` asks again
    std::vector<Reserved> reserved_;
    base::Bytes waiting_;  ///< entries that wait for a segment
    bool lost_ = false;    ///< entries were lost since the last rewrite began
    base::Bytes entry_;    ///< reused, so that an append allocates nothing
    std::vector<std::filesystem::path> files_;
    std::size_t rewritten_from_ = 0;  ///< index in `files_`; `finish_rewrite` removes the files before it
    std::size_t used_ = 0;
    std::size_t used_before_rewrite_ = 0;
    std::size_t used_after_rewrite_ = 0;
};

}  // namespace rues::store
