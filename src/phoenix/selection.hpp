#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <vector>

/// Chooses the notes that a transaction spends. Pure.
namespace rues::phoenix {

/// Why no selection is enough.
struct TooLittle {
    std::uint64_t all = 0;   ///< the sum of all values
    std::uint64_t most = 0;  ///< the sum of the largest ones that one transaction can spend
    std::size_t notes = 0;   ///< the number of notes that would be enough; 0: all of them are too little
};

/// The indexes of the values to spend, `needed` together at least, in ascending order. They are as few as possible,
/// because a proof for one note costs half of one for two; and only the largest values, except that the last one is
/// the smallest that suffices. Of equal values the first one is taken. Never more than `kMaxInputs`, and at least one.
/// Sums beyond 64 bits count as the largest number.
std::expected<std::vector<std::size_t>, TooLittle> select_notes(std::span<const std::uint64_t> values,
                                                                std::uint64_t needed);

}  // namespace rues::phoenix
