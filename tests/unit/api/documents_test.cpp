#include "api/openapi.hpp"
#include "api/routes.hpp"
#include "unit/api/fixture.hpp"

namespace rues::api {
namespace {

using base::json::value;
using DocumentsTest = test::ApiTest;

/// Collects every `$ref` of a document.
void collect_references(const value& node, std::vector<std::string>& out) {
    if (const auto* list = node.if_array()) {
        for (const auto& element : *list) collect_references(element, out);
    } else if (const auto* object = node.if_object()) {
        for (const auto& [key, inner] : *object) {
            if (key == "$ref") out.emplace_back(inner.as_string());
            collect_references(inner, out);
        }
    }
}

TEST(Documents, every_reference_of_the_openapi_document_leads_somewhere) {
    const value document = boost::json::parse(openapi_document("1.2.3"));
    std::vector<std::string> references;
    collect_references(document, references);

    EXPECT_EQ(document.at("info").at("version"), "1.2.3");
    EXPECT_FALSE(references.empty());
    for (const auto& reference : references) {
        boost::system::error_code error;
        EXPECT_NE(document.find_pointer(reference.substr(1), error), nullptr) << reference;
    }
}

TEST(Documents, every_row_of_both_tables_is_in_the_generated_pages) {
    for (const Route& row : routes()) EXPECT_THAT(endpoints_page(), ::testing::HasSubstr(std::string(row.summary)));
    for (const ErrorRow& row : error_table()) EXPECT_THAT(errors_page(), ::testing::HasSubstr(std::string(row.name)));
}

TEST_F(DocumentsTest, a_chain_that_does_not_run_is_not_ready_but_alive) {
    const auto ready = ask("GET", "/readyz");

    EXPECT_EQ(ready.status, 503U);
    EXPECT_EQ(ready.body, R"({"error":"the chain has not started"})");
    EXPECT_EQ(ready.headers.at("retry-after"), "1");
    EXPECT_EQ(ask("GET", "/healthz").status, 200U);
    EXPECT_THAT(ask("GET", "/status").body, ::testing::HasSubstr(R"("ready":false)"));

    node_->run_chain();

    EXPECT_EQ(ask("GET", "/readyz").body, R"({"ready":true})");
    EXPECT_THAT(ask("GET", "/status").body, ::testing::HasSubstr(R"("ready":true)"));
}

TEST_F(DocumentsTest, an_upgrade_of_the_root_opens_a_session) {
    net::test::Client client(server_->port());

    EXPECT_EQ(client.open_websocket("/").status, 101U);
}

TEST_F(DocumentsTest, the_served_document_has_the_routes_that_the_settings_turn_on) {
    const auto served = ask("GET", "/openapi.json");
    end();
    dev_endpoints_ = false;
    contracts_wildcard_ = false;
    begin();
    const auto without = ask("GET", "/openapi.json");

    EXPECT_THAT(served.body, ::testing::HasSubstr("/dev/mine"));
    EXPECT_THAT(served.body, ::testing::HasSubstr("/debug/sessions"));
    EXPECT_THAT(served.body, ::testing::HasSubstr("/on/contracts/{topic}"));
    EXPECT_THAT(without.body, ::testing::Not(::testing::HasSubstr("/on/contracts/{topic}")));
    EXPECT_THAT(without.body, ::testing::Not(::testing::HasSubstr("/dev")));
    EXPECT_THAT(without.body, ::testing::Not(::testing::HasSubstr("/debug")));
    EXPECT_THAT(without.body, ::testing::HasSubstr("/on/node/info"));
    EXPECT_NE(served.headers.at("etag"), without.headers.at("etag"));
}

TEST_F(DocumentsTest, documents_and_pages_have_an_etag_and_are_304_when_it_matches) {
    for (const char* path : {"/openapi.json", "/api-docs/openapi.json", "/explorer", "/explorer/rues.mjs"}) {
        const auto whole = ask("GET", path);
        ASSERT_EQ(whole.status, 200U) << path;
        const std::string tag = whole.headers.at("etag");

        for (const std::string& known : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
            const auto same = ask("GET", path, "If-None-Match: " + known + "\r\n");
            EXPECT_EQ(same.status, 304U) << path << " " << known;
            EXPECT_EQ(same.headers.at("etag"), tag) << path;
        }
        EXPECT_EQ(ask("GET", path, "If-None-Match: \"other\"\r\n").body, whole.body) << path;
        net::test::Client client(server_->port());
        client.send(std::string("HEAD ") + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
        const auto head = client.read_answer(true);
        EXPECT_EQ(head.headers.at("content-length"), std::to_string(whole.body.size())) << path;
        EXPECT_EQ(head.headers.at("etag"), tag) << path;
    }
}

}  // namespace
}  // namespace rues::api
