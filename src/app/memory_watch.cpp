#include "app/memory_watch.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace rues::app {
namespace {

constexpr std::uint64_t kLeastHolding = MemoryWatch::kTrim / 64;

std::uint64_t bytes_of(const base::Client& client) {
    return client.held(base::Holding::uploads) + client.held(base::Holding::messages) +
           client.held(base::Holding::unread);
}

}  // namespace

MemoryUse MemoryUse::now() {
    MemoryUse out;
    std::uint64_t all = 0, resident = 0, shared = 0;  // pages
    std::ifstream file("/proc/self/statm");
    if (!(file >> all >> resident >> shared)) return out;
    out.own = (resident - std::min(resident, shared)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    // The walk over the heap takes locks of the allocator, so a small heap is not walked.
    if (out.own > 2 * MemoryWatch::kTrim) out.free = ::mallinfo2().fordblks;
    return out;
}

bool MemoryWatch::should_trim(const MemoryUse& use) noexcept {
    const bool grows = use.own > last_;
    last_ = use.own;
    floor_ = std::min(floor_, use.own);
    return !grows && use.free >= kTrim && use.own >= floor_ + kTrim;
}

base::ClientPtr MemoryWatch::largest_holder(const base::Clients& clients) {
    return clients.largest(&bytes_of, kLeastHolding);
}

void watch_memory(MemoryWatch& watch, std::uint64_t limit, base::Clients& clients, net::Server& server,
                  const base::Log& log) {
    auto use = MemoryUse::now();
    const bool is_over = MemoryWatch::is_over(use, limit);
    if (watch.should_trim(use)) {
        ::malloc_trim(0);
        watch.trimmed(MemoryUse::now());
    }
    if (!is_over) return;
    const auto largest = MemoryWatch::largest_holder(clients);
    if (largest == nullptr) return;
    log(base::LogLevel::warning,
        fmt::format(
            "the program uses {} MiB of memory, more than memory-limit: the connections of {} are closed, which "
            "hold {} MiB",
            (use.own - use.free) >> 20, largest->key().text(), bytes_of(*largest) >> 20));
    clients.count_memory();
    server.end_client(largest->key(),
                      "the server is short of memory and your address holds the most (setting memory-limit)",
                      std::nullopt);
}

void make_room(base::Clients& clients, net::Server& server, const base::Log& log) {
    for (const auto holding : clients.take_crowded()) {
        const base::HoldingRow& row = base::row_of(holding);
        const auto of_all = clients.common().of_all[static_cast<std::size_t>(holding)].load(std::memory_order_relaxed);
        const auto largest = clients.largest([holding](const base::Client& each) { return each.held(holding); },
                                             of_all / base::Client::kLittle + 1);
        if (largest == nullptr) continue;  // many clients hold little each
        log(base::LogLevel::warning,
            fmt::format("all clients have too many {} (setting {}): the connections of {} are closed, which has {}",
                        row.what, row.setting_of_all, largest->key().text(), largest->held(holding)));
        clients.count_gave_way(holding);
        server.end_client(largest->key(),
                          fmt::format("all clients have too many {} and your address has the most (setting {})",
                                      row.what, row.setting_of_all),
                          holding);
    }
}

std::uint64_t default_memory_limit() {
    const auto pages = static_cast<std::uint64_t>(std::max(::sysconf(_SC_PHYS_PAGES), 1L));
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) / 2;
}

}  // namespace rues::app
