#pragma once

#include "vm/pages/image.hpp"

namespace rues::vm {

/// An image with more breaks than this should be compacted before it is published. Then Space::show can map it,
/// whatever its edges are.
inline constexpr std::uint32_t kMaxBreaks = 3'072;

inline bool needs_compaction(const Image& image) {
    return image.breaks() > kMaxBreaks;
}

/// The same contents and hashes in fewer mappings: copies the chunks with the most breaks into neighbouring slots,
/// until at most `breaks` are left. Fails with no_space when no slots are free; `image` is still good then. The state's
/// owner calls this, on any thread.
base::Result<Image> compact(PageFile& file, const Image& image, std::uint32_t breaks = kMaxBreaks / 2);

}  // namespace rues::vm
