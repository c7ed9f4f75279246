#include "unit/api/fixture.hpp"

namespace rues::api {
namespace {

class OriginsTest : public test::ApiTest {
protected:
    OriginsTest() { legacy_ = true; }
    /// Asks for a WebSocket. `origin`: the value of the header; null: there is none.
    Answer upgrade(const std::string& path, const char* origin) {
        net::test::Client client(server_->port());
        std::string request = "GET " + path +
                              " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        if (origin != nullptr) request += std::string("Origin: ") + origin + "\r\n";
        return client.ask(request + "\r\n");
    }
};

constexpr const char* kPaths[] = {"/", "/on", "/graphql", "/legacy", "/2/Chain"};

TEST_F(OriginsTest, without_a_list_every_origin_may_open_a_socket) {
    for (const char* path : kPaths) EXPECT_EQ(upgrade(path, "https://anywhere.example").status, 101U) << path;
}

class ListedOrigins : public OriginsTest {
protected:
    ListedOrigins() { ws_origins_ = {"https://wallet.example", "http://localhost:5173"}; }
};

TEST_F(ListedOrigins, a_socket_of_another_origin_is_403_on_every_path) {
    for (const char* path : kPaths) {
        EXPECT_EQ(upgrade(path, "https://wallet.example").status, 101U) << path;
        EXPECT_EQ(upgrade(path, "http://localhost:5173").status, 101U) << path;
        EXPECT_EQ(upgrade(path, "https://other.example").headers.at("rues-error-code"), "origin_not_allowed") << path;
    }
    const auto refused = upgrade("/on", "https://other.example");
    EXPECT_EQ(refused.status, 403U);
    EXPECT_EQ(refused.body, R"({"error":"WebSockets of the origin https://other.example are not allowed here"})");
}

TEST_F(ListedOrigins, the_whole_origin_is_compared_and_case_does_not_count) {
    EXPECT_EQ(upgrade("/on", "HTTPS://Wallet.Example").status, 101U);
    for (const char* other : {"http://wallet.example", "https://wallet.example:444", "https://wallet.example.evil",
                              "https://sub.wallet.example", "null", ""})
        EXPECT_EQ(upgrade("/on", other).status, 403U) << other;
}

TEST_F(ListedOrigins, clients_without_an_origin_and_requests_are_not_affected) {
    EXPECT_EQ(upgrade("/on", nullptr).status, 101U);
    EXPECT_EQ(ask("POST", "/on/node/info", "Origin: https://other.example\r\n").status, 200U);
    EXPECT_EQ(ask("GET", "/on", "Origin: https://other.example\r\n").status, 400U) << "it is no upgrade at all";
}

}  // namespace
}  // namespace rues::api
