#pragma once

#include <bitset>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "vm/pages/page_file.hpp"

namespace rues::vm {

/// Neighbouring pieces of 4 KiB.
struct PieceRun {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

/// Appends a piece to runs. REQUIRES: it follows all pieces in them.
inline void add_piece(std::vector<PieceRun>& runs, std::uint32_t piece) {
    if (!runs.empty() && runs.back().first + runs.back().count == piece) {
        ++runs.back().count;
    } else {
        runs.push_back({piece, 1});
    }
}

/// 4 GiB of addresses in which slots of the memory file are mapped copy-on-write. What is written is private to this
/// mapping: the system copies 4 KiB at the first write to them. One user at a time.
///
/// The number of mappings of the system that it takes is bounded. It is counted from above: the system may join
/// neighbours, which this class does not rely on.
class Mapping {
public:
    static constexpr std::size_t kGuard = std::size_t{32} << 20U;  ///< addresses after the 4 GiB that are never mapped
    static constexpr std::uint32_t kMaxMappings = 8'192;

    /// Pages from `first` on: of neighbouring slots from `slot` on, or without a slot, memory of zeros.
    struct Run {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
        std::optional<std::uint32_t> slot;
    };

    static base::Result<std::unique_ptr<Mapping>> create(std::shared_ptr<PageFile> file);
    ~Mapping();
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;

    std::byte* base() const { return base_; }
    PageFile& file() const { return *file_; }
    /// Pages from 0 on that can be accessed; those that were never mapped are zeros.
    std::uint32_t open_pages() const { return open_; }

    /// Makes the pages below `pages` accessible. False, and nothing is changed, when the system refuses.
    bool open(std::uint32_t pages);
    /// True when map() of these runs stays within the bounds. REQUIRES: runs ascend and do not overlap.
    bool fits(std::span<const Run> runs) const;
    /// The same for runs that are mapped after a reset().
    bool fits_alone(std::span<const Run> runs) const;
    /// Maps the runs; what was written in these pages is lost. After an error the contents are unknown until reset().
    /// REQUIRES: fits; all pages are open.
    base::Result<void> map(std::span<const Run> runs);
    /// Drops private copies: the pieces show again what is mapped.
    base::Result<void> drop(std::span<const PieceRun> pieces);
    /// No page is mapped or open.
    base::Result<void> reset();

private:
    Mapping(std::shared_ptr<PageFile> file, std::byte* base) : file_(std::move(file)), base_(base) {}
    /// A boundary lies at both ends of each mapping.
    using Boundaries = std::bitset<kMaxPages + 1>;
    static void add(Boundaries& boundaries, std::span<const Run> runs);
    static std::size_t mappings_of(const Boundaries& boundaries);
    bool is_allowed(std::size_t mappings) const;
    void count(std::size_t mappings);

    const std::shared_ptr<PageFile> file_;
    std::byte* const base_;
    std::uint32_t open_ = 0;
    std::size_t counted_ = 0;  ///< mappings that the file's count contains
    Boundaries boundaries_;
};

}  // namespace rues::vm
