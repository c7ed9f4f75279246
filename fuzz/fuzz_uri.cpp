#include <cstdlib>

#include "wire/path.hpp"
#include "wire/uri.hpp"

/// Any path parses or does not; what was parsed matches itself, and its text, where nothing in it needs escaping,
/// parses to the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using rues::wire::Uri;
    const std::string_view path(reinterpret_cast<const char*>(data), size);
    (void)rues::wire::percent_decoded(path);
    const auto uri = Uri::parse(rues::wire::normalised_path(path));
    if (!uri) return 0;
    if (!uri->matches(*uri)) std::abort();
    const std::string text = uri->to_string();
    const bool plain = text.find('%') == std::string::npos && uri->topic.find('/') == std::string::npos &&
                       (!uri->entity || uri->entity->find('/') == std::string::npos);
    if (plain && Uri::parse(text) != uri) std::abort();
    return 0;
}
