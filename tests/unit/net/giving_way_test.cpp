// Limits of all clients together, and what becomes of the client that must give way. Clients of 127.0.0.2 and 127.0.0.3
// are two clients.
#include <gmock/gmock.h>

#include "net/push_stream.hpp"
#include "websocket_fixture.hpp"

namespace rues::net::test {
namespace {

constexpr auto kReason = "your address has the most";

/// A stream that says why it ends.
class LastWords final : public PushHandler {
public:
    void on_open(PushStream& stream) override {
        stream_ = &stream;
        stream.write(base::view("begun\n"));
    }
    void on_writable() override {}
    void on_give_way(std::string_view reason) override { stream_->write(base::view(reason)); }
    void on_closed() override {}

private:
    PushStream* stream_ = nullptr;
};

class GivingWayTest : public ServerTest {
protected:
    GivingWayTest() {
        options_.loops = 1;
        options_.clients = clients_;
        handler_.limit = 1'000'000;
        handler_.on_websocket = [this] { return std::make_unique<Scripted>(script_); };
    }
    static std::string unfinished(std::size_t bytes) {
        return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + std::string(bytes, 'x');
    }
    std::uint64_t held(std::string_view address, base::Holding holding) {
        return clients_->of(*base::ClientKey::parse(address), std::chrono::steady_clock::now())->held(holding);
    }
    void await(std::string_view address, base::Holding holding, std::uint64_t amount) {
        while (held(address, holding) != amount) std::this_thread::yield();
    }
    void end(std::string_view address, std::optional<base::Holding> holding) {
        server_->end_client(*base::ClientKey::parse(address), kReason, holding);
    }

    const std::shared_ptr<base::Clients> clients_ = std::make_shared<base::Clients>();
    Script script_;
    const StopFirst stop_{server_};
};

TEST_F(GivingWayTest, uploads_beyond_the_limit_of_all_are_503_with_the_setting_and_small_ones_are_taken) {
    options_.limits.max_upload_bytes = 800'000;
    const Endpoint at = start();
    Client first(at.from(2));
    first.send(unfinished(600'000));
    while (held("127.0.0.2", base::Holding::uploads) < 600'000) std::this_thread::yield();

    Client second(at.from(2));
    second.send(unfinished(110'000));
    const auto refused = second.read_answer();
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(refused.body,
              "all clients have too many bytes of request bodies that are not whole (setting upload-bytes)");
    EXPECT_TRUE(clients_->take_crowded().empty());

    Client third(at.from(2)), small(at.from(3));
    third.send(unfinished(90'000));
    while (held("127.0.0.2", base::Holding::uploads) < 690'000) std::this_thread::yield();
    small.send(unfinished(40'000));
    auto crowded = clients_->take_crowded();
    for (; crowded.empty(); crowded = clients_->take_crowded()) std::this_thread::yield();
    EXPECT_EQ(crowded, std::vector{base::Holding::uploads});
    EXPECT_EQ(held("127.0.0.3", base::Holding::uploads), 40'000U);
}

TEST_F(GivingWayTest, only_connections_that_hold_some_of_it_are_ended_and_told_why) {
    const Endpoint at = start();
    Client upload(at.from(2)), socket(at.from(2)), idle(at.from(2)), other(at.from(3));
    socket.open_websocket();
    EXPECT_EQ(idle.ask(kGet).status, 200U);
    upload.send(unfinished(100'000));
    other.send(unfinished(100'000));
    for (const auto* const address : {"127.0.0.2", "127.0.0.3"})
        while (held(address, base::Holding::uploads) < 100'000) std::this_thread::yield();

    end("127.0.0.2", base::Holding::uploads);
    const auto ended = upload.read_answer();
    EXPECT_EQ(ended.status, 503U);
    EXPECT_EQ(ended.body, kReason);
    EXPECT_EQ(idle.ask(kGet).status, 200U);
    EXPECT_EQ(held("127.0.0.3", base::Holding::uploads), 100'000U);

    end("127.0.0.2", base::Holding::subscriptions);
    const auto frame = socket.read_frame();
    EXPECT_EQ(frame.code(), 1008U);
    EXPECT_EQ(frame.reason(), kReason);
    EXPECT_EQ(idle.ask(kGet).status, 200U);

    end("127.0.0.2", std::nullopt);
    EXPECT_EQ(idle.read_to_end(), "");
    await("127.0.0.2", base::Holding::connections, 0);
}

TEST_F(GivingWayTest, a_pushed_body_may_end_with_the_reason) {
    handler_.on_request = [](Request, Responder responder) {
        std::move(responder).push({200, {}, {}}, std::make_unique<LastWords>());
    };
    const Endpoint at = start();
    Client client(at.from(2));
    client.send(kGet);
    std::string got;
    while (!got.contains("begun")) got += client.read(1);

    end("127.0.0.2", base::Holding::subscriptions);
    EXPECT_THAT(client.read_to_end(), ::testing::HasSubstr(kReason));
}

TEST_F(GivingWayTest, a_websocket_behind_a_trusted_proxy_is_the_connection_of_its_client) {
    options_.trusted_proxies = {*base::ClientKey::parse("127.0.0.2")};
    options_.limits.client_connections = 1;
    const Endpoint at = start();
    const std::string named = "X-Forwarded-For: 192.0.2.1\r\n";
    const auto upgraded = [](Client& client, const std::string& header) {
        std::string request = websocket_request("/ws");
        return client.ask(request.insert(request.find("\r\n") + 2, header));
    };
    Client first(at.from(2)), second(at.from(2)), other(at.from(2));
    EXPECT_EQ(upgraded(first, named).status, 101U);
    EXPECT_EQ(held("192.0.2.1", base::Holding::connections), 1U);
    await("127.0.0.2", base::Holding::connections, 2);  // the server accepts them when it comes to it

    const auto refused = upgraded(second, named);
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.body, "your address has too many connections (setting client-connections)");
    EXPECT_EQ(second.ask(kGet).status, 200U) << "the connection is the proxy's still";
    EXPECT_EQ(upgraded(other, "X-Forwarded-For: 192.0.2.2\r\n").status, 101U);

    first.close();
    await("192.0.2.1", base::Holding::connections, 0);
    second.close();
    other.close();
    for (const auto* address : {"127.0.0.2", "192.0.2.2"}) await(address, base::Holding::connections, 0);
    const auto& of_all = clients_->common().held[static_cast<std::size_t>(base::Holding::connections)];
    while (of_all.load() != 0) std::this_thread::yield();  // it follows the accounts
}

TEST_F(GivingWayTest, a_handshake_beyond_the_limit_of_its_client_is_closed_and_counted) {
    use_tls();
    options_.limits.client_handshakes = 1;
    const Endpoint at = start();
    Client silent(Endpoint(at.port).from(2));  // begins no handshake
    await("127.0.0.2", base::Holding::handshakes, 1);

    EXPECT_FALSE(Client(at.from(2)).secure());
    EXPECT_EQ(clients_->common().refused[static_cast<std::size_t>(base::Holding::handshakes)].value(), 1U);
    Client other(at.from(3));
    EXPECT_TRUE(other.secure());
    EXPECT_EQ(other.ask(kGet).status, 200U);
    EXPECT_EQ(held("127.0.0.3", base::Holding::handshakes), 0U);

    silent.close();
    await("127.0.0.2", base::Holding::handshakes, 0);
    EXPECT_TRUE(Client(at.from(2)).secure());
}

}  // namespace
}  // namespace rues::net::test
