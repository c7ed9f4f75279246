#include "app/descriptors.hpp"

#include "store/open_tables.hpp"

namespace rues::app {
namespace {

/// The store: its logs, manifest, lock and the files that a compaction writes. The program: standard streams, the
/// listening socket, files that requests read, drivers that are stored, and a connection that is accepted only to be
/// closed.
constexpr std::size_t kOthers = 64;
/// For each loop: epoll, a timer, a wake-up, the journal, and the journal that replaces it.
constexpr std::size_t kOfLoop = 5;
constexpr std::size_t kFewestConnections = 16;

}  // namespace

std::size_t least_descriptors(std::size_t loops) noexcept {
    return store::kFewestTables + kOthers + kOfLoop * loops + kFewestConnections;
}

std::size_t reserved_descriptors(std::size_t limit, std::size_t loops) noexcept {
    return store::open_tables(limit) + kOthers + kOfLoop * loops;
}

}  // namespace rues::app
