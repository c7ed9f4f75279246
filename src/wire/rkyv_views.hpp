#pragma once

#include "wire/rkyv.hpp"

/// Vectors of an archive that are checked and then read where they are. A host query gets up to 64 KiB of them, so a
/// copy would cost more than the check. Only for reading: layouts of `std::vector` write the same bytes.
namespace rues::wire::rkyv {

/// The elements of a vector. Valid as long as the bytes of the archive. `T` is a type of which all bytes are valid.
template <Archivable T>
struct ArrayView {
    ByteView bytes;  ///< of all elements

    std::size_t size() const noexcept { return bytes.size() / Layout<T>::size; }
    T operator[](std::size_t index) const {
        Source source{.bytes = bytes};
        T out{};
        static_cast<void>(Layout<T>::read(source, index * Layout<T>::size, out));
        return out;
    }
};
using BytesView = ArrayView<std::uint8_t>;

template <typename T>
inline constexpr bool kAllBytesValid = std::unsigned_integral<T>;
template <std::size_t N, std::size_t Size, std::size_t Align>
inline constexpr bool kAllBytesValid<Opaque<N, Size, Align>> = true;

template <Archivable T>
    requires kAllBytesValid<T>
struct Layout<ArrayView<T>> {
    static constexpr std::size_t size = Layout<std::vector<T>>::size, align = Layout<std::vector<T>>::align;
    static constexpr bool fixed = false;
    static Check read(Source& source, std::size_t at, ArrayView<T>& value) {
        const auto count = base::load_le<std::uint32_t>(source.bytes.data() + at + 4);
        const auto begin = detail::claim(source, at, count, Layout<T>::size, Layout<T>::align);
        if (!begin) return std::unexpected(begin.error());
        value.bytes = source.bytes.subspan(*begin, std::size_t{count} * Layout<T>::size);
        return {};
    }
};

}  // namespace rues::wire::rkyv
