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
/// a connection takes several lines of a cache. A closed lane takes nothing. Loop thread only.
class Lanes {
public:
    Lane add();  ///< closed
    void remove(Lane lane);
    void open(Lane lane, int descriptor) noexcept { descriptors_[lane] = descriptor; }
    void close(Lane lane) noexcept { descriptors_[lane] = kClosed; }
    /// `messages` in one call for each of `lanes`. To `rest` are added those that did not take all of it; none of it:
    /// closed, full, or broken.
    void send(std::span<const Lane> lanes, base::ByteView messages, Shortfalls& rest) const;

private:
    static constexpr int kClosed = -1;
    std::vector<int> descriptors_;
    std::vector<Lane> free_;
};

}  // namespace rues::net
