#pragma once

#include <string>

#include "base/bytes.hpp"
#include "wasm/refusal.hpp"
#include "wasm/types.hpp"

namespace rues::wasm {

/// Reads the binary format off the front of a part of a module. It keeps the first problem: from then on it is at its
/// end and everything reads as zero. So a parser reads a whole structure and asks `failed()` once, and its loops end.
class Cursor {
public:
    /// REQUIRES: `part` lies in `module`, or is empty.
    Cursor(base::ByteView module, base::ByteView part) noexcept
        : begin_(base::u8(module)), at_(base::u8(part)), end_(at_ + part.size()) {}

    bool failed() const noexcept { return problem_ != nullptr; }
    bool empty() const noexcept { return at_ == end_; }
    std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - at_); }
    /// Position of the next byte in the module; after a failure, of the problem.
    std::size_t offset() const noexcept { return static_cast<std::size_t>((failed() ? problem_at_ : at_) - begin_); }
    const std::uint8_t* at() const noexcept { return at_; }

    std::uint8_t byte() noexcept {
        if (at_ == end_) [[unlikely]] {
            fail("unexpected end");
            return 0;
        }
        return *at_++;
    }

    /// LEB128 of at most 32 bits: any number of leading zeros within five bytes, as engines accept it.
    std::uint32_t u32() noexcept {
        if (at_ != end_ && *at_ < 0x80) [[likely]]
            return *at_++;
        return static_cast<std::uint32_t>(unsigned_leb(32));
    }
    /// The same for 64 bits and ten bytes.
    std::uint64_t u64() noexcept {
        if (at_ != end_ && *at_ < 0x80) [[likely]]
            return *at_++;
        return unsigned_leb(64);
    }
    std::int32_t s32() noexcept { return static_cast<std::int32_t>(signed_number(32)); }
    /// An index of a type, or a negative value: the type of a block.
    std::int64_t s33() noexcept { return signed_number(33); }
    std::int64_t s64() noexcept { return signed_number(64); }

    base::ByteView bytes(std::uint64_t count) noexcept {
        if (count > remaining()) {
            fail("unexpected end");
            return {};
        }
        const base::ByteView out = std::as_bytes(std::span(at_, static_cast<std::size_t>(count)));
        at_ += count;
        return out;
    }
    void skip(std::size_t count) noexcept { (void)bytes(count); }

    /// The number of things that follow, each at least `size` bytes long. More than are left are refused, more than
    /// `limit` too (`too_large`).
    std::uint32_t count(std::uint32_t limit, std::size_t size) noexcept;

    ValueType type() noexcept;
    /// A name in UTF-8 of at most `limit` bytes.
    std::string_view name(std::uint32_t limit) noexcept;

    /// `problem` is a literal.
    void fail(const char* problem, Refusal::Kind kind = Refusal::Kind::malformed) noexcept {
        if (failed()) return;
        problem_ = problem;
        problem_at_ = at_;
        kind_ = kind;
        at_ = end_;
    }
    void unsupported(const char* problem) noexcept { fail(problem, Refusal::Kind::unsupported); }

    /// REQUIRES: failed(). "<problem> at byte <offset>".
    Refusal refusal() const;

private:
    std::int64_t signed_number(unsigned bits) noexcept {
        if (at_ != end_ && *at_ < 0x80) [[likely]] {
            const std::uint8_t last = *at_++;
            return last < 0x40 ? last : last - 0x80;
        }
        return signed_leb(bits);
    }
    std::uint64_t unsigned_leb(unsigned bits) noexcept;
    std::int64_t signed_leb(unsigned bits) noexcept;

    const std::uint8_t* begin_;
    const std::uint8_t* at_;
    const std::uint8_t* end_;
    const char* problem_ = nullptr;
    const std::uint8_t* problem_at_ = nullptr;
    Refusal::Kind kind_ = Refusal::Kind::malformed;
};

}  // namespace rues::wasm
