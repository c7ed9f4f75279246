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

inline graphql::Response ask(const store::Snapshot& snapshot, std::string document,
                             const graphql::EngineOptions& options = engine_options(), ReadCache* cache = nullptr) {
    Context context(snapshot, cache);
    return answer(node_schema(), {std::move(document), std::nullopt, {}}, context, {}, options);
}
/// Asks the recorded chain, and checks that a cache filled by earlier requests gives the same answer.
inline graphql::Response ask(const std::string& document) {
    static ReadCache cache(1 << 20);
    const auto snapshot = store()->snapshot();
    auto out = ask(*snapshot, document);
    EXPECT_EQ(ask(*snapshot, document, engine_options(), &cache).envelope(), out.envelope()) << document;
    return out;
}
/// The data of an answer without errors.
inline boost::json::value data_of(const std::string& document) {
    const auto answer = ask(document);
    std::string errors;
    graphql::append_json(errors, answer.errors);
    EXPECT_TRUE(answer.errors.empty()) << document << "\n" << errors;
    return boost::json::parse(answer.data, {}, {.max_depth = 100});
}

}  // namespace rues::query::test
