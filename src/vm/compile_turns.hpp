#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "base/bytes.hpp"

namespace rues::vm {

/// Turns to compile modules. A compilation takes up to some seconds and cannot be stopped, so hostile code must not get
/// in the way of others: a module that is being compiled is waited for, not compiled twice; few are compiled at a time;
/// and who waits can give up. Any thread.
class CompileTurns {
public:
    enum class Kind : std::uint8_t {
        bounded,  ///< waits while as many bounded turns as there may be are taken
        free,     ///< waits only for a turn of the same module
    };
    /// `most`: bounded turns at a time.
    explicit CompileTurns(std::size_t most) : most_(most) {}

    /// The right to compile one module, until it is destroyed.
    class Turn {
    public:
        Turn(Turn&& other) noexcept
            : turns_(std::exchange(other.turns_, nullptr)), hash_(other.hash_), kind_(other.kind_) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (turns_ != nullptr) turns_->end(hash_, kind_);
        }

    private:
        friend class CompileTurns;
        Turn(CompileTurns& turns, const base::Hash32& hash, Kind kind) : turns_(&turns), hash_(hash), kind_(kind) {}

        CompileTurns* turns_;
        base::Hash32 hash_;
        Kind kind_;
    };

    /// Asked at each `tick` while the caller waits. True: give up.
    using Stop = std::function<bool()>;

    /// Waits for a turn for the module of this hash. Another thread may have compiled it meanwhile: the caller looks
    /// again. nullopt: `stop` said so.
    std::optional<Turn> take(const base::Hash32& hash, Kind kind, const Stop& stop);
    /// Lets all who wait ask whether they should.
    void tick() noexcept { changed_.notify_all(); }
    /// Threads that wait in `take`.
    std::size_t waiting() const;

private:
    bool must_wait(const base::Hash32& hash, Kind kind) const;
    void end(const base::Hash32& hash, Kind kind) noexcept;

    const std::size_t most_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;  ///< a turn has ended, or a tick

    // Guarded by mutex_:
    std::set<base::Hash32> compiling_;
    std::size_t bounded_ = 0;  ///< turns
    std::size_t waiting_ = 0;
};

}  // namespace rues::vm
