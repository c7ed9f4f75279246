#pragma once

#include <gtest/gtest.h>

#include "query/query.hpp"
#include "support/recorded_store.hpp"

namespace rues::query::test {

/// The recorded chain, loaded once.
inline const boost::json::value& chain() {
    static const auto out = recorded::load("chain.json");
    return out;
}
inline const recorded::ChainStore& store() {
    static const recorded::ChainStore out(chain());
    return out;
}
inline const graphql::Schema& node_schema() {
    static const graphql::Schema out = schema();
    return out;
}

inline graphql::Response ask(const store::Snapshot& snapshot, std::string document, boost::json::object variables = {},
                             const graphql::EngineOptions& options = engine_options()) {
    Context context(snapshot);
    return answer(node_schema(), {std::move(document), std::nullopt, std::move(variables)}, context, {}, options);
}
/// Of the recorded chain, as the client sees it.
inline std::string ask(const std::string& document, boost::json::object variables = {}) {
    return ask(*store()->snapshot(), document, std::move(variables)).envelope();
}
/// The data of an answer without errors.
inline boost::json::value data_of(const std::string& document) {
    const auto answer = ask(*store()->snapshot(), document);
    std::string errors;
    graphql::append_json(errors, answer.errors);
    EXPECT_TRUE(answer.errors.empty()) << document << "\n" << errors;
    return boost::json::parse(answer.data, {}, {.max_depth = 100});
}

}  // namespace rues::query::test
