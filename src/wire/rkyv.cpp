#include "wire/rkyv.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"

namespace rues::wire::rkyv::detail {
namespace {

std::string context_error(std::string_view what) {
    return fmt::format("ContextError(ArchiveError({}))", what);
}

std::string unaligned(std::uint64_t at, std::size_t align) {
    return context_error(fmt::format("Unaligned {{ ptr: {:#x}, align: {} }}", at, align));
}

}  // namespace

std::expected<std::size_t, std::string> claim(Source& source, std::size_t at, std::uint32_t count, std::size_t size,
                                              std::size_t align) {
    return claim(source, at, at, count, size, align);
}

std::expected<std::size_t, std::string> claim(Source& source, std::size_t from, std::size_t offset_at,
                                              std::uint32_t count, std::size_t size, std::size_t align) {
    const auto offset = static_cast<std::int32_t>(base::load_le<std::uint32_t>(source.bytes.data() + offset_at));
    const std::int64_t target = static_cast<std::int64_t>(from) + offset;
    const auto range = [&] {
        return fmt::format("subtree_range: {:#x}..{:#x}", source.base + source.free_begin,
                           source.base + source.free_end);
    };
    if (target < static_cast<std::int64_t>(source.free_begin) || target > static_cast<std::int64_t>(source.free_end)) {
        return std::unexpected(context_error(fmt::format("SubtreePointerOutOfBounds {{ ptr: {:#x}, {} }}",
                                                         source.base + static_cast<std::uint64_t>(target), range())));
    }
    const auto begin = static_cast<std::size_t>(target);
    if ((source.base + begin) % align != 0) return std::unexpected(unaligned(source.base + begin, align));
    const std::uint64_t length = std::uint64_t{count} * size;
    if (length > source.free_end - begin) {
        return std::unexpected(context_error(
            fmt::format("SubtreePointerOverrun {{ ptr: {:#x}, size: {}, {} }}", source.base + begin, length, range())));
    }
    source.free_begin = begin + static_cast<std::size_t>(length);
    return begin;
}

std::expected<std::size_t, std::string> root(const Source& source, std::size_t size, std::size_t align) {
    const std::size_t length = source.bytes.size();
    if (length < size) {
        return std::unexpected(
            context_error(fmt::format("OutOfBounds {{ base: {:#x}, offset: -{}, range: {:#x}..{:#x} }}", source.base,
                                      size - length, source.base, source.base + length)));
    }
    const std::size_t at = length - size;
    if ((source.base + at) % align != 0) return std::unexpected(unaligned(source.base + at, align));
    return at;
}

std::string invalid_tag(std::uint8_t tag) {
    return fmt::format("InvalidTag({})", tag);
}

std::string in_field(std::string_view name, std::string_view inner) {
    return fmt::format("StructCheckError {{ field_name: \"{}\", inner: {} }}", name, inner);
}

std::string in_variant(std::string_view name, std::string_view inner) {
    return fmt::format(
        "InvalidTuple {{ variant_name: \"{}\", inner: TupleStructCheckError {{ field_index: 0, inner: {} }} }}", name,
        inner);
}

std::string outermost(std::string_view inner) {
    return fmt::format("CheckBytesError({})", inner);
}

}  // namespace rues::wire::rkyv::detail

namespace rues::wire::rkyv {

Check Layout<std::string>::read(Source& source, std::size_t at, std::string& value) {
    const auto last = std::to_integer<std::uint8_t>(source.bytes[at + kInline]);
    std::size_t begin = at;
    std::size_t length = last;
    if ((last & 0x80) != 0) {
        const auto count = base::load_le<std::uint32_t>(source.bytes.data() + at);
        const auto claimed = detail::claim(source, at, at + 4, count, 1, 1);
        if (!claimed) return std::unexpected(claimed.error());
        begin = *claimed;
        length = count;
    } else if (length > kInline) {
        // UNVERIFIED: the error text of rkyv for a length that fits neither form.
        return std::unexpected(detail::invalid_tag(last));
    }
    const auto text = base::text(source.bytes.subspan(begin, length));
    if (!base::is_utf8(text)) return std::unexpected("Utf8Error");  // UNVERIFIED: the wording
    value = text;
    return {};
}

}  // namespace rues::wire::rkyv
