#include <boost/json.hpp>
#include <cstdlib>

#include "graphql/engine.hpp"
#include "support/graphql_harbour.hpp"

namespace {

using namespace rues::graphql;

struct Served {
    Schema schema = test::harbour_schema();
    test::Harbour harbour = test::harbour(schema);
};

}  // namespace

/// A document, and after a zero byte the JSON of its variables. Whatever they are, the answer is JSON, and a second
/// answer is the same. Runs with and without the checks of variable types.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Served served;
    const std::string_view all(reinterpret_cast<const char*>(data), size);
    const std::size_t zero = all.find('\0');
    boost::json::object variables;
    if (zero != std::string_view::npos) {
        boost::system::error_code error;
        const auto value = boost::json::parse(all.substr(zero + 1), error);
        if (!error && value.is_object()) variables = value.get_object();
    }
    EngineOptions options;
    options.limits.execution.nodes = 20'000;
    for (const bool types : {true, false}) {
        options.variable_types = types;
        auto prepared = prepare(served.schema, {std::string(all.substr(0, zero)), std::nullopt, variables}, options);
        if (!prepared) {
            if (prepared.error().empty()) std::abort();
            continue;
        }
        const bool event = prepared->kind() == OperationNode::Kind::subscription;
        const Execute with{
            event ? static_cast<const void*>(&served.harbour.ada) : &served.harbour, &served.harbour, {}};
        const std::string answer = execute(*prepared, with).envelope();
        boost::system::error_code error;
        boost::json::parse_options deep;
        deep.max_depth = 200;
        (void)boost::json::parse(answer, error, {}, deep);
        if (error || execute(*prepared, with).envelope() != answer) std::abort();
    }
    return 0;
}
