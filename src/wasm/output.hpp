#pragma once

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/bytes.hpp"

namespace rues::wasm {

/// Appends to one growing buffer. Small writes go into space that `reserve` has made, without a check each.
class Output {
public:
    static constexpr std::size_t kMaxLeb = 10;
    /// Bytes of a number that `begin_sized` leaves room for. Engines accept a size with leading zeros.
    static constexpr std::size_t kSizeBytes = 5;

    /// `expected`: bytes that will probably be written.
    explicit Output(std::size_t expected) { bytes_.resize(expected); }

    std::size_t size() const noexcept { return size_; }

    /// Forgets what was written after the first `size` bytes.
    void truncate(std::size_t size) noexcept { size_ = size; }

    /// Makes space for `count` bytes of `put`, `u32`, `s64` and `copy`.
    void reserve(std::size_t count) {
        if (bytes_.size() - size_ < count) bytes_.resize(std::max(2 * bytes_.size(), size_ + count));
    }

    void put(std::uint8_t byte) noexcept { bytes_[size_++] = std::byte{byte}; }
    void u32(std::uint32_t value) noexcept {
        for (; value >= 0x80; value >>= 7) put(static_cast<std::uint8_t>(value | 0x80));
        put(static_cast<std::uint8_t>(value));
    }
    void s64(std::int64_t value) noexcept {
        while (value < -0x40 || value >= 0x40) {
            put(static_cast<std::uint8_t>((value & 0x7f) | 0x80));
            value >>= 7;
        }
        put(static_cast<std::uint8_t>(value & 0x7f));
    }
    void copy(const std::uint8_t* from, std::size_t count) noexcept {
        if (count != 0) std::memcpy(bytes_.data() + size_, from, count);
        size_ += count;
    }

    void append(base::ByteView bytes) {
        reserve(bytes.size());
        copy(base::u8(bytes), bytes.size());
    }

    /// Begins something whose size stands before it; returns what `end_sized` needs.
    std::size_t begin_sized() {
        reserve(kSizeBytes);
        size_ += kSizeBytes;
        return size_;
    }
    /// REQUIRES: fewer than 2^32 bytes were written since `begin_sized` returned `begin`.
    void end_sized(std::size_t begin) noexcept {
        auto left = static_cast<std::uint32_t>(size_ - begin);
        for (std::size_t i = begin - kSizeBytes; i < begin - 1; ++i, left >>= 7)
            bytes_[i] = static_cast<std::byte>(left | 0x80);
        bytes_[begin - 1] = static_cast<std::byte>(left);
    }

    base::Bytes take() && {
        bytes_.resize(size_);
        return std::move(bytes_);
    }

private:
    base::Bytes bytes_;
    std::size_t size_ = 0;
};

}  // namespace rues::wasm
