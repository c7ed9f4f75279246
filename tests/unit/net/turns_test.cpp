// Turns of a loop by client. Clients of 127.0.0.2 and 127.0.0.3 are two clients.
#include <algorithm>
#include <thread>

#include "base/client.hpp"
#include "net/slice.hpp"
#include "websocket_fixture.hpp"

namespace rues::net::test {
namespace {

/// Every look at the clock finds that a client has had its part.
class TurnsOfALoop : public ServerTest {
protected:
    TurnsOfALoop() {
        options_.loops = 1;
        options_.limits.slice = std::chrono::microseconds(0);
        options_.clients = clients_;
    }
    base::ClientPtr client(std::string_view address) {
        return clients_->of(*base::ClientKey::parse(address), std::chrono::steady_clock::now());
    }
    /// Keeps the loop busy until `work` has returned.
    void while_busy(const std::function<void()>& work) {
        struct Signals {
            Signal begun, ready;
        };
        const auto signals = std::make_shared<Signals>();
        server_->post(0, [signals] {
            signals->begun.raise();
            signals->ready.wait();
        });
        ASSERT_TRUE(signals->begun.wait());
        work();
        signals->ready.raise();
    }

    const std::shared_ptr<base::Clients> clients_ = std::make_shared<base::Clients>();
    const StopFirst stop_{server_};
};

TEST_F(TurnsOfALoop, a_socket_of_one_client_does_not_wait_for_all_sockets_of_another) {
    constexpr std::size_t kMany = 30;
    options_.limits.slice = std::chrono::milliseconds(5);  // no request takes a slice, but two together do
    std::string order;
    handler_.on_request = [&](Request request, Responder responder) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(3);
        while (std::chrono::steady_clock::now() < until) {
        }
        order += request.client->key().text() == "127.0.0.2" ? 'a' : 'b';
        std::move(responder).send({200, {}, {}});
    };
    const Endpoint at = start();
    std::vector<std::unique_ptr<Client>> many;
    for (std::size_t i = 0; i < kMany; ++i) {
        many.push_back(std::make_unique<Client>(at.from(2)));
        ASSERT_EQ(many.back()->ask(kGet).status, 200U);
    }
    Client one(at.from(3));
    ASSERT_EQ(one.ask(kGet).status, 200U);
    order.clear();

    while_busy([&] {
        for (const auto& each : many) each->send(kGet);
        one.send(kGet);
    });

    EXPECT_EQ(one.read_answer().status, 200U);
    for (const auto& each : many) EXPECT_EQ(each->read_answer().status, 200U);
    ASSERT_EQ(order.size(), kMany + 1);
    EXPECT_LE(order.find('b'), 3U) << order;
}

TEST_F(TurnsOfALoop, work_for_one_client_overtakes_the_work_for_another_and_keeps_its_own_order) {
    constexpr int kMany = 100;
    const auto at = start();
    Client first(at.from(2)), second(at.from(3));
    ASSERT_EQ(first.ask(kGet).status, 200U);
    ASSERT_EQ(second.ask(kGet).status, 200U);
    const auto a = client("127.0.0.2"), b = client("127.0.0.3");
    std::vector<int> order;
    Signal done;
    const auto post = [&](const base::ClientPtr& who, int number) {
        const base::ActingFor scope(who.get());
        server_->post_in_turn(0, [&, who, number] {
            EXPECT_EQ(base::ActingFor::client(), who.get());
            order.push_back(number);
            if (order.size() == kMany + 1) done.raise();
        });
    };

    while_busy([&] {
        for (int i = 0; i < kMany; ++i) post(a, i);
        post(b, -1);
    });

    ASSERT_TRUE(done.wait());
    const auto place = std::ranges::find(order, -1) - order.begin();
    EXPECT_LE(place, 3);
    std::erase(order, -1);
    EXPECT_TRUE(std::ranges::is_sorted(order));
    EXPECT_GT(a->spent().count(), 0);
    EXPECT_GT(b->spent().count(), 0);
}

TEST_F(TurnsOfALoop, work_for_nobody_is_done_too) {
    start();
    Signal done;
    there([&] { server_->post_in_turn(0, [&] { done.raise(); }); });
    EXPECT_TRUE(done.wait());
}

TEST_F(TurnsOfALoop, a_flood_of_new_connections_lets_sockets_have_their_turn) {
    constexpr std::size_t kMany = 20;
    const Endpoint at = start();
    std::vector<std::size_t> seen;
    Signal all;
    std::function<void()> look = [&] {
        seen.push_back(server_->connections());
        if (seen.back() == kMany) return all.raise();
        server_->post(0, look);
    };
    std::vector<std::unique_ptr<Client>> many;

    while_busy([&] {
        for (std::size_t i = 0; i < kMany; ++i) many.push_back(std::make_unique<Client>(at.from(2)));
        server_->post(0, look);
    });

    ASSERT_TRUE(all.wait());
    for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_LE(seen[i] - seen[i - 1], 1U);
}

/// Twenty sockets of one client, each with twice as many requests as a turn serves. All have had one turn when the
/// client gets a debt, so all wait with the other half.
class TurnsInDebt : public TurnsOfALoop {
protected:
    static constexpr std::size_t kMany = 20;

    TurnsInDebt() {
        options_.limits.client_share = 25;
        handler_.on_request = [this](Request request, Responder responder) {
            if (request.client->key().text() == "127.0.0.2") {
                if (++served_ == kMany * Slice::kMessages)
                    request.client->charge(debt_, std::chrono::steady_clock::now());
                const auto end = std::chrono::steady_clock::now() + work_;
                while (std::chrono::steady_clock::now() < end) {
                }
            }
            std::move(responder).send({200, {}, {}});
        };
    }
    void begin(std::chrono::nanoseconds debt) {
        debt_ = debt;
        const Endpoint at = start();
        for (std::size_t i = 0; i < kMany; ++i) {
            many_.push_back(std::make_unique<Client>(at.from(2)));
            ASSERT_EQ(many_.back()->ask(kGet).status, 200U);
        }
        other_ = std::make_unique<Client>(at.from(3));
        ASSERT_EQ(other_->ask(kGet).status, 200U);
        std::string requests;
        for (unsigned i = 0; i < 2 * Slice::kMessages; ++i) requests += kGet;
        while_busy([&] {
            served_ = 0;
            for (const auto& each : many_) each->send(requests);
        });
    }
    std::uint64_t overdrawn() const { return clients_->common().overdrawn.value(); }

    std::chrono::nanoseconds debt_{0};
    std::chrono::microseconds work_{0};  ///< of each request
    std::size_t served_ = 0;             ///< to the client with many sockets; of the loop
    std::vector<std::unique_ptr<Client>> many_;
    std::unique_ptr<Client> other_;
};

TEST_F(TurnsInDebt, sockets_that_need_not_wait_any_more_go_on_one_slice_at_a_time) {
    begin(std::chrono::minutes(1));
    while (overdrawn() < kMany) std::this_thread::yield();
    std::vector<std::size_t> seen;
    Signal all;
    std::function<void()> look = [&] {
        seen.push_back(served_);
        if (served_ == 2 * kMany * Slice::kMessages) return all.raise();
        server_->post(0, look);
    };
    server_->post(0, look);

    options_.limits.client_share = 0;  // no client has a debt any more, so all could go on at once
    server_->use_limits(options_.limits);

    ASSERT_TRUE(all.wait());
    EXPECT_EQ(seen.front(), kMany * Slice::kMessages) << "all of them waited";
    for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_LT(seen[i] - seen[i - 1], kMany) << "not all at once";
}

TEST_F(TurnsInDebt, a_client_in_debt_does_not_keep_the_loop_busy) {
    // The first half of the requests of a socket takes longer than a slice.
    options_.limits.slice = std::chrono::microseconds(100);
    work_ = std::chrono::microseconds(20);
    options_.limits.client_share = 5;  // so a turn is not paid by the rest that follows it
    begin(std::chrono::milliseconds(20));
    const std::jthread others([this](const std::stop_token& stop) {  // alone, a client needs not pay
        while (!stop.stop_requested()) EXPECT_EQ(other_->ask(kGet).status, 200U);
    });
    for (const auto& each : many_)
        for (unsigned i = 0; i < 2 * Slice::kMessages; ++i) EXPECT_EQ(each->read_answer().status, 200U);

    // A turn is put off once: then it waits aside until the client has paid. Most turns serve a request at least; on a
    // slow machine the slice of some is over before.
    EXPECT_GE(overdrawn(), kMany);
    EXPECT_LE(overdrawn(), 2 * kMany * 2 * Slice::kMessages);
}

TEST_F(TurnsOfALoop, a_client_that_has_spent_its_share_gets_no_answer_to_connections_over_its_limit) {
    options_.limits.client_connections = 1;
    options_.limits.client_share = 25;
    const Endpoint at = start();
    Client other(at.from(3));
    ASSERT_EQ(other.ask(kGet).status, 200U);
    Client first(at.from(2));
    ASSERT_EQ(first.ask(kGet).status, 200U);
    EXPECT_EQ(Client(at.from(2)).read_answer().status, 429U);

    client("127.0.0.2")->charge(std::chrono::seconds(100), std::chrono::steady_clock::now());
    ASSERT_EQ(other.ask(kGet).status, 200U);  // the loop serves somebody else

    EXPECT_EQ(Client(at.from(2)).read_to_end(), "");
}

}  // namespace
}  // namespace rues::net::test
