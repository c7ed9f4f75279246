#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string_view>

namespace rues::graphql {

/// A value that came in: an argument, a variable, a part of one. After coercion (specification 6.4.1) an object has its
/// members in the order of their declaration, `absent` where none was given, and an ID is a string; before, and in
/// custom scalars, it is what was written. Views live as long as the request.
struct Input {
    enum class Kind : std::uint8_t { absent, null, boolean, integer, number, string, enumerator, list, object };
    Kind kind = Kind::absent;
    std::uint32_t at =
        UINT32_MAX;  ///< where in the document, if it is there; of a variable's value, where the variable is used
    union {
        bool boolean;
        std::int64_t integer = 0;
        double number;  ///< also an integer beyond 64 bits
    };
    std::string_view text;  ///< of a string or an enum value
    std::string_view key;   ///< of a member of an object
    std::span<const Input> items;

    bool given() const noexcept { return kind != Kind::absent && kind != Kind::null; }
};

/// Memory of a request's inputs, freed as a whole. A list that is given once can be used by every field of a document,
/// so their number is bounded.
class InputArena {
public:
    static constexpr std::size_t kMaxInputs = 200'000;

    /// Empty when there is no room for so many.
    std::span<Input> inputs(std::size_t count) {
        if (count == 0 || count > left_) return {};
        left_ -= count;
        void* at = memory_.allocate(count * sizeof(Input), alignof(Input));
        auto* first = static_cast<Input*>(at);
        std::uninitialized_value_construct_n(first, count);
        return {first, count};
    }
    std::string_view text(std::string_view from) {
        if (from.empty()) return {};
        auto* at = static_cast<char*>(memory_.allocate(from.size(), 1));
        from.copy(at, from.size());
        return {at, from.size()};
    }

private:
    std::pmr::monotonic_buffer_resource memory_;
    std::size_t left_ = kMaxInputs;
};

}  // namespace rues::graphql
