#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace rues::net {

/// A place among the `Lanes` of a loop.
using Lane = std::uint32_t;
inline constexpr Lane kNoLane = UINT32_MAX;
/// Of lanes that did not take all: the place among those asked, and the bytes taken.
using Shortfalls = std::vector<std::pair<std::uint32_t, std::size_t>>;

/// The sockets of one loop to which whole messages may be sent at this moment without asking their connections. Their
/// descriptors lie side by side: to thousands of sockets a message costs the kernel's work and hardly any memory, where
/// a connection takes several lines of a cache. A closed lane takes nothing. Only a `LaneSeat` takes, opens and closes
/// a lane. Loop thread only.
class Lanes {
public:
    /// `messages` in one call for each of `lanes`. To `rest` are added those that did not take all of it; none of it:
    /// closed, full, or broken.
    void send(std::span<const Lane> lanes, base::ByteView messages, Shortfalls& rest) const;

private:
    friend class LaneSeat;
    static constexpr int kClosed = -1;
    Lane add();  ///< closed
    void remove(Lane lane);
    void set(Lane lane, int descriptor) noexcept { descriptors_[lane] = descriptor; }

    std::vector<int> descriptors_;
    std::vector<Lane> free_;
};

/// One descriptor's place among the lanes of its loop; empty until it is made with one. Whoever owns the descriptor
/// owns its seat, and calls `shut` before the descriptor is closed: the kernel may give the same number to another
/// connection at once, and a lane that still had it would send that connection what is not meant for it.
class LaneSeat {
public:
    LaneSeat() = default;
    /// Takes a lane, closed at first. `lanes` outlives the seat.
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
    /// Nothing once it was shut.
    void open() noexcept {
        if (lanes_ != nullptr) lanes_->set(lane_, descriptor_);
    }
    void close() noexcept {
        if (lanes_ != nullptr) lanes_->set(lane_, Lanes::kClosed);
    }
    /// The descriptor is about to be closed. The lane stays taken, and closed for good, until the seat goes: others may
    /// still name it.
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
