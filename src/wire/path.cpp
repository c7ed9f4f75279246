#include "wire/path.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace rues::wire {

std::string normalised_path(std::string_view path) {
    if (!path.ends_with('/') && !path.starts_with("//")) return std::string(path);
    const auto first = path.find_first_not_of('/');
    if (first == std::string_view::npos) return "/";
    return std::string("/").append(path.substr(first, path.find_last_not_of('/') - first + 1));
}

std::optional<std::string> percent_decoded(std::string_view text) {
    const std::size_t first = std::min(text.find('%'), text.size());
    std::string out(text.substr(0, first));
    out.reserve(text.size());
    for (std::size_t i = first; i < text.size(); ++i) {
        const auto byte = text[i] == '%' && i + 2 < text.size() ? base::from_hex(text.substr(i + 1, 2)) : std::nullopt;
        if (byte && byte->size() == 1) {
            out += static_cast<char>((*byte)[0]);
            i += 2;
        } else {
            out += text[i];
        }
    }
    if (!base::is_utf8(out)) return std::nullopt;
    return out;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kPlain = "-._~!$'()*,;:@";
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                              kPlain.find(c) != std::string_view::npos;
        if (is_plain) {
            out += c;
        } else {
            out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
        }
    }
    return out;
}

std::optional<Query> query_of(std::string_view target) {
    const auto mark = target.find('?');
    std::string_view rest = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    const auto decoded = [](std::string_view text) {
        std::string with_blanks(text);
        std::ranges::replace(with_blanks, '+', ' ');
        return percent_decoded(with_blanks);
    };
    Query out;
    while (!rest.empty()) {
        const std::string_view part = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
        if (part.empty()) continue;
        const auto equals = std::min(part.find('='), part.size());
        auto name = decoded(part.substr(0, equals));
        auto value = decoded(part.substr(std::min(equals + 1, part.size())));
        if (!name || !value) return std::nullopt;
        out.emplace_back(std::move(*name), std::move(*value));
    }
    return out;
}

std::optional<std::string_view> find(const Query& query, std::string_view name) noexcept {
    const auto found = std::ranges::find(query, name, &Query::value_type::first);
    if (found == query.end()) return std::nullopt;
    return found->second;
}

}  // namespace rues::wire
