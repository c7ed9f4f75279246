#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "base/client.hpp"
#include "base/log.hpp"
#include "net/server.hpp"

namespace rues::app {

/// Memory of the process, in bytes.
struct MemoryUse {
    std::uint64_t own = 0;   ///< resident, without files and the memory of contracts, which have bounds of their own
    std::uint64_t free = 0;  ///< the part of it that the heap keeps and nothing uses

    /// As the system tells it. Zeros if it does not.
    static MemoryUse now();
};

/// Decides when the heap is given back to the system and when a client must give way. Pure.
class MemoryWatch {
public:
    /// Less than this is not worth a walk over the heap.
    static constexpr std::uint64_t kTrim = 64 << 20;

    /// After a flood: much of the heap is free, and the process has stopped growing.
    bool should_trim(const MemoryUse& use) noexcept;
    /// Call it with the use after the heap was given back. Free memory that could not be given back counts no more.
    void trimmed(const MemoryUse& use) noexcept { floor_ = use.own; }
    static bool is_over(const MemoryUse& use, std::uint64_t limit) noexcept {
        return use.own - std::min(use.own, use.free) > limit;
    }
    /// The client with the most bytes of uploads, unfinished messages and unread answers; null: none holds `kTrim`
    /// divided by 64 or more, so that closing it would help nobody.
    static base::ClientPtr largest_holder(const base::Clients& clients);

private:
    std::uint64_t last_ = 0;   ///< `own` of the last look
    std::uint64_t floor_ = 0;  ///< `own` after the last trim
};

/// One look, once a second: trims the heap, and beyond `limit` closes the connections of the largest holder.
void watch_memory(MemoryWatch& watch, std::uint64_t limit, base::Clients& clients, net::Server& server,
                  const base::Log& log);

/// One look, once a second: where clients that hold little had to use the reserve of a budget
/// (`base::Client::kReserve`), the connections of its largest holder are closed that hold some of it.
void make_room(base::Clients& clients, net::Server& server, const base::Log& log);

/// Half of the machine's memory.
std::uint64_t default_memory_limit();

}  // namespace rues::app
