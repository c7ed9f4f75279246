#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace rues::vm {

/// Neighbouring slots of the memory file.
struct SlotRun {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    friend bool operator==(SlotRun, SlotRun) = default;
};

/// Which slots of the memory file are in use. Pure: the owner locks, and gives memory back to the system.
///
/// A released slot is warm at first: it keeps its memory, and slots are taken from the warm ones when neighbours are
/// among them, because filling memory that is there costs a fifth of filling new memory. Blocks write mostly the same
/// pages, so the neighbours that one block needs are those that the block before it has released. When 2 * kWarm slots
/// are warm, the older half turns cold: the owner takes them out, frees their memory, and puts them back.
///
/// Each use of a slot has a content, a number that no other use has. While a slot is warm, what was in it is still
/// there, and whoever knows the content can take it again: a block that writes the same pages as the block before needs
/// to copy only what differs.
class SlotNumbers {
public:
    /// As many slots stay warm as this part of those in use, but at least kWarm.
    static constexpr std::size_t kInUseToWarm = 16;
    static constexpr std::size_t kWarm = 32;
    /// Free ranges that a search for neighbouring slots looks at before it takes the last one, which is the largest.
    static constexpr std::size_t kSearched = 64;
    static constexpr std::size_t kSearchedWarm = 64;

    /// Numbers are below `range`; at most `limit` of them are in use at a time. REQUIRES: 2 * limit + 2 * kWarm <=
    /// range.
    SlotNumbers(std::uint32_t limit, std::uint32_t range);

    /// `count` slots, in as few runs as are found. nullopt, and nothing is changed, when more than the limit would be
    /// in use or no number is free.
    std::optional<std::vector<SlotRun>> allocate(std::uint32_t count);
    /// REQUIRES: `number` is in use.
    void release(std::uint32_t number, std::uint64_t content);
    /// Takes the slots from `first` on again, if each is warm and holds the content that is named here. False, and
    /// nothing is changed, otherwise and when more than the limit would be in use.
    bool take_again(std::uint32_t first, std::span<const std::uint64_t> contents);

    /// Slots whose memory shall be freed: neither in use nor free until put_back. Empty as long as few slots are warm.
    std::vector<SlotRun> take_cold();
    void put_back(std::span<const SlotRun> cold);

    std::uint32_t in_use() const { return in_use_; }
    std::size_t warm() const { return warm_.size(); }

private:
    using Free = std::map<std::uint32_t, std::uint32_t>;  ///< first -> count; no two of them touch
    struct Warm {
        std::uint32_t number = 0;
        std::uint64_t content = 0;
    };

    /// Neighbours among the `kSearchedWarm` slots that were released last; nullopt: there are not as many.
    std::optional<SlotRun> take_warm(std::uint32_t count);
    Free::iterator find(std::uint32_t count);
    SlotRun cut(Free::iterator from, std::uint32_t count);
    void put(SlotRun run);

    const std::uint32_t limit_;
    std::uint32_t in_use_ = 0;
    std::uint32_t free_count_;  ///< sum of the counts of free_
    Free free_;                 ///< without memory
    std::vector<Warm> warm_;    ///< with memory; the last one was released last
};

}  // namespace rues::vm
