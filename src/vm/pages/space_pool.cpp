#include "vm/pages/space_pool.hpp"

#include <algorithm>

namespace rues::vm {

SpacePool::Lease::~Lease() {
    if (space_) pool_.give_back(contract_, std::move(space_));
}

/// Takes the best idle Space out of the pool: of the same image, of the same contract, or, when no new one may be made,
/// the one that is idle for longest. nullptr: a new one may be made. REQUIRES: mutex_ is held.
std::unique_ptr<Space> SpacePool::find_idle(const base::Hash32& contract, const Image& image) {
    auto best = idle_.end();
    for (auto at = idle_.begin(); at != idle_.end(); ++at) {
        if (at->contract != contract) continue;
        best = at;
        if (at->space->image() == image) break;
    }
    if (best == idle_.end() && spaces_ >= limits_.spaces) best = idle_.begin();
    if (best == idle_.end()) return nullptr;
    std::unique_ptr<Space> out = std::move(best->space);
    idle_.erase(best);
    return out;
}

void SpacePool::forget(std::size_t count) {
    const std::lock_guard lock(mutex_);
    spaces_ -= count;
}

base::Result<SpacePool::Lease> SpacePool::take(const base::Hash32& contract, const Image& image) {
    std::unique_ptr<Space> space;
    {
        const std::lock_guard lock(mutex_);
        space = find_idle(contract, image);
        if (!space) {
            if (spaces_ >= limits_.spaces) {
                return base::failure(base::Error::Kind::no_space, "all memories for calls are in use");
            }
            ++spaces_;
        }
    }
    if (space) {
        space->ignore_faults_so_far();  // nothing was written since it came back
    } else {
        auto made = Space::create(file_);
        if (!made) {
            forget(1);
            return std::unexpected(std::move(made).error());
        }
        space = std::move(*made);
    }
    if (auto shown = space->show(image); !shown) {
        space.reset();
        forget(1);
        return std::unexpected(std::move(shown).error());
    }
    return Lease(*this, contract, std::move(space));
}

void SpacePool::give_back(const base::Hash32& contract, std::unique_ptr<Space> space) {
    const auto done = space->has_kept() ? space->show(space->image()) : space->undo();
    {
        const std::lock_guard lock(mutex_);
        const auto idle = std::ranges::count(idle_, contract, &Idle::contract);
        if (done && static_cast<std::size_t>(idle) < limits_.idle_of_contract) {
            idle_.push_back({contract, tip_, std::move(space)});
            return;
        }
        --spaces_;
    }
    space.reset();  // unmaps without the lock
}

void SpacePool::new_tip() {
    std::vector<Idle> dropped;
    const std::lock_guard lock(mutex_);
    ++tip_;
    // They are in the order in which they came back.
    const auto end = std::ranges::find_if(idle_, [this](const Idle& each) { return each.tip + kIdleTips > tip_; });
    dropped.assign(std::move_iterator(idle_.begin()), std::move_iterator(end));
    idle_.erase(idle_.begin(), end);
    spaces_ -= dropped.size();
}

std::size_t SpacePool::idle() const {
    const std::lock_guard lock(mutex_);
    return idle_.size();
}

}  // namespace rues::vm
