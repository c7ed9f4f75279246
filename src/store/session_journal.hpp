#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "store/session_segment.hpp"

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
    /// When it ended, in milliseconds of the steady clock of this boot. nullopt: it was open when the journal was last
    /// written, or it ended in another boot.
    std::optional<std::uint64_t> ended_ms{};
    std::optional<std::uint64_t> position{};  ///< last record that was handed out. nullopt: not known
    bool complete = true;                     ///< false: subscriptions may be missing
    friend bool operator==(const JournaledSession&, const JournaledSession&) = default;
};

/// The journal of one loop: a row of segments. The loop only copies bytes into mapped memory; a pool makes the next
/// segment ahead of need, and unmaps and removes old ones. What was appended survives a killed process, not a power
/// cut.
///
/// When the next segment is not ready in time, changes wait in memory, up to a bound, and the journal says that it is
/// incomplete until they are written. Beyond the bound changes are lost: then the owner has to write everything again.
///
/// Writing everything again (a rewrite) is how a journal sheds what is outdated, too: `begin_rewrite`, then for each
/// session `forgotten` and all its entries, in as many steps as the owner likes and with other changes in between, then
/// `finish_rewrite`, which removes the segments from before. Read before that, old and new segments together say the
/// same.
///
/// Used by the thread that owns it only.
class SessionJournal {
public:
    using Then = std::move_only_function<void()>;
    /// Runs `work` on a pool and then what it returned, if anything, on the thread that owns the journal, unless the
    /// journal is gone by then. Both later, never from inside the call. False: the pool is full, and nothing is run.
    using Background = std::function<bool(std::move_only_function<Then()> work)>;

    struct Read {
        std::vector<JournaledSession> sessions;
        bool complete = true;    ///< false: changes may be missing
        std::uint64_t next = 1;  ///< greater than the numbers of all segments there
    };
    /// What all journals of a folder say together. A torn or foreign segment makes it incomplete. Waits for the disk.
    static base::Result<Read> read(const std::filesystem::path& folder);

    struct Options {
        std::filesystem::path folder;
        std::size_t loop = 0;
        std::uint64_t next = 1;  ///< see Read::next
        Background background;
    };
    /// A new journal that says `sessions`; what is in the folder stays. Waits for the disk.
    static base::Result<std::unique_ptr<SessionJournal>> create(Options options,
                                                                const std::vector<JournaledSession>& sessions = {});
    ~SessionJournal();
    SessionJournal(const SessionJournal&) = delete;
    SessionJournal& operator=(const SessionJournal&) = delete;

    /// Again when something of it has changed.
    void subscribed(const base::ByteArray<16>& id, std::string_view uri, std::uint64_t from,
                    Unfinished unfinished = Unfinished::nothing);
    void unsubscribed(const base::ByteArray<16>& id, std::string_view uri);
    void ended(const base::ByteArray<16>& id, std::uint64_t steady_ms, std::optional<std::uint64_t> position);
    /// Subscriptions of this session may be missing.
    void damaged(const base::ByteArray<16>& id);
    /// Nothing of it is wanted any more.
    void forgotten(const base::ByteArray<16>& id);
    /// All entries of one session.
    void whole(const JournaledSession& session);
    /// Most bytes that a session's entries take.
    static std::size_t bytes_of(const JournaledSession& session);
    static std::size_t bytes_of(std::size_t subscriptions, std::size_t uri_bytes);

    /// Whether `bytes` can be appended without waiting for a segment.
    bool has_room(std::size_t bytes) const noexcept { return waiting_.empty() && current_->room() >= bytes; }
    /// Calls `then` when `bytes` can be appended without waiting for a segment: at once if that is so now. False: there
    /// is no room to be had, or four wait for it already; what is appended all the same makes the journal incomplete.
    void reserve(std::size_t bytes, std::move_only_function<void(bool)> then);
    /// Once a second: asks again for a segment that could not be made.
    void tick();

    /// Changes were lost, or so much is outdated that it should be written again.
    bool needs_rewrite() const noexcept;
    /// False: no segment is ready; ask again later.
    bool begin_rewrite();
    void finish_rewrite();

    /// False while changes are missing from the files.
    bool complete() const noexcept { return waiting_.empty() && !lost_; }
    /// Of all segments in use, without what they still have room for.
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
    bool asked_ = false;   ///< for a segment, which is being made
    bool failed_ = false;  ///< none could be made; `tick` asks again
    std::vector<Reserved> reserved_;
    base::Bytes waiting_;  ///< entries for which there was no room
    bool lost_ = false;    ///< entries since the last rewrite began
    base::Bytes entry_;    ///< kept for its memory
    std::vector<std::filesystem::path> files_;
    std::size_t rewritten_from_ = 0;  ///< of `files_`; those before it go when the rewrite is finished
    std::size_t used_ = 0;
    std::size_t used_before_rewrite_ = 0;
    std::size_t used_after_rewrite_ = 0;
};

}  // namespace rues::store
