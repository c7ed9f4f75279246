#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string_view>

namespace rues::graphql {

/// An input value: an argument, a variable, or a part of one. After coercion (specification 6.4.1) the members of an
/// object are in the order of their declaration, a member that was not given is `absent`, and an ID is a string. Before
/// coercion, and in custom scalars, it is the value as it was written. Views live as long as the request.
struct Input {
    enum class Kind : std::uint8_t { absent, null, boolean, integer, number, string, enumerator, list, object };
    Kind kind = Kind::absent;
    std::uint32_t at =
        UINT32_MAX;  ///< position in the document, if it has one; of a variable's value, the use of the variable
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

/// The memory of a request's inputs, freed as a whole. Every field of a document can use a list that was given once, so
/// the number of inputs is bounded.
class InputArena {
public:
    static constexpr std::size_t kMaxInputs = 200'000;

    /// Returns `count` inputs; empty when they would exceed the bound.
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
