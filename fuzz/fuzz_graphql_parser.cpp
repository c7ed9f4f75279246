#include <cstdlib>

#include "graphql/parser.hpp"

namespace {

using namespace rues::graphql;

/// Every range below the value must lie inside the document. The items of a list are values, those of an object are
/// fields.
void walk(const Document& document, const ValueNode& value) {
    if (value.kind == ValueNode::Kind::list)
        for (const auto& item : document.values_of(value.items)) walk(document, item);
    if (value.kind == ValueNode::Kind::object)
        for (const auto& field : document.object_fields_of(value.items)) walk(document, field.value);
}

}  // namespace

/// Any text parses or is refused. The ranges of a parsed document lie inside it, and an error has a message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto document = parse({reinterpret_cast<const char*>(data), size}, {.tokens = 5000});
    if (!document) {
        if (document.error().message.empty() || document.error().locations.size() > 1) std::abort();
        return 0;
    }
    for (const auto& field : document->selections) {
        if (field.has_set != (field.selections.count != 0)) std::abort();
        (void)document->selections_of(field.selections);
        for (const auto& argument : document->arguments_of(field.arguments)) walk(*document, argument.value);
    }
    return 0;
}
