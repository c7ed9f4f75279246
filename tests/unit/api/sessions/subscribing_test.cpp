#include "api/sessions/commands.hpp"
#include "unit/api/fixture.hpp"

namespace rues::api {
namespace {

class SubscribingTest : public test::ApiTest {
protected:
    /// A URI of `size` bytes.
    static std::string uri(std::size_t size) {
        const std::string begin = "/on/contracts:" + std::string(64, 'a') + "/";
        return begin + std::string(size - begin.size(), 't');
    }
};

TEST_F(SubscribingTest, a_uri_beyond_the_maximal_length_is_400_wherever_it_is_subscribed) {
    const std::string good = uri(feed::kMaxUriBytes);
    const std::string bad = uri(feed::kMaxUriBytes + 1);
    const std::string session = "Rusk-Session-Id: " + std::string(32, '0') + "\r\n";
    const std::string why = "the URI of a subscription has at most 1024 bytes";
    for (const char* method : {"GET", "DELETE"}) {
        EXPECT_EQ(ask(method, good, session).status, 424);
        const auto refused = ask(method, bad, session);
        EXPECT_EQ(refused.status, 400);
        EXPECT_NE(refused.body.find(why), std::string::npos) << refused.body;
    }
    EXPECT_EQ(ask("GET", "/events/history?on=" + good).status, 200);
    for (const char* door : {"/events/history?on=", "/events?on="}) {
        EXPECT_EQ(ask("GET", door + bad).status, 400);
        // The limit counts the bytes of the canonical URI, not those of its escaped form.
        std::string escaped = uri(feed::kMaxUriBytes - 700);
        for (int i = 0; i < 701; ++i) escaped += "%74";
        EXPECT_EQ(ask("GET", door + escaped).status, 400);
    }
    const Context context{Services{*store_, *chain_, *chain_, *chain_, *hub_, base::no_log(), {}}, {}, {}, {}, {}};
    const auto command = [&](const std::string& path) {
        return commands::run(context, 0, {}, std::nullopt, R"({"subscribe":[")" + path + R"("]})").text;
    };
    EXPECT_NE(command(good).find(R"("code":"session_unknown")"), std::string::npos);
    EXPECT_NE(command(bad).find(R"("code":"invalid_input")"), std::string::npos);
    EXPECT_NE(command(bad).find(why), std::string::npos);
}

}  // namespace
}  // namespace rues::api
