#include "api/routes.hpp"
#include "unit/api/fixture.hpp"

/// Access to the developer's endpoints, preflight requests of browsers, and upgrades to other protocols.
namespace rues::api {
namespace {

using RequestsTest = test::ApiTest;

net::Request from_here(std::string_view host, const net::Headers& more = {}) {
    net::Request out;
    out.method = "POST";
    out.target = "/dev/mine";
    out.loopback = true;
    out.headers.emplace_back("Host", host);
    out.headers.insert(out.headers.end(), more.begin(), more.end());
    return out;
}

bool is_own_with(std::string_view name, std::string_view value) {
    return dev::is_own(from_here("localhost", {{std::string(name), std::string(value)}}));
}

// docs/reference/differences.md 3; RFC 9110 4.2.3
TEST(OwnUser, sends_a_host_of_localhost_in_any_case_127_0_0_1_or_ipv6_loopback) {
    for (const char* host : {"localhost", "LOCALHOST", "LocalHost:8080", "127.0.0.1", "127.0.0.1:80", "[::1]",
                             "[::1]:8080", "localhost:"}) {
        EXPECT_TRUE(dev::is_own(from_here(host))) << host;
    }
    for (const char* host :
         {"", "localhost.example", "localhostx", "evil.example", "evil.example:80", "127.0.0.1.example", "127.0.0.10",
          "xlocalhost", "localhost:80:80", "localhost:evil", "::1", "[::1", "[::1].example", "[::2]", "rues.local"}) {
        EXPECT_FALSE(dev::is_own(from_here(host))) << host;
    }
    net::Request without = from_here("localhost");
    without.headers.clear();
    EXPECT_FALSE(dev::is_own(without));
}

TEST(OwnUser, comes_from_this_machine) {
    net::Request request = from_here("localhost");
    request.loopback = false;

    EXPECT_FALSE(dev::is_own(request));
}

TEST(OwnUser, is_not_a_client_behind_a_proxy) {
    for (const char* name : {"Forwarded",
                             "Via",
                             "X-Forwarded-For",
                             "X-Forwarded-Host",
                             "X-Forwarded-Proto",
                             "X-Forwarded-Server",
                             "X-Forwarded",
                             "x-forwarded-anything",
                             "X-Original-Forwarded-For",
                             "X-Original-Host",
                             "X-Real-IP",
                             "X-REAL-IP",
                             "CF-Connecting-IP",
                             "CF-Connecting-IPv6",
                             "CF-Ray",
                             "CF-Visitor",
                             "CDN-Loop",
                             "True-Client-IP",
                             "X-Client-IP",
                             "Client-IP",
                             "Fly-Client-IP",
                             "Fly-Forwarded-Proto",
                             "Fastly-Client-IP",
                             "X-Cluster-Client-IP",
                             "X-Azure-ClientIP",
                             "X-Azure-SocketIP",
                             "X-Remote-IP",
                             "X-Remote-Addr",
                             "X-Originating-IP",
                             "X-ProxyUser-Ip",
                             "WL-Proxy-Client-IP",
                             "X-AppEngine-User-IP",
                             "X-Envoy-External-Address",
                             "X-Amzn-Trace-Id",
                             "X-Amz-Cf-Id",
                             "CloudFront-Viewer-Address",
                             "Tailscale-User-Login",
                             "X-Varnish"}) {
        EXPECT_FALSE(is_own_with(name, "203.0.113.9")) << name;
        EXPECT_FALSE(is_own_with(name, "")) << name << ", empty";
    }
    EXPECT_FALSE(dev::is_own(from_here("localhost", {{"X-Trace", "1"}, {"via", "1.1 proxy"}}))) << "not the first";
}

TEST(OwnUser, is_not_a_page_of_another_site) {
    EXPECT_FALSE(is_own_with("Origin", "https://a.example"));
    EXPECT_FALSE(is_own_with("Origin", "http://localhost"));
    EXPECT_FALSE(is_own_with("Origin", "null"));
    for (const char* site : {"cross-site", "same-site", "", "None", "other", "none, cross-site"})
        EXPECT_FALSE(is_own_with("Sec-Fetch-Site", site)) << site;
    EXPECT_TRUE(is_own_with("Sec-Fetch-Site", "none"));
    EXPECT_TRUE(is_own_with("sec-fetch-site", "same-origin"));
    const net::Headers both{{"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Site", "cross-site"}};
    EXPECT_FALSE(dev::is_own(from_here("localhost", both)));
}

TEST(OwnUser, may_send_the_headers_that_clients_send) {
    for (const char* name : {"Accept", "User-Agent", "X-Request-Id", "X-Trace", "Authorization", "Content-Type",
                             "Rusk-Version", "Cookie", "Connection", "Accept-Encoding", "Sec-Fetch-Mode"}) {
        EXPECT_TRUE(is_own_with(name, "x")) << name;
    }
}

TEST_F(RequestsTest, the_developers_endpoints_are_403_for_others_with_every_method_and_without_cors) {
    chain_->start();
    for (const char* path : {"/dev/mine", "/dev/time", "/dev/echo", "/dev/nothing", "/dev", "/debug/sessions",
                             "/debug/sessions/01234567", "/debug/clients", "/debug"}) {
        for (const char* method : {"GET", "POST", "OPTIONS", "PUT"}) {
            const auto refused = ask(method, path, "X-Real-IP: 203.0.113.9\r\n");
            EXPECT_EQ(refused.status, 403U) << method << " " << path;
            EXPECT_FALSE(refused.headers.contains("access-control-allow-origin")) << method << " " << path;
        }
    }
    EXPECT_EQ(ask("POST", "/dev/time", "", "1").status, 200U);
    EXPECT_EQ(ask("GET", "/debug/sessions").status, 200U);
}

TEST_F(RequestsTest, without_their_setting_the_developers_endpoints_are_unknown_paths) {
    end();
    dev_endpoints_ = false;
    begin();

    for (const char* path : {"/dev/mine", "/dev/time", "/dev/echo", "/debug/sessions", "/debug/sessions/01234567"}) {
        for (const char* method : {"GET", "POST", "OPTIONS"})
            EXPECT_EQ(ask(method, path).status, 404U) << method << " " << path;
        EXPECT_EQ(ask("POST", path, "Via: 1.1 proxy\r\n").status, 403U)
            << "a proxied request does not show whether they exist";
    }
    EXPECT_EQ(ask("POST", "/on/node/info").status, 200U);
}

// WICG Private Network Access 3.1
TEST_F(RequestsTest, the_preflight_of_a_private_network_is_answered_when_it_asks) {
    const std::string asked = "Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n";
    const std::string private_network = asked + "Access-Control-Request-Private-Network: true\r\n";
    constexpr const char* kAllow = "access-control-allow-private-network";

    for (const char* path : {"/on/node/info", "/graphql", "/", "/events", "/on/blocks/accepted"}) {
        const auto with = ask("OPTIONS", path, private_network);
        EXPECT_EQ(with.status, 204U) << path;
        ASSERT_TRUE(with.headers.contains(kAllow)) << path;
        EXPECT_EQ(with.headers.at(kAllow), "true") << path;
        EXPECT_FALSE(ask("OPTIONS", path, asked).headers.contains(kAllow)) << path;
    }
    EXPECT_FALSE(
        ask("OPTIONS", "/", asked + "Access-Control-Request-Private-Network: false\r\n").headers.contains(kAllow));
    for (const char* path : {"/dev/mine", "/debug/sessions", "/dev"}) {
        const auto refused = ask("OPTIONS", path, private_network);
        EXPECT_EQ(refused.status, 403U) << path;
        EXPECT_FALSE(refused.headers.contains(kAllow)) << path;
    }
    EXPECT_FALSE(ask("POST", "/on/node/info", private_network).headers.contains(kAllow)) << "no preflight";
}

// RFC 9110 7.8
TEST_F(RequestsTest, an_upgrade_to_an_unknown_protocol_is_ignored) {
    for (const char* protocol : {"h2c", "TLS/1.0", "HTTP/3.0", "other"}) {
        const std::string upgrade = std::string("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: ") + protocol +
                                    "\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n";
        for (const char* path : {"/", "/healthz", "/graphql?query=%7B__typename%7D", "/explorer", "/status"}) {
            const auto answer = ask("GET", path, upgrade);
            EXPECT_EQ(answer.status, 200U) << protocol << " " << path;
            EXPECT_FALSE(answer.body.empty()) << protocol << " " << path;
        }
        EXPECT_EQ(ask("POST", "/on/node/info", upgrade, "{}").status, 200U) << protocol;
        EXPECT_EQ(ask("POST", "/graphql", upgrade, R"({"query":"{__typename}"})").status, 200U) << protocol;
        EXPECT_EQ(ask("GET", "/on", upgrade).status, 400U) << "/on serves only sessions";
    }
}

TEST_F(RequestsTest, only_a_get_of_http_1_1_opens_a_session) {
    const std::string upgrade =
        " / HTTP/1.X\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    const auto status = [&](const std::string& method, char minor) {
        std::string text = method + upgrade;
        text[text.find('X')] = minor;
        net::test::Client client(server_->port());
        client.send(text);
        return client.read_answer(true).status;
    };

    EXPECT_EQ(status("GET", '1'), 101U);
    EXPECT_EQ(status("GET", '0'), 200U);
    EXPECT_EQ(status("HEAD", '1'), 200U);
}

}  // namespace
}  // namespace rues::api
