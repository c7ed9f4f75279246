#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "base/endian.hpp"

/// rkyv 0.7 archives (32-bit offsets, little endian) of types whose layout is declared once, as a table of fields:
/// writer, validator and reader are made from that table. Rules: docs/reference/ledger.md 8.1. The tables of the
/// genesis contracts are in layouts.hpp.
///
/// An archive ends with its root value. Data that does not fit into the root (contents of vectors, long strings) lies
/// before it, in field order.
namespace rues::wire::rkyv {

using base::ByteArray;
using base::Bytes;
using base::ByteView;

/// The layout of `T` in an archive. "Outside" data (contents of vectors, long strings) lies before the value.
/// - size, align: of the value itself.
/// - fixed: true when a `T` has no data outside.
/// - measure(value, end): moves `end` to the end of the data outside.
/// - write(value, out, at, child): writes the value at `at` and its data outside at `child`, and moves `child` on.
///   `out` is zero before.
/// - read(source, at, value): checks and reads the value at `at`.
template <typename T>
struct Layout;

template <typename T>
concept Archivable = requires {
    { Layout<T>::size } -> std::convertible_to<std::size_t>;
};

constexpr std::size_t align_up(std::size_t at, std::size_t align) noexcept {
    return (at + align - 1) / align * align;
}

/// The error text is the one that Rust's `{:?}` prints for rkyv's error, because it becomes part of a transaction's
/// `err` ("Argument should correctly deserialize: …"); see `unarchive`.
using Check = std::expected<void, std::string>;

/// An archive that is being read. Vectors must lie in order, without overlap, before the value that points to them, as
/// rkyv's validator demands.
struct Source {
    ByteView bytes;
    std::uint64_t base = 0;  ///< address of the first byte: alignment is that of addresses, and error texts name them
    std::size_t free_begin = 0;  ///< contents of the next vector lie in [free_begin, free_end)
    std::size_t free_end = 0;
};

namespace detail {

/// Returns the offset of the contents of the vector at `at`: `count` elements that must lie in the free part of
/// `source`. The free part then begins after them.
std::expected<std::size_t, std::string> claim(Source& source, std::size_t at, std::uint32_t count, std::size_t size,
                                              std::size_t align);
/// The same for a value whose relative offset is stored at `offset_at` and counts from `from`.
std::expected<std::size_t, std::string> claim(Source& source, std::size_t from, std::size_t offset_at,
                                              std::uint32_t count, std::size_t size, std::size_t align);
/// Returns the offset of the root, which has `size` bytes.
std::expected<std::size_t, std::string> root(const Source& source, std::size_t size, std::size_t align);
std::string invalid_tag(std::uint8_t tag);
std::string in_field(std::string_view name, std::string_view inner);
std::string in_variant(std::string_view name, std::string_view inner);
/// The whole text of a failure whose innermost part is `inner`.
std::string outermost(std::string_view inner);

template <std::size_t N>
struct Name {
    char text[N];
    constexpr Name(const char (&from)[N]) {
        std::copy_n(from, N, text);
    }  // not explicit, so that a literal can be a template argument
    constexpr std::string_view view() const { return {text, N - 1}; }
};

}  // namespace detail

template <std::unsigned_integral T>
struct Layout<T> {
    static constexpr std::size_t size = sizeof(T), align = sizeof(T);
    static constexpr bool fixed = true;
    static void measure(T, std::size_t&) noexcept {}
    static void write(T value, std::byte* out, std::size_t at, std::size_t&) noexcept {
        base::store_le(out + at, value);
    }
    static Check read(Source& source, std::size_t at, T& value) {
        value = base::load_le<T>(source.bytes.data() + at);
        return {};
    }
};

/// N bytes that occupy `Size` bytes at alignment `Align`; the rest is zero. Used for scalars and points; `crypto`
/// checks whether they are valid.
template <std::size_t N, std::size_t Size, std::size_t Align>
struct Opaque {
    ByteArray<N> bytes{};
    friend bool operator==(const Opaque&, const Opaque&) = default;
};

template <std::size_t N, std::size_t Size, std::size_t Align>
struct Layout<Opaque<N, Size, Align>> {
    static_assert(N <= Size && Size % Align == 0);
    static constexpr std::size_t size = Size, align = Align;
    static constexpr bool fixed = true;
    static void measure(const Opaque<N, Size, Align>&, std::size_t&) noexcept {}
    static void write(const Opaque<N, Size, Align>& value, std::byte* out, std::size_t at, std::size_t&) noexcept {
        std::ranges::copy(value.bytes, out + at);
    }
    static Check read(Source& source, std::size_t at, Opaque<N, Size, Align>& value) {
        value.bytes = base::to_array<N>(source.bytes.subspan(at, N));
        return {};
    }
};

template <std::size_t N>
struct Layout<ByteArray<N>> {
    static constexpr std::size_t size = N, align = 1;
    static constexpr bool fixed = true;
    static void measure(const ByteArray<N>&, std::size_t&) noexcept {}
    static void write(const ByteArray<N>& value, std::byte* out, std::size_t at, std::size_t&) noexcept {
        std::ranges::copy(value, out + at);
    }
    static Check read(Source& source, std::size_t at, ByteArray<N>& value) {
        value = base::to_array<N>(source.bytes.subspan(at, N));
        return {};
    }
};

/// UTF-8 text. Up to seven bytes lie in the value itself, with their number in its last byte. Longer text lies outside,
/// and the value holds a u32 length and an i32 offset. The offset is negative, so the highest bit of the last byte
/// shows which form it is.
template <>
struct Layout<std::string> {
    static constexpr std::size_t size = 8, align = 4, kInline = 7;
    static constexpr bool fixed = false;
    static void measure(const std::string& value, std::size_t& end) {
        if (value.size() > kInline) end += value.size();
    }
    static void write(const std::string& value, std::byte* out, std::size_t at, std::size_t& child) {
        if (value.size() <= kInline) {
            std::ranges::copy(base::view(value), out + at);
            out[at + kInline] = static_cast<std::byte>(value.size());
            return;
        }
        base::store_le(out + at, static_cast<std::uint32_t>(value.size()));
        base::store_le(out + at + 4, static_cast<std::uint32_t>(child - at));
        std::ranges::copy(base::view(value), out + child);
        child += value.size();
    }
    static Check read(Source& source, std::size_t at, std::string& value);
};

/// A plain enum: its number as one byte, less than `Count`.
template <typename Enum, std::size_t Count>
struct EnumLayout {
    static constexpr std::size_t size = 1, align = 1;
    static constexpr bool fixed = true;
    static void measure(Enum, std::size_t&) noexcept {}
    static void write(Enum value, std::byte* out, std::size_t at, std::size_t&) noexcept {
        out[at] = static_cast<std::byte>(value);
    }
    static Check read(Source& source, std::size_t at, Enum& value) {
        const auto tag = static_cast<std::uint8_t>(source.bytes[at]);
        if (tag >= Count) return std::unexpected(detail::invalid_tag(tag));
        value = static_cast<Enum>(tag);
        return {};
    }
};

/// A tag, then the value at its own alignment.
template <Archivable T>
struct Layout<std::optional<T>> {
    static constexpr std::size_t align = Layout<T>::align, value_at = align;
    static constexpr std::size_t size = align_up(value_at + Layout<T>::size, align);
    static constexpr bool fixed = Layout<T>::fixed;
    static void measure(const std::optional<T>& value, std::size_t& end) {
        if (value) Layout<T>::measure(*value, end);
    }
    static void write(const std::optional<T>& value, std::byte* out, std::size_t at, std::size_t& child) {
        if (!value) return;
        out[at] = std::byte{1};
        Layout<T>::write(*value, out, at + value_at, child);
    }
    static Check read(Source& source, std::size_t at, std::optional<T>& value) {
        const auto tag = static_cast<std::uint8_t>(source.bytes[at]);
        if (tag > 1) return std::unexpected(detail::invalid_tag(tag));
        if (tag == 0) return {};
        auto inner = Layout<T>::read(source, at + value_at, value.emplace());
        if (!inner) return std::unexpected(detail::in_variant("Some", inner.error()));
        return {};
    }
};

/// An enum whose members carry one value each: a tag in the order of the variant's alternatives, then the value at its
/// own alignment. Use: `struct Layout<Owner> : VariantLayout<Owner, "Account", "Contract"> {}`.
template <typename Variant, detail::Name... RustNames>
struct VariantLayout;

template <Archivable... Ts, detail::Name... RustNames>
struct VariantLayout<std::variant<Ts...>, RustNames...> {
    static_assert(sizeof...(Ts) == sizeof...(RustNames));
    using Variant = std::variant<Ts...>;
    static constexpr std::size_t align = std::max({Layout<Ts>::align...});
    static constexpr std::size_t size = align_up(std::max({(Layout<Ts>::align + Layout<Ts>::size)...}), align);
    static constexpr bool fixed = (Layout<Ts>::fixed && ...);
    static constexpr std::array<std::string_view, sizeof...(Ts)> names{RustNames.view()...};

    static void measure(const Variant& value, std::size_t& end) {
        std::visit([&]<typename T>(const T& one) { Layout<T>::measure(one, end); }, value);
    }
    static void write(const Variant& value, std::byte* out, std::size_t at, std::size_t& child) {
        out[at] = static_cast<std::byte>(value.index());
        std::visit([&]<typename T>(const T& one) { Layout<T>::write(one, out, at + Layout<T>::align, child); }, value);
    }
    static Check read(Source& source, std::size_t at, Variant& value) {
        return read_alternative<0>(source, at, static_cast<std::uint8_t>(source.bytes[at]), value);
    }

private:
    template <std::size_t I>
    static Check read_alternative(Source& source, std::size_t at, std::uint8_t tag, Variant& value) {
        if constexpr (I == sizeof...(Ts)) {
            return std::unexpected(detail::invalid_tag(tag));
        } else {
            if (tag != I) return read_alternative<I + 1>(source, at, tag, value);
            using T = std::variant_alternative_t<I, Variant>;
            auto inner = Layout<T>::read(source, at + Layout<T>::align, value.template emplace<I>());
            if (!inner) return std::unexpected(detail::in_variant(names[I], inner.error()));
            return {};
        }
    }
};

/// i32 offset from this field to the contents, u32 number of elements. An empty vector points to where its contents
/// would have been.
template <Archivable T>
struct Layout<std::vector<T>> {
    static_assert(Layout<T>::fixed, "elements that point elsewhere occur in no layout we know");
    static constexpr std::size_t size = 8, align = 4;
    static constexpr bool fixed = false;
    static void measure(const std::vector<T>& value, std::size_t& end) {
        end = align_up(end, Layout<T>::align) + value.size() * Layout<T>::size;
    }
    static void write(const std::vector<T>& value, std::byte* out, std::size_t at, std::size_t& child) {
        child = align_up(child, Layout<T>::align);
        // The contents lie before the field, so the difference is negative; an i32 is stored as its two's complement.
        base::store_le(out + at, static_cast<std::uint32_t>(child - at));
        base::store_le(out + at + 4, static_cast<std::uint32_t>(value.size()));
        std::size_t nothing_outside = 0;
        for (const T& one : value) {
            Layout<T>::write(one, out, child, nothing_outside);
            child += Layout<T>::size;
        }
    }
    static Check read(Source& source, std::size_t at, std::vector<T>& value) {
        const auto count = base::load_le<std::uint32_t>(source.bytes.data() + at + 4);
        const auto begin = detail::claim(source, at, count, Layout<T>::size, Layout<T>::align);
        if (!begin) return std::unexpected(begin.error());
        value.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            if (auto one = Layout<T>::read(source, *begin + i * Layout<T>::size, value[i]); !one) return one;
        }
        return {};
    }
};

/// One row of a table: a member, its offset, and its name in Rust (which appears only in error texts).
template <auto Member, std::size_t Offset, detail::Name RustName>
struct Field;

template <typename T, typename Type, Type T::* Member, std::size_t Offset, detail::Name RustName>
struct Field<Member, Offset, RustName> {
    using Struct = T;
    using Value = Type;
    static constexpr std::size_t offset = Offset;
    static constexpr std::string_view name = RustName.view();
    static const Type& of(const T& value) noexcept { return value.*Member; }
    static Type& of(T& value) noexcept { return value.*Member; }
};

/// A struct of `Size` bytes; rows in ascending order of offset. Declared inside the struct: `using Archived =
/// StructLayout<…>`.
template <std::size_t Size, typename... Fields>
struct StructLayout {
    using T = typename std::tuple_element_t<0, std::tuple<Fields...>>::Struct;
    static constexpr std::size_t size = Size;
    static constexpr std::size_t align = std::max({Layout<typename Fields::Value>::align...});
    static constexpr bool fixed = (Layout<typename Fields::Value>::fixed && ...);

    /// Every field is aligned, begins after the one before it, and the last one ends with the struct.
    static constexpr bool rows_fit = [] {
        std::size_t end = 0;
        const auto row_fits = [&](std::size_t offset, std::size_t field_size, std::size_t field_align) {
            const bool fits = offset >= end && offset % field_align == 0;
            end = offset + field_size;
            return fits;
        };
        const bool in_order =
            (row_fits(Fields::offset, Layout<typename Fields::Value>::size, Layout<typename Fields::Value>::align) &&
             ...);
        return in_order && align_up(end, align) == Size;
    }();

    /// Calls `visit.template operator()<F>()` for every row.
    template <typename Visit>
    static constexpr void for_each_field(Visit&& visit) {
        (visit.template operator()<Fields>(), ...);
    }

    static void measure(const T& value, std::size_t& end) {
        (Layout<typename Fields::Value>::measure(Fields::of(value), end), ...);
    }
    static void write(const T& value, std::byte* out, std::size_t at, std::size_t& child) {
        static_assert(rows_fit, "the table contradicts itself");
        (Layout<typename Fields::Value>::write(Fields::of(value), out, at + Fields::offset, child), ...);
    }
    static Check read(Source& source, std::size_t at, T& value) {
        static_assert(rows_fit, "the table contradicts itself");
        Check result;
        (read_field<Fields>(source, at, value, result) && ...);
        return result;
    }

protected:
    template <typename F>
    static bool read_field(Source& source, std::size_t at, T& value, Check& result) {
        auto inner = Layout<typename F::Value>::read(source, at + F::offset, F::of(value));
        if (inner) return true;
        result = std::unexpected(detail::in_field(F::name, inner.error()));
        return false;
    }
};

/// A tuple of `Size` bytes; rows in ascending order of offset, which is that of the tuple. rkyv writes and checks
/// tuples from the last field to the first, so vectors of a later field lie before those of an earlier one. Only for
/// reading.
template <std::size_t Size, typename... Fields>
struct TupleLayout : StructLayout<Size, Fields...> {
    using typename StructLayout<Size, Fields...>::T;
    static Check read(Source& source, std::size_t at, T& value) {
        static_assert(TupleLayout::rows_fit, "the table contradicts itself");
        Check result;
        read_backwards<Fields...>(source, at, value, result);
        return result;
    }
    static void measure(const T& value, std::size_t& end) = delete;
    static void write(const T& value, std::byte* out, std::size_t at, std::size_t& child) = delete;

private:
    template <typename First, typename... Rest>
    static bool read_backwards(Source& source, std::size_t at, T& value, Check& result) {
        if constexpr (sizeof...(Rest) > 0) {
            if (!read_backwards<Rest...>(source, at, value, result)) return false;
        }
        return TupleLayout::template read_field<First>(source, at, value, result);
    }
};

/// A struct that carries its table.
template <typename T>
    requires requires { typename T::Archived; }
struct Layout<T> : T::Archived {};

template <Archivable T>
inline constexpr std::size_t kArchivedSize = Layout<T>::size;

/// Appends the archive of `value`. Its offsets do not depend on the bytes before it, so archives can follow each other,
/// as the items of a feeder do.
template <Archivable T>
void append_archive(Bytes& to, const T& value) {
    std::size_t end = 0;
    Layout<T>::measure(value, end);
    const std::size_t root = align_up(end, Layout<T>::align);
    const std::size_t begin = to.size();
    to.resize(begin + root + Layout<T>::size);
    std::size_t child = 0;
    Layout<T>::write(value, to.data() + begin, root, child);
}

template <Archivable T>
Bytes archive(const T& value) {
    Bytes out;
    append_archive(out, value);
    return out;
}

/// Checks and reads a whole buffer. Padding is not checked, and bytes before the root that nothing points to are
/// allowed, as in rkyv. `base` is the address of the buffer, 0x3dac0 in the transfer contract and 0x14450 in the stake
/// contract: values must be aligned there, and the texts of errors name addresses (docs/reference/recorded.md 2 #7).
template <Archivable T>
std::expected<T, std::string> unarchive(ByteView bytes, std::uint64_t base = 0) {
    Source source{.bytes = bytes, .base = base};
    const auto root = detail::root(source, Layout<T>::size, Layout<T>::align);
    if (!root) return std::unexpected(root.error());
    source.free_end = *root;
    T value{};
    if (auto checked = Layout<T>::read(source, *root, value); !checked) {
        return std::unexpected(detail::outermost(checked.error()));
    }
    return value;
}

}  // namespace rues::wire::rkyv
