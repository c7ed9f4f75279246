#include <cstdlib>

#include "graphql/parser.hpp"

/// Any text parses or does not; ranges of what was parsed stay inside the document, and an error has a message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rues::graphql;
    const auto document = parse({reinterpret_cast<const char*>(data), size}, {.tokens = 5000});
    if (!document) {
        if (document.error().message.empty() || document.error().locations.size() > 1) std::abort();
        return 0;
    }
    for (const auto& field : document->selections) {
        if (field.has_set != (field.selections.count != 0)) std::abort();
        (void)document->selections_of(field.selections);
        for (const auto& argument : document->arguments_of(field.arguments))
            (void)document->values_of(argument.value.items);
    }
    return 0;
}
