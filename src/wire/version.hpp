#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Semantic versions as clients send them in `Rusk-Version`: the requirement grammar of docs/reference/protocol.md 4.3,
/// exactly.
namespace rues::wire {

struct Version {
    std::uint64_t major = 0, minor = 0, patch = 0;
    std::string pre;  ///< without the hyphen; empty for a release

    /// nullopt unless `text` is three numbers, an optional pre-release and an optional build (which is dropped).
    static std::optional<Version> parse(std::string_view text);
    std::string to_string() const;
};

class VersionReq {
public:
    /// The error is a text for the client, after `Version error: `.
    static std::expected<VersionReq, std::string> parse(std::string_view text);
    bool matches(const Version& version) const;
    /// Normalised: `1.0.0-rc.0` prints `^1.0.0-rc.0`.
    std::string to_string() const;

private:
    enum class Op : std::uint8_t { exact, greater, greater_equal, less, less_equal, tilde, caret, wildcard };
    struct Comparator {
        Op op = Op::caret;
        std::uint64_t major = 0;
        std::optional<std::uint64_t> minor, patch;
        std::string pre;
    };
    std::vector<Comparator> comparators_;  ///< a version must meet all of them; empty: every version matches
    static bool matches(const Comparator& comparator, const Version& version);
};

/// The version that the protocol reports and against which it checks requirements.
inline constexpr std::string_view kRuskVersion = "1.7.0";

/// The rule of docs/reference/protocol.md 4.2 on raw header values. nullopt when the headers are acceptable; otherwise
/// the whole error text, `Version error: …`.
std::optional<std::string> check_version_headers(std::optional<std::string_view> version, bool strict);

}  // namespace rues::wire
