#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "vm/pages/space.hpp"

namespace rues::vm {

/// Spaces that keep their mappings between uses, so that a call on the tip pays only for what it touches. Any thread.
///
/// A Space that is not in use still shows the image of its last use, and so keeps the slots of that image. new_tip()
/// drops Spaces that were not used for a while.
class SpacePool {
public:
    struct Limits {
        std::size_t spaces = 64;           ///< in use or idle, of all contracts
        std::size_t idle_of_contract = 4;  ///< more are dropped when they come back
    };
    static constexpr std::uint64_t kIdleTips = 8;  ///< an idle Space is dropped after so many tips

    /// A Space in use. Its destructor gives it back, without what was written or kept; the thread that used the Space
    /// calls it. REQUIRES: the pool lives longer.
    class Lease {
    public:
        Lease(Lease&& other) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease();
        Space& operator*() const { return *space_; }
        Space* operator->() const { return space_.get(); }

    private:
        friend class SpacePool;
        Lease(SpacePool& pool, const base::Hash32& contract, std::unique_ptr<Space> space)
            : pool_(pool), contract_(contract), space_(std::move(space)) {}

        SpacePool& pool_;
        base::Hash32 contract_;
        std::unique_ptr<Space> space_;  ///< nullptr after a move
    };

    SpacePool(std::shared_ptr<PageFile> file, const Limits& limits) : file_(std::move(file)), limits_(limits) {}

    /// A Space that shows this image of this contract: one that showed it last, else another idle one, else a new one.
    /// Fails with no_space when all are in use, or when the image cannot be mapped.
    base::Result<Lease> take(const base::Hash32& contract, const Image& image);
    /// There is a new tip. Drops Spaces that were idle for kIdleTips of them.
    void new_tip();

    std::size_t idle() const;

private:
    struct Idle {
        base::Hash32 contract{};
        std::uint64_t tip = 0;  ///< of its last use
        std::unique_ptr<Space> space;
    };

    std::unique_ptr<Space> find_idle(const base::Hash32& contract, const Image& image);
    void give_back(const base::Hash32& contract, std::unique_ptr<Space> space);
    void forget(std::size_t count);

    const std::shared_ptr<PageFile> file_;
    const Limits limits_;
    mutable std::mutex mutex_;
    std::vector<Idle> idle_;  ///< guarded by mutex_; the one that came back last is the last
    std::size_t spaces_ = 0;  ///< guarded by mutex_; in use or idle
    std::uint64_t tip_ = 0;   ///< guarded by mutex_
};

}  // namespace rues::vm
