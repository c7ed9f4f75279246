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

}  // namespace rues::wire
