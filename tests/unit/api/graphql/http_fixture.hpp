#pragma once

#include "unit/api/fixture.hpp"

namespace rues::api::test {

/// Asks the GraphQL endpoints over HTTP.
class GraphqlTest : public ApiTest {
protected:
    Answer legacy(const std::string& body, const std::string& headers = {}) {
        return ask("POST", "/on/graphql/query", headers, body);
    }
    Answer post(const std::string& body, const std::string& headers = {}) {
        return ask("POST", "/graphql", headers, body);
    }
    Answer get(const std::string& query, const std::string& headers = {}) {
        return ask("GET", "/graphql" + query, headers);
    }
    void mine() {
        chain_->start();
        ASSERT_EQ(ask("POST", "/dev/mine").status, 200U);
    }
    /// Waits until the pool got `count` tasks. Each answered request shows that the loop read the requests before it.
    void wait_for_queued(int count) {
        while (queued_ < count) ask("GET", "/healthz");
    }
};

}  // namespace rues::api::test
