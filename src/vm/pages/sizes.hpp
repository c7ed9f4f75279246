#pragma once

#include <cstddef>
#include <cstdint>

namespace rues::vm {

/// A page of contract memory: the unit of `memory.size`, of the memory file and of the page trees
/// (docs/reference/machine.md 1.9).
inline constexpr std::size_t kPage = 65'536;
/// A page of the processor. The system copies written memory in these pieces.
inline constexpr std::size_t kPiece = 4'096;
inline constexpr std::uint32_t kPiecesOfPage = kPage / kPiece;
/// A contract has at most 4 GiB, also with memory64 (docs/reference/machine.md 1.4).
inline constexpr std::uint32_t kMaxPages = 65'536;
inline constexpr std::uint64_t kMaxBytes = std::uint64_t{kMaxPages} * kPage;

}  // namespace rues::vm
