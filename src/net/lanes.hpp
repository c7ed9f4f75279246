#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace rues::net {

/// An index into the `Lanes` of a loop.
using Lane = std::uint32_t;
inline constexpr Lane kNoLane = UINT32_MAX;
/// Lanes that did not take all bytes: the lane's index in the `lanes` argument, and the number of bytes that it took.
using Shortfalls = std::vector<std::pair<std::uint32_t, std::size_t>>;

/// The sockets of one loop to which whole messages may be sent at this moment without asking their connections. Their
/// descriptors lie side by side in memory. So a message to thousands of sockets costs the kernel's work and hardly any
/// memory access; a connection would take several cache lines. A closed lane takes nothing. Only a `LaneSeat` takes,
/// opens and closes a lane. Loop thread only.
class Lanes {
public:
    /// Sends `messages` to each of `lanes` with one system call. Adds to `rest` each lane that did not take all bytes.
    /// A lane that took none is closed, full or broken.
    void send(std::span<const Lane> lanes, base::ByteView messages, Shortfalls& rest) const;

private:
    friend class LaneSeat;
    static constexpr int kClosed = -1;
    Lane add();  ///< the new lane is closed
    void remove(Lane lane);
    void set(Lane lane, int descriptor) noexcept { descriptors_[lane] = descriptor; }

    std::vector<int> descriptors_;
    std::vector<Lane> free_;
};

/// The lane of one descriptor. A default-constructed seat is empty. The owner of the descriptor owns its seat and calls
/// `shut` before it closes the descriptor: the kernel may give the same number to another connection at once, and a
/// lane that still had the number would send messages to the wrong client.
class LaneSeat {
public:
    LaneSeat() = default;
    /// Takes a lane, which starts closed. `lanes` outlives the seat.
    LaneSeat(Lanes& lanes, int descriptor) : lanes_(&lanes), lane_(lanes.add()), descriptor_(descriptor) {}
    LaneSeat(LaneSeat&& other) noexcept { swap(other); }
    LaneSeat& operator=(LaneSeat&& other) noexcept {
        LaneSeat(std::move(other)).swap(*this);
        return *this;
    }
    ~LaneSeat() {
        if (lanes_ != nullptr) lanes_->remove(lane_);
    }

    Lane lane() const noexcept { return lane_; }  ///< kNoLane: empty
    /// Has no effect after `shut`.
    void open() noexcept {
        if (lanes_ != nullptr) lanes_->set(lane_, descriptor_);
    }
    void close() noexcept {
        if (lanes_ != nullptr) lanes_->set(lane_, Lanes::kClosed);
    }
    /// Call it before the descriptor is closed. The lane stays taken, and closed for good, until the seat is destroyed,
    /// because others may still name it.
    void shut() noexcept {
        descriptor_ = Lanes::kClosed;
        close();
    }

private:
    void swap(LaneSeat& other) noexcept {
        std::swap(lanes_, other.lanes_);
        std::swap(lane_, other.lane_);
        std::swap(descriptor_, other.descriptor_);
    }

    Lanes* lanes_ = nullptr;
    Lane lane_ = kNoLane;
    int descriptor_ = Lanes::kClosed;
};

}  // namespace rues::net
