#include "vm/compile_turns.hpp"

namespace rues::vm {

std::optional<CompileTurns::Turn> CompileTurns::take(const base::Hash32& hash, Kind kind, const Stop& stop) {
    std::unique_lock lock(mutex_);
    while (must_wait(hash, kind)) {
        ++waiting_;
        changed_.wait(lock);
        --waiting_;
        lock.unlock();  // `stop` is not ours
        const bool gives_up = stop && stop();
        lock.lock();
        if (gives_up) return std::nullopt;
    }
    compiling_.insert(hash);
    bounded_ += kind == Kind::bounded ? 1 : 0;
    return Turn(*this, hash, kind);
}

std::size_t CompileTurns::waiting() const {
    const std::scoped_lock lock(mutex_);
    return waiting_;
}

/// REQUIRES: mutex_ is held.
bool CompileTurns::must_wait(const base::Hash32& hash, Kind kind) const {
    return compiling_.contains(hash) || (kind == Kind::bounded && bounded_ >= most_);
}

void CompileTurns::end(const base::Hash32& hash, Kind kind) noexcept {
    {
        const std::scoped_lock lock(mutex_);
        compiling_.erase(hash);
        bounded_ -= kind == Kind::bounded ? 1 : 0;
    }
    changed_.notify_all();
}

}  // namespace rues::vm
