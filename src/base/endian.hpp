#pragma once

#include <bit>
#include <concepts>
#include <optional>

#include "base/bytes.hpp"

namespace rues::base {

static_assert(std::endian::native == std::endian::little, "layouts are copied as little endian");

template <std::unsigned_integral T>
T load_le(const std::byte* at) noexcept {
    T out;
    std::memcpy(&out, at, sizeof out);
    return out;
}

template <std::unsigned_integral T>
void store_le(std::byte* at, T value) noexcept {
    std::memcpy(at, &value, sizeof value);
}

template <std::unsigned_integral T>
void store_be(std::byte* at, T value) noexcept {
    for (std::size_t i = 0; i < sizeof value; ++i)
        at[i] = static_cast<std::byte>(value >> (8 * (sizeof value - 1 - i)));
}

template <std::unsigned_integral T>
T load_be(const std::byte* at) noexcept {
    T out = 0;
    for (std::size_t i = 0; i < sizeof out; ++i) out = static_cast<T>(out << 8 | static_cast<T>(at[i]));
    return out;
}

/// Takes little-endian values off the front of a buffer it does not own. Every `take` either succeeds whole or leaves
/// the reader as it was.
class Reader {
public:
    explicit Reader(ByteView bytes) noexcept : rest_(bytes) {}

    ByteView rest() const noexcept { return rest_; }
    std::size_t remaining() const noexcept { return rest_.size(); }
    bool empty() const noexcept { return rest_.empty(); }

    template <std::unsigned_integral T>
    std::optional<T> take() noexcept {
        if (rest_.size() < sizeof(T)) return std::nullopt;
        const T out = load_le<T>(rest_.data());
        rest_ = rest_.subspan(sizeof(T));
        return out;
    }

    std::optional<ByteView> take_bytes(std::uint64_t count) noexcept {
        if (rest_.size() < count) return std::nullopt;
        const ByteView out = rest_.first(static_cast<std::size_t>(count));
        rest_ = rest_.subspan(out.size());
        return out;
    }

    template <std::size_t N>
    std::optional<ByteArray<N>> take_array() noexcept {
        const auto bytes = take_bytes(N);
        if (!bytes) return std::nullopt;
        return to_array<N>(*bytes);
    }

private:
    ByteView rest_;
};

/// Appends little-endian values to a buffer it owns.
class Writer {
public:
    Writer() = default;
    explicit Writer(std::size_t expected) { out_.reserve(expected); }

    template <std::unsigned_integral T>
    Writer& put(T value) {
        const std::size_t at = out_.size();
        out_.resize(at + sizeof value);
        store_le(out_.data() + at, value);
        return *this;
    }
    Writer& put(ByteView bytes) {
        append(out_, bytes);
        return *this;
    }
    Writer& put(std::byte value) {
        out_.push_back(value);
        return *this;
    }

    const Bytes& bytes() const noexcept { return out_; }
    Bytes take() noexcept { return std::move(out_); }

private:
    Bytes out_;
};

}  // namespace rues::base
