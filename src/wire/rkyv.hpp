#pragma once

#include <concepts>
#include <expected>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "base/endian.hpp"

/// rkyv 0.7 archives (size_32, little endian; LM 8.1). A type's layout is declared once, as a specialisation of
/// `Layout`; writer and reader follow from it. Reading validates everything it touches: tags, alignments, and that
/// every offset stays inside the buffer.
namespace rues::wire::rkyv {

using base::ByteArray;
using base::Bytes;
using base::ByteView;

/// Bytes at an alignment that is not 1, with zero padding up to `Size`.
template <std::size_t N, std::size_t Size, std::size_t Align>
struct Opaque {
    ByteArray<N> bytes{};
    friend bool operator==(const Opaque&, const Opaque&) = default;
};

/// `static constexpr size, align` and, for structs, `fields()`: a tuple of `field(offset, &T::member)` in serialisation
/// order.
template <typename T>
struct Layout;

template <typename Class, typename Member>
struct Field {
    std::size_t offset;
    Member Class::* member;
};
template <typename Class, typename Member>
constexpr Field<Class, Member> field(std::size_t offset, Member Class::* member) {
    return {offset, member};
}

constexpr std::size_t align_up(std::size_t at, std::size_t align) {
    return (at + align - 1) / align * align;
}

template <typename T>
concept Struct = requires { Layout<T>::fields(); };

template <std::unsigned_integral T>
struct Layout<T> {
    static constexpr std::size_t size = sizeof(T), align = sizeof(T);
};
template <std::size_t N>
struct Layout<ByteArray<N>> {
    static constexpr std::size_t size = N, align = 1;
};
template <std::size_t N, std::size_t Size, std::size_t Align>
struct Layout<Opaque<N, Size, Align>> {
    static constexpr std::size_t size = Size, align = Align;
};
template <typename T>
struct Layout<std::optional<T>> {
    static constexpr std::size_t align = Layout<T>::align;
    static constexpr std::size_t payload = align;  // after the tag, at the payload's alignment
    static constexpr std::size_t size = align_up(payload + Layout<T>::size, align);
};
template <typename... T>
struct Layout<std::variant<T...>> {
    static constexpr std::size_t align = std::max({Layout<T>::align...});
    static constexpr std::size_t size = align_up(std::max({(Layout<T>::align + Layout<T>::size)...}), align);
};
template <typename T>
struct Layout<std::vector<T>> {
    static constexpr std::size_t size = 8, align = 4;
};

/// Writes out-of-line content first, in the order in which it is met, then the root; `positions` carries where the
/// content went.
class Archiver {
public:
    template <typename T>
    static Bytes archive(const T& root) {
        Archiver a;
        a.content(root);
        a.pad(Layout<T>::align);
        const std::size_t at = a.grow(Layout<T>::size);
        a.put(root, at);
        return std::move(a.out_);
    }

private:
    void pad(std::size_t align) { out_.resize(align_up(out_.size(), align)); }
    std::size_t grow(std::size_t size) {
        const std::size_t at = out_.size();
        out_.resize(at + size);
        return at;
    }

    template <typename T>
    void content(const T& value) {
        if constexpr (Struct<T>) {
            std::apply([&](const auto&... f) { (content(value.*f.member), ...); }, Layout<T>::fields());
        }
    }
    template <typename T>
    void content(const std::optional<T>& value) {
        if (value) content(*value);
    }
    template <typename... T>
    void content(const std::variant<T...>& value) {
        std::visit([&](const auto& v) { content(v); }, value);
    }
    template <typename T>
    void content(const std::vector<T>& items) {
        for (const T& item : items) content(item);
        if (!items.empty()) pad(Layout<T>::align);
        positions_.push_back(out_.size());
        const std::size_t at = grow(items.size() * Layout<T>::size);
        for (std::size_t i = 0; i < items.size(); ++i) put(items[i], at + i * Layout<T>::size);
    }

    template <std::unsigned_integral T>
    void put(T value, std::size_t at) {
        base::store_le(out_.data() + at, value);
    }
    template <std::size_t N>
    void put(const ByteArray<N>& value, std::size_t at) {
        std::ranges::copy(value, out_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    template <std::size_t N, std::size_t S, std::size_t A>
    void put(const Opaque<N, S, A>& value, std::size_t at) {
        put(value.bytes, at);
    }
    template <typename T>
    void put(const std::optional<T>& value, std::size_t at) {
        out_[at] = static_cast<std::byte>(value.has_value());
        if (value) put(*value, at + Layout<std::optional<T>>::payload);
    }
    template <typename... T>
    void put(const std::variant<T...>& value, std::size_t at) {
        out_[at] = static_cast<std::byte>(value.index());
        std::visit([&]<typename V>(const V& v) { put(v, at + Layout<V>::align); }, value);
    }
    template <typename T>
    void put(const std::vector<T>& items, std::size_t at) {
        const auto offset = static_cast<std::int64_t>(positions_[next_++]) - static_cast<std::int64_t>(at);
        put(static_cast<std::uint32_t>(offset), at);
        put(static_cast<std::uint32_t>(items.size()), at + 4);
    }
    template <Struct T>
    void put(const T& value, std::size_t at) {
        std::apply([&](const auto&... f) { (put(value.*f.member, at + f.offset), ...); }, Layout<T>::fields());
    }

    Bytes out_;
    std::vector<std::size_t> positions_;
    std::size_t next_ = 0;
};

template <typename T>
Bytes archive(const T& value) {
    return Archiver::archive(value);
}

/// Reads a root at the end of `bytes`. Alignment is that of offsets in the buffer, which rkyv requires to be 8-aligned
/// itself.
class Unarchiver {
public:
    explicit Unarchiver(ByteView bytes) : bytes_(bytes) {}

    template <typename T>
    std::expected<T, std::string> root() {
        T out{};
        if (bytes_.size() < Layout<T>::size) return std::unexpected("shorter than its root");
        const std::size_t at = bytes_.size() - Layout<T>::size;
        if (at % Layout<T>::align != 0) return std::unexpected("root is not aligned");
        if (!get(out, at)) return std::unexpected(problem_);
        return out;
    }

private:
    bool fail(const char* why) {
        problem_ = why;
        return false;
    }

    template <std::unsigned_integral T>
    bool get(T& out, std::size_t at) {
        out = base::load_le<T>(bytes_.data() + at);
        return true;
    }
    template <std::size_t N>
    bool get(ByteArray<N>& out, std::size_t at) {
        out = base::to_array<N>(bytes_.subspan(at, N));
        return true;
    }
    template <std::size_t N, std::size_t S, std::size_t A>
    bool get(Opaque<N, S, A>& out, std::size_t at) {
        return get(out.bytes, at);
    }
    template <typename T>
    bool get(std::optional<T>& out, std::size_t at) {
        if (bytes_[at] == std::byte{0}) return true;
        if (bytes_[at] != std::byte{1}) return fail("invalid tag of an option");
        return get(out.emplace(), at + Layout<std::optional<T>>::payload);
    }
    template <typename... T>
    bool get(std::variant<T...>& out, std::size_t at) {
        const auto tag = static_cast<std::size_t>(bytes_[at]);
        std::size_t index = 0;
        bool good = false;
        const bool known =
            ((index++ == tag ? (good = get(out.template emplace<T>(), at + Layout<T>::align), true) : false) || ...);
        return known ? good : fail("invalid tag of an enum");
    }
    template <typename T>
    bool get(std::vector<T>& out, std::size_t at) {
        const auto offset = static_cast<std::int32_t>(base::load_le<std::uint32_t>(bytes_.data() + at));
        const auto count = base::load_le<std::uint32_t>(bytes_.data() + at + 4);
        const std::int64_t start = static_cast<std::int64_t>(at) + offset;
        const std::uint64_t length = std::uint64_t{count} * Layout<T>::size;
        if (start < 0 || static_cast<std::uint64_t>(start) + length > bytes_.size())
            return fail("content outside the buffer");
        if (count > 0 && static_cast<std::size_t>(start) % Layout<T>::align != 0) return fail("content is not aligned");
        out.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            if (!get(out[i], static_cast<std::size_t>(start) + i * Layout<T>::size)) return false;
        }
        return true;
    }
    template <Struct T>
    bool get(T& out, std::size_t at) {
        return std::apply([&](const auto&... f) { return (get(out.*f.member, at + f.offset) && ...); },
                          Layout<T>::fields());
    }

    ByteView bytes_;
    const char* problem_ = "";
};

template <typename T>
std::expected<T, std::string> unarchive(ByteView bytes) {
    return Unarchiver(bytes).root<T>();
}

}  // namespace rues::wire::rkyv
