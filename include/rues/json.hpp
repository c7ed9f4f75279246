#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rues {

/// A read-only JSON value. Copies are cheap and share one document, which lives as long as any of them. Any thread.
///
/// Looking up a missing member or element gives null, so lookups can be chained:
/// `event.json()["header"]["height"].as_u64()`. Integers are exact over the whole range of 64 bits.
class Json {
public:
    enum class Kind : std::uint8_t { null, boolean, number, string, array, object };

    /// Null.
    Json() = default;
    /// nullopt: not JSON, or nested deeper than 64 levels.
    static std::optional<Json> parse(std::string_view text);

    Kind kind() const noexcept;
    bool is_null() const noexcept { return kind() == Kind::null; }
    /// Members of an object or elements of an array; 0 for anything else.
    std::size_t size() const noexcept;
    Json operator[](std::string_view member) const;
    Json operator[](const char* member) const { return (*this)[std::string_view(member)]; }
    /// A template for any integer type: otherwise a plain 0 would be taken for a null pointer to a name.
    template <std::integral Index>
    Json operator[](Index element) const {
        return std::in_range<std::size_t>(element) ? at(static_cast<std::size_t>(element)) : Json();
    }
    /// Members of an object in their order; empty for anything else. The names live as long as the document.
    std::vector<std::pair<std::string_view, Json>> members() const;

    /// @name The value; nullopt when it has another type or does not fit.
    /// @{
    std::optional<bool> as_bool() const noexcept;
    std::optional<std::uint64_t> as_u64() const noexcept;
    std::optional<std::int64_t> as_i64() const noexcept;
    std::optional<double> as_double() const noexcept;
    std::optional<std::string_view> as_string() const noexcept;
    /// @}
    /// The value as JSON text without blanks.
    std::string to_text() const;

private:
    Json at(std::size_t element) const;
    explicit Json(std::shared_ptr<const void> at) noexcept : at_(std::move(at)) {}
    std::shared_ptr<const void> at_;  ///< a value inside the document, which it keeps alive; empty: null
};

}  // namespace rues
