#include "wire/version.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"

namespace rues::wire {
namespace {

constexpr std::size_t kMaxComparators = 32;

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_identifier(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") ==
                                std::string_view::npos;
}

/// Calls `each` for every part between separators, until it returns false.
template <typename F>
bool split(std::string_view text, char separator, F each) {
    for (;;) {
        const auto at = text.find(separator);
        if (!each(text.substr(0, at))) return false;
        if (at == std::string_view::npos) return true;
        text.remove_prefix(at + 1);
    }
}

bool is_pre(std::string_view text) {
    return split(text, '.', [](std::string_view part) {
        return is_identifier(part) && !(is_digits(part) && part.size() > 1 && part[0] == '0');
    });
}

bool is_build(std::string_view text) {
    return split(text, '.', is_identifier);
}

/// A number of a version: no leading zeros.
std::optional<std::uint64_t> number(std::string_view text) {
    if (!is_digits(text) || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    return base::parse_u64(text);
}

int compare_identifiers(std::string_view a, std::string_view b) {
    const bool na = is_digits(a);
    const bool nb = is_digits(b);
    if (na != nb) return na ? -1 : 1;
    if (na && a.size() != b.size()) return a.size() < b.size() ? -1 : 1;  // no leading zeros: longer is larger
    return a.compare(b);
}

/// The order of pre-releases in semver. A version without a pre-release is higher than any with one.
int compare_pre(std::string_view a, std::string_view b) {
    if (a.empty() || b.empty()) return static_cast<int>(a.empty()) - static_cast<int>(b.empty());
    for (;;) {
        const auto ea = a.find('.');
        const auto eb = b.find('.');
        const int order = compare_identifiers(a.substr(0, ea), b.substr(0, eb));
        if (order != 0) return order;
        if (ea == std::string_view::npos || eb == std::string_view::npos) {
            return static_cast<int>(ea != std::string_view::npos) - static_cast<int>(eb != std::string_view::npos);
        }
        a.remove_prefix(ea + 1);
        b.remove_prefix(eb + 1);
    }
}

/// The parts of `1.2.3[-pre][+build]`; a missing part is nullopt.
struct Parts {
    std::optional<std::string_view> numbers[3];
    std::string_view pre;
    bool pre_or_build = false;
};

std::expected<Parts, std::string> parts_of(std::string_view text) {
    Parts out;
    std::optional<std::string_view> build;
    if (const auto plus = text.find('+'); plus != std::string_view::npos) {
        build = text.substr(plus + 1);
        text = text.substr(0, plus);
    }
    std::optional<std::string_view> pre;
    if (const auto hyphen = text.find('-'); hyphen != std::string_view::npos) {
        pre = text.substr(hyphen + 1);
        text = text.substr(0, hyphen);
    }
    std::size_t count = 0;
    const bool fits = split(text, '.', [&](std::string_view part) {
        if (count == 3) return false;
        out.numbers[count++] = part;
        return true;
    });
    if (!fits) return std::unexpected("a version has at most three numbers");
    if ((pre || build) && count < 3) return std::unexpected("a pre-release or build needs all three numbers");
    if (pre && !is_pre(*pre)) return std::unexpected("invalid pre-release identifier");
    if (build && !is_build(*build)) return std::unexpected("invalid build identifier");
    out.pre = pre.value_or("");
    out.pre_or_build = pre || build;
    return out;
}

/// The error text of the crate semver for a requirement that does not begin with a number. Characters other than
/// visible ASCII are not repeated.
std::string no_major(std::string_view text) {
    constexpr std::string_view kWhile = " while parsing major version number";
    if (text.empty()) return fmt::format("unexpected end of input{}", kWhile);
    const char first = text.front();
    if (first > ' ' && first <= '~' && !(first >= '0' && first <= '9'))
        return fmt::format("unexpected character '{}'{}", first, kWhile);
    return fmt::format("unexpected text{}", kWhile);
}

bool is_wildcard(std::string_view text) {
    return text == "*" || text == "x" || text == "X";
}

}  // namespace

std::optional<Version> Version::parse(std::string_view text) {
    const auto parts = parts_of(text);
    if (!parts || !parts->numbers[2]) return std::nullopt;
    const auto major = number(*parts->numbers[0]);
    const auto minor = number(*parts->numbers[1]);
    const auto patch = number(*parts->numbers[2]);
    if (!major || !minor || !patch) return std::nullopt;
    return Version{*major, *minor, *patch, std::string(parts->pre)};
}

std::string Version::to_string() const {
    return fmt::format("{}.{}.{}{}{}", major, minor, patch, pre.empty() ? "" : "-", pre);
}

std::expected<VersionReq, std::string> VersionReq::parse(std::string_view text) {
    VersionReq out;
    const auto blanks = [](std::string_view t) {
        const auto first = t.find_first_not_of(' ');
        if (first == std::string_view::npos) return std::string_view();
        return t.substr(first, t.find_last_not_of(' ') - first + 1);
    };
    text = blanks(text);
    if (is_wildcard(text)) return out;
    if (text.empty()) return std::unexpected("empty version requirement");
    std::string error;
    const auto comparator = [&](std::string_view part) {
        if (out.comparators_.size() == kMaxComparators) {
            error = "more than 32 comparators in a version requirement";
            return false;
        }
        part = blanks(part);
        if (is_wildcard(part)) {
            error = "a wildcard must be the only comparator of a version requirement";
            return false;
        }
        Comparator c;
        constexpr std::pair<std::string_view, Op> kOps[] = {
            {">=", Op::greater_equal}, {"<=", Op::less_equal}, {"=", Op::exact}, {">", Op::greater},
            {"<", Op::less},           {"~", Op::tilde},       {"^", Op::caret}};
        bool explicit_op = false;
        for (const auto& [sign, op] : kOps) {
            if (!explicit_op && part.starts_with(sign)) {
                c.op = op;
                explicit_op = true;
                part = blanks(part.substr(sign.size()));
            }
        }
        const auto parts = parts_of(part);
        if (!parts) {
            error = parts.error();
            return false;
        }
        const auto major = number(*parts->numbers[0]);
        if (!major) {
            error = no_major(*parts->numbers[0]);
            return false;
        }
        c.major = *major;
        bool wildcard = false;
        const auto optional_number = [&](std::optional<std::string_view> from, std::optional<std::uint64_t>& to) {
            if (!from) return true;
            if (is_wildcard(*from)) {
                wildcard = true;
                return !parts->pre_or_build;
            }
            if (wildcard) return false;  // a number after a wildcard
            to = number(*from);
            return to.has_value();
        };
        if (!optional_number(parts->numbers[1], c.minor) || !optional_number(parts->numbers[2], c.patch)) {
            error = "unexpected text where a version number should be";
            return false;
        }
        if (wildcard && !explicit_op) c.op = Op::wildcard;
        c.pre = parts->pre;
        out.comparators_.push_back(std::move(c));
        return true;
    };
    if (!split(text, ',', comparator)) return std::unexpected(error);
    return out;
}

bool VersionReq::matches(const Comparator& c, const Version& v) {
    // The pre-release must be equal even where the comparator gives no patch: `>=1` is not met by 1.7.0-rc.0
    // (docs/reference/protocol.md 4.3).
    const auto same_prefix = [&] {
        return v.major == c.major && (!c.minor || v.minor == *c.minor) && (!c.patch || v.patch == *c.patch) &&
               v.pre == c.pre;
    };
    const auto greater = [&] {
        if (v.major != c.major) return v.major > c.major;
        if (!c.minor) return false;
        if (v.minor != *c.minor) return v.minor > *c.minor;
        if (!c.patch) return false;
        if (v.patch != *c.patch) return v.patch > *c.patch;
        return compare_pre(v.pre, c.pre) > 0;
    };
    const auto less = [&] {
        if (v.major != c.major) return v.major < c.major;
        if (!c.minor) return false;
        if (v.minor != *c.minor) return v.minor < *c.minor;
        if (!c.patch) return false;
        if (v.patch != *c.patch) return v.patch < *c.patch;
        return compare_pre(v.pre, c.pre) < 0;
    };
    switch (c.op) {
    case Op::exact:
    case Op::wildcard:
        return same_prefix();
    case Op::greater:
        return greater();
    case Op::greater_equal:
        return same_prefix() || greater();
    case Op::less:
        return less();
    case Op::less_equal:
        return same_prefix() || less();
    case Op::tilde:
        if (v.major != c.major || (c.minor && v.minor != *c.minor)) return false;
        if (c.patch && v.patch != *c.patch) return v.patch > *c.patch;
        return compare_pre(v.pre, c.pre) >= 0;
    case Op::caret:
        if (v.major != c.major) return false;
        if (!c.minor) return true;
        if (!c.patch) return c.major > 0 ? v.minor >= *c.minor : v.minor == *c.minor;
        if (c.major > 0) {
            if (v.minor != *c.minor) return v.minor > *c.minor;
            if (v.patch != *c.patch) return v.patch > *c.patch;
        } else if (*c.minor > 0) {
            if (v.minor != *c.minor) return false;
            if (v.patch != *c.patch) return v.patch > *c.patch;
        } else if (v.minor != *c.minor || v.patch != *c.patch) {
            return false;
        }
        return compare_pre(v.pre, c.pre) >= 0;
    }
    return false;
}

bool VersionReq::matches(const Version& version) const {
    if (!std::ranges::all_of(comparators_, [&](const Comparator& c) { return matches(c, version); })) return false;
    if (version.pre.empty()) return true;
    return std::ranges::any_of(comparators_, [&](const Comparator& c) {
        return !c.pre.empty() && c.major == version.major && c.minor == version.minor && c.patch == version.patch;
    });
}

std::string VersionReq::to_string() const {
    if (comparators_.empty()) return "*";
    std::string out;
    for (const Comparator& c : comparators_) {
        constexpr std::string_view kSigns[] = {"=", ">", ">=", "<", "<=", "~", "^", ""};
        if (!out.empty()) out += ", ";
        out += kSigns[static_cast<std::size_t>(c.op)];
        out += fmt::format("{}", c.major);
        if (c.minor) out += fmt::format(".{}", *c.minor);
        if (c.patch) out += fmt::format(".{}", *c.patch);
        if (c.op == Op::wildcard && !c.patch) out += ".*";
        if (!c.pre.empty()) out += "-" + c.pre;
    }
    return out;
}

std::optional<std::string> check_version_headers(std::optional<std::string_view> version, bool strict) {
    if (!version) {
        if (!strict) return std::nullopt;
        return "Version error: Missing Rusk-Version header while Rusk-Version-Strict is set";
    }
    if (!std::ranges::all_of(*version, [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; })) {
        return "Version error: Invalid Rusk-Version header encoding";
    }
    const auto requirement = VersionReq::parse(*version);
    if (!requirement) return "Version error: " + requirement.error();
    auto current = *Version::parse(kRuskVersion);
    if (!strict) current.pre.clear();
    if (requirement->matches(current)) return std::nullopt;
    return fmt::format("Version error: Mismatched rusk version: requested {} - current {}", requirement->to_string(),
                       current.to_string());
}

}  // namespace rues::wire
