// TLS above a kernel that takes no more: all bytes given to OpenSSL must arrive, whichever record the kernel stops at.
#include <array>

#include "client.hpp"

namespace rues::net::test {
namespace {

constexpr std::size_t kRecord = 16'384;  // plaintext of the longest record
/// More records than both kernels take for a client that does not read: 128 KiB and the client's receive buffer.
constexpr std::size_t kMostRecords = 20;
constexpr int kReceiveBuffer = 4'096;

class Backpressure : public ServerTest {
protected:
    Backpressure() {
        options_.loops = 1;
        use_tls();
    }
    /// Writes messages of one record each. The rest that is not taken at once follows when the socket is writable.
    void pump() {
        while (left_ > 0) {
            const std::array buffers{base::view(message_).subspan(sent_)};
            sent_ += socket_->write(buffers, true);
            if (sent_ < message_.size()) return;
            sent_ = 0;
            --left_;
        }
        if (auto last = std::exchange(then_, nullptr)) last();
    }
    struct Handler : WebSocketHandler {
        explicit Handler(Backpressure& of) : test(of) {}
        void on_open(WebSocket& socket) override {
            test.socket_ = &socket;
            test.opened_.raise();
        }
        void on_writable() override { test.pump(); }
        void on_text(std::string_view) override {}
        void on_closed(bool) override {}
        Backpressure& test;
    };
    /// Opens a WebSocket and lets the server write `messages` messages to it and then run `last`. Returns the client,
    /// which has read none of them yet.
    std::unique_ptr<Client> fill(std::size_t messages, std::function<void()> last,
                                 int receive_buffer = kReceiveBuffer) {
        handler_.on_websocket = [this] { return std::make_unique<Handler>(*this); };
        auto client = std::make_unique<Client>(start(), receive_buffer);
        EXPECT_EQ(client->open_websocket().status, 101U);
        EXPECT_TRUE(opened_.wait());
        left_ = messages;
        then_ = std::move(last);
        server_->post(0, [this] { pump(); });
        pass_turns(2);
        return client;
    }
    Signal opened_;
    WebSocket* socket_ = nullptr;
    std::string message_ = std::string("\x81\x7e\x3f\xfc", 4) + std::string(kRecord - 4, 'x');
    std::size_t left_ = 0;
    std::size_t sent_ = 0;
    std::function<void()> then_;
    const StopFirst stop_{server_};
};

class Records : public Backpressure, public ::testing::WithParamInterface<std::size_t> {
protected:
    void expect_messages(Client& client, std::size_t messages) {
        for (std::size_t i = 0; i < messages; ++i) ASSERT_EQ(client.read_frame().payload.size(), kRecord - 4) << i;
    }
};

INSTANTIATE_TEST_SUITE_P(Of, Records, ::testing::Range(std::size_t{1}, kMostRecords));

TEST_P(Records, the_last_record_of_an_answer_arrives) {
    Signal asked;
    handler_.on_request = [&](Request, Responder responder) {
        std::move(responder).send({200, {}, Bytes(GetParam() * kRecord - 200)});
        asked.raise();
    };
    Client client(start(), kReceiveBuffer);
    const StopFirst guard{server_};
    client.send(kGet);
    ASSERT_TRUE(asked.wait());
    pass_turns();  // the kernel has as much of the answer as it takes

    EXPECT_EQ(client.read_answer().body.size(), GetParam() * kRecord - 200);
}

TEST_P(Records, all_messages_arrive) {
    const auto client = fill(GetParam(), nullptr);
    expect_messages(*client, GetParam());
}

TEST_P(Records, a_text_after_messages_arrives) {
    const auto client = fill(GetParam(), [this] { socket_->send_text("text"); });
    expect_messages(*client, GetParam());
    EXPECT_EQ(client->read_frame().payload, "text");
}

TEST_P(Records, a_close_after_messages_arrives) {
    const auto client = fill(GetParam(), [this] { socket_->close(4001, "done"); });
    expect_messages(*client, GetParam());
    EXPECT_EQ(client->read_frame().reason(), "done");
    EXPECT_EQ(client->read_to_end(), "");
    EXPECT_NE(SSL_get_shutdown(client->ssl()) & SSL_RECEIVED_SHUTDOWN, 0);
}

/// Once the kernel is full, the server would have to keep its answers to the key updates.
TEST_F(Backpressure, a_client_that_asks_for_new_keys_and_never_reads_is_ended) {
    constexpr std::size_t kMoreThanKernels = 1'000;  // records; 4 MiB are the server's (tcp_wmem), 6 the client's
    constexpr int kMore = 100'000;  // answers of some 27 bytes: more than 64 KiB and the rest that the kernels take
    const auto client = fill(kMoreThanKernels, nullptr, 0);
    for (int asked = 0; asked < kMore; ++asked) {
        if (SSL_key_update(client->ssl(), SSL_KEY_UPDATE_REQUESTED) != 1 || SSL_do_handshake(client->ssl()) != 1) break;
    }
    wait_until_alone();  // the server ends it: the client is still there
}

class Decrypted : public ServerTest {};

TEST_F(Decrypted, bytes_are_handled_without_waiting_for_the_kernel) {
    options_.loops = 1;
    handler_.limit = 1'000'000;
    use_tls();
    Client client(start());
    Signal held;
    Signal sent;
    const StopFirst guard{server_};
    server_->post(0, [&] {
        held.raise();
        sent.wait();
    });
    ASSERT_TRUE(held.wait());
    // Records of 10,000 bytes: one read of 64 KiB ends within a record, and then the kernel has nothing more.
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n");
    for (int i = 0; i < 7; ++i) client.send(std::string(10'000, 'x'));
    sent.raise();

    EXPECT_EQ(client.read_answer().body.size(), 70'000U);
}

}  // namespace
}  // namespace rues::net::test
