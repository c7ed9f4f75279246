#include "net/lanes.hpp"

#include "net/descriptor.hpp"

namespace rues::net {

Lane Lanes::add() {
    if (free_.empty()) {
        descriptors_.push_back(kClosed);
        return static_cast<Lane>(descriptors_.size() - 1);
    }
    const Lane lane = free_.back();
    free_.pop_back();
    return lane;
}

void Lanes::remove(Lane lane) {
    set(lane, kClosed);
    free_.push_back(lane);
}

void Lanes::send(std::span<const Lane> lanes, base::ByteView messages, Shortfalls& rest) const {
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        const int descriptor = lanes[i] == kNoLane ? kClosed : descriptors_[lanes[i]];
        const std::size_t taken = descriptor == kClosed ? 0 : net::send(descriptor, std::span(&messages, 1)).bytes;
        if (taken < messages.size()) rest.emplace_back(static_cast<std::uint32_t>(i), taken);
    }
}

}  // namespace rues::net
