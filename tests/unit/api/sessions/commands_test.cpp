#include "api/sessions/commands.hpp"

#include "unit/api/fixture.hpp"

/// JSON commands on a session's socket (docs/delivery.md).
namespace rues::api {
namespace {

class CommandsTest : public test::ApiTest {
protected:
    void open() {
        client_ = std::make_unique<net::test::Client>(server_->port());
        ASSERT_EQ(client_->open_websocket("/on").status, 101U);
        client_->read_frame();  // the session's id
    }
    std::string say(const std::string& command) {
        client_->send(net::test::client_frame(0x81, command));
        return client_->read_frame().payload;
    }

    std::unique_ptr<net::test::Client> client_;
};

TEST_F(CommandsTest, the_id_of_a_command_comes_back_byte_for_byte) {
    open();
    for (const std::string id :
         {R"(7)", R"(1.0)", R"(1E+2)", R"(-0)", R"(0.10)", R"(1e-400)", R"(12345678901234567890123)", R"("a")",
          R"("\u0041\n\ud83d\ude00")", R"("{\"id\":1}")", R"("")"}) {
        for (const std::string& command :
             {R"({"id":)" + id + R"(,"unsubscribe":["/on/blocks/accepted"]})",
              R"({"subscribe":["x","}\"id\":2"], "id" : 1,"\u0069d" : )" + id + " }", R"({"id":)" + id + "}"}) {
            const auto answer = say(command);
            EXPECT_TRUE(answer.ends_with(R"(,"id":)" + id + "}")) << command << "\n" << answer;
            boost::system::error_code error;
            (void)boost::json::parse(answer, error);
            EXPECT_FALSE(error) << answer;
        }
    }
}

TEST_F(CommandsTest, an_id_that_cannot_be_repeated_is_refused) {
    open();
    for (const std::string id : {R"(1e400)", R"(-1e400)", R"("\ud800")", R"(01)", R"(NaN)"})
        EXPECT_EQ(say(R"({"subscribe":["/on/blocks/accepted"],"id":)" + id + "}"),
                  R"({"code":"invalid_input","error":"Invalid input: a command must be a JSON object"})");
    for (const std::string& id : {std::string(300, '1'), '"' + std::string(65, 'x') + '"', std::string("[1]"),
                                  std::string("null"), "0." + std::string(80, '0')})
        EXPECT_EQ(
            say(R"({"subscribe":["/on/blocks/accepted"],"id":)" + id + "}"),
            R"({"code":"invalid_input","error":"Invalid input: an id must be a number or a string of at most 64 bytes"})");
}

TEST_F(CommandsTest, a_refused_path_is_repeated_as_a_json_string) {
    open();
    const auto answer = say(R"({"subscribe":["/on/x\u0000\u001f\"\\\ud83d\ude00/%ff","/on/blocks/accepted"]})");
    const auto errors = boost::json::parse(answer).at("errors").as_array();
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].at("on").as_string(), std::string("/on/x\0\x1f\"\\\xf0\x9f\x98\x80/%ff", 17));
}

}  // namespace
}  // namespace rues::api
