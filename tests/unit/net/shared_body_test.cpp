#include <malloc.h>

#include <vector>

#include "client.hpp"

namespace rues::net::test {
namespace {

constexpr std::size_t kShared = 8'000'000;

/// Answers `/n` with the first n of the bytes that all answers share.
class SharedBodies : public EitherTransport {
protected:
    SharedBodies() {
        handler_.on_request = [this](const Request& request, Responder responder) {
            const std::size_t count = std::stoul(request.target.substr(1));
            Response response{200, {}, base::to_bytes(own_)};
            response.shared_body = {ByteView(*shared_).first(count), shared_};
            std::move(responder).send(std::move(response));
        };
    }
    static std::string request(std::size_t count, const std::string& method = "GET") {
        return method + " /" + std::to_string(count) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }
    std::string own_;
    std::shared_ptr<const Bytes> shared_ = std::make_shared<const Bytes>(kShared, std::byte{'x'});
    const StopFirst stop_{server_};
};

INSTANTIATE_TEST_SUITE_P(Over, SharedBodies, kTransports, transport_name);

TEST_P(SharedBodies, arrive_whole_whatever_their_size) {
    Client client(start());
    for (const std::size_t size : {0UL, 1UL, 4'096UL, 4'097UL, 3'000'000UL}) {
        for (int i = 0; i < 2; ++i) {
            const auto answer = client.ask(request(size));
            EXPECT_EQ(answer.headers.at("content-length"), std::to_string(size));
            EXPECT_EQ(answer.body, std::string(size, 'x'));
        }
    }
}

TEST_P(SharedBodies, follow_the_own_body_of_the_answer) {
    own_ = "begin ";

    EXPECT_EQ(Client(start()).ask(request(100'000)).body, "begin " + std::string(100'000, 'x'));
}

TEST_P(SharedBodies, are_counted_but_not_sent_for_head) {
    Client client(start());

    client.send(request(100'000, "HEAD"));
    const auto head = client.read_answer(true);

    EXPECT_EQ(head.headers.at("content-length"), "100000");
    EXPECT_EQ(client.ask(request(100'000)).body.size(), 100'000U) << "no bytes between the answers";
}

TEST_P(SharedBodies, are_kept_once_for_many_clients_that_do_not_read) {
    constexpr std::size_t kClients = 40;
    const auto port = start();
    const auto allocated = [] {
        const auto now = ::mallinfo2();
        return now.uordblks + now.hblkhd;
    };
    const std::size_t before = allocated();

    std::vector<std::unique_ptr<Client>> clients;
    for (std::size_t i = 0; i < kClients; ++i) {
        clients.push_back(std::make_unique<Client>(port, 4'096));
        clients.back()->send(request(kShared));
        clients.back()->read(1);
    }

    EXPECT_GT(static_cast<std::size_t>(shared_.use_count()), kClients) << "all of them are under way";
    EXPECT_LT(allocated() - before, 2 * kShared);
    clients.clear();
    wait_until_alone();
    EXPECT_EQ(shared_.use_count(), 1) << "no memory is held for a client that has gone";
}

}  // namespace
}  // namespace rues::net::test
