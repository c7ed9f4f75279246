#include <cstdlib>

#include "wire/path.hpp"
#include "wire/uri.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

/// Any path parses or is refused. A parsed URI matches itself, and its text parses to the same URI at every entrance:
/// as a path, as a parameter of a query, and in the journal. Any location is read and written unchanged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using rues::wire::Uri;
    const std::string_view path(reinterpret_cast<const char*>(data), size);
    require(rues::wire::percent_decoded(rues::wire::percent_encoded(path)) == path ||
            !rues::wire::percent_decoded(rues::wire::percent_encoded(path)));
    if (const auto located = Uri::of_location(path)) require(located->location() == path);
    const auto uri = Uri::parse(rues::wire::normalised_path(path), nullptr, true);
    if (!uri) return 0;
    require(uri->matches(*uri));
    const std::string text = uri->to_string();
    require(rues::wire::normalised_path(text) == text);
    require(Uri::parse(text, nullptr, true) == uri);
    require(Uri::of_canonical(text) == uri);
    const auto query = rues::wire::query_of("/events?on=" + rues::wire::percent_encoded(text));
    require(query && Uri::of_canonical(*rues::wire::find(*query, "on")) == uri);
    return 0;
}
