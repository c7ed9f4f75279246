#include "base/json_reading.hpp"
#include "unit/api/fixture.hpp"

namespace rues::api {
namespace {

constexpr const char* kOnPool = "/events/history?on=/on/blocks/accepted";

using DebugClientsTest = test::ApiTest;

TEST_F(DebugClientsTest, the_list_says_what_each_client_holds_and_which_limits_there_are) {
    net::test::Client open(server_->port());
    ASSERT_EQ(open.ask("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 200U);

    const auto answer = ask("GET", "/debug/clients");

    ASSERT_EQ(answer.status, 200U) << answer.body;
    const auto json = base::json::parse(answer.body);
    ASSERT_TRUE(json);
    const auto& listed = json->at("clients").as_array();
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed[0].at("client").as_string(), "127.0.0.1");
    EXPECT_EQ(listed[0].at("connections").to_number<std::uint64_t>(), 2U);
    EXPECT_GT(listed[0].at("spent_us").to_number<std::uint64_t>(), 0U);
    EXPECT_EQ(json->at("all").at("connections").at("held").to_number<std::uint64_t>(), 2U);
    EXPECT_EQ(json->at("all").at("connections").at("of_one").to_number<std::uint64_t>(), 4'000U);
}

TEST_F(DebugClientsTest, it_names_the_settings_and_counts_refusals_by_their_reason) {
    EXPECT_EQ(ask("GET", "/on/nothing/here").status, 404U);
    pool_is_full_ = true;
    EXPECT_EQ(ask("GET", kOnPool).status, 503U);
    pool_is_full_ = false;

    const auto json = base::json::parse(ask("GET", "/debug/clients").body);

    ASSERT_TRUE(json);
    EXPECT_EQ(json->at("all").at("journal").at("setting").as_string(), "client-journal-bytes");
    EXPECT_EQ(json->at("all").at("journal").at("setting_of_all").as_string(), "journal-bytes");
    EXPECT_EQ(json->at("refusals").at("path_not_found").to_number<std::uint64_t>(), 1U);
    EXPECT_EQ(json->at("refusals").at("overloaded").to_number<std::uint64_t>(), 1U);
    EXPECT_EQ(json->at("refusals").at("work").at("history").to_number<std::uint64_t>(), 1U);
    EXPECT_EQ(json->at("refusals").at("work").at("wait").to_number<std::uint64_t>(), 0U);
    EXPECT_EQ(json->at("refusals").at("closed").at("slow_consumer").to_number<std::uint64_t>(), 0U);
    EXPECT_EQ(json->at("memory").at("tail-cache").at("limit").to_number<std::uint64_t>(), feed::Limits().tail_bytes);
}

TEST_F(DebugClientsTest, a_client_that_has_spent_its_share_learns_from_a_full_pool_when_to_come_back) {
    end();
    limits_.client_share = 10;
    begin();
    pool_is_full_ = true;
    const auto full = ask("GET", kOnPool);
    EXPECT_EQ(full.status, 503U);
    EXPECT_EQ(full.headers.at("rues-error-code"), "overloaded");

    const auto client = clients_->of(*base::ClientKey::parse("127.0.0.1"), std::chrono::steady_clock::now());
    client->charge(std::chrono::hours(1), std::chrono::steady_clock::now());
    const auto spent = ask("GET", kOnPool);

    EXPECT_EQ(spent.status, 429U);
    EXPECT_EQ(spent.headers.at("rues-error-code"), "share_spent");
    const std::string seconds = spent.headers.at("retry-after");  // 2, and less on a machine that is slow
    EXPECT_THAT(seconds, ::testing::AnyOf("1", "2"));
    EXPECT_EQ(spent.headers.at("ratelimit"), "\"cpu\";r=0;t=" + seconds);
    EXPECT_TRUE(spent.headers.at("ratelimit-policy").ends_with(";w=1"));
    EXPECT_THAT(spent.body, ::testing::HasSubstr("client-share"));
}

TEST_F(DebugClientsTest, only_this_machines_own_user_may_look) {
    EXPECT_EQ(ask("GET", "/debug/clients", "X-Forwarded-For: 192.0.2.1\r\n").status, 403U);
}

}  // namespace
}  // namespace rues::api
