// Random histories with decoding and plain sessions: every client gets the events of its subscriptions once, in order,
// and in the form that it asked for, however late decoders, reads and sockets are, and however often it resumes.
#include <random>

#include "decoding_fixture.hpp"

namespace rues::feed::test {
namespace {

constexpr std::size_t kSessions = 6;
constexpr int kSteps = 400;

struct DecodingModel : DecodingFeed, testing::WithParamInterface<unsigned> {
    struct Client {
        std::unique_ptr<Socket> socket = std::make_unique<Socket>();
        wire::SessionId id{};
        std::map<std::string, bool> subscriptions;  ///< path, decodes
        Got received;                               ///< by earlier sockets
        Got expected;
    };
    void SetUp() override {
        start({.tail_bytes = 2'000, .catch_up_bytes = 600, .late_subscriptions = false, .decoded_bytes = 3'000});
    }
    std::size_t pick(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); }
    void expect(std::uint64_t seq, const wire::Uri& at) {
        for (Client& client : sessions) {
            bool matches = false;
            bool decodes = false;
            for (const auto& [path, form] : client.subscriptions) {
                if (!wire::Uri::of_canonical(path)->matches(at)) continue;
                matches = true;
                decodes |= form;
            }
            if (!matches) continue;
            if (!decodes || at.component != contracts) {
                client.expected.push_back(fmt::format("{} stored", seq));
            } else if (at.topic == "bad") {
                client.expected.push_back(fmt::format("{} no; the driver says no", seq));
            } else {
                client.expected.push_back(json(seq, at.entity->front()));
            }
        }
    }
    /// The client loses its connection and comes again; the server knows how far it was.
    void resume(Client& client) {
        hub->closed(0, client.id, false);
        std::ranges::copy(got(*client.socket), std::back_inserter(client.received));
        client.socket = std::make_unique<Socket>();
        std::optional<Restored> restored;
        hub->take_over(client.id, std::nullopt, 0, [&](Restored known) { restored = std::move(known); });
        while (Manual::one(manual.loops[0])) {
        }
        ASSERT_TRUE(restored && restored->recovered);
        client.id = hub->open(0, *client.socket, {.restored = std::move(restored)}).value();
    }
    /// Runs some of the tasks that wait, in a random order of the queues.
    void run_some() {
        for (std::size_t i = pick(12); i > 0; --i) {
            std::array<std::deque<std::move_only_function<void()>>*, 4> queues{&manual.loops[0], &manual.pool,
                                                                               &manual.decoders, &manual.decoded_reads};
            Manual::one(*queues[pick(queues.size())]);
        }
    }

    std::mt19937 random{GetParam()};
    std::vector<Client> sessions{kSessions};
};

TEST_P(DecodingModel, every_session_gets_its_events_once_in_order_and_in_its_form) {
    const std::array uris{kCalled, kSlow, kBad, kForeign, kAnyCalled, kAccepted};
    const std::array events{kCalled, kSlow, kBad, kForeign, kAccepted, kOther};
    for (Client& client : sessions) client.id = open(*client.socket);
    for (int step = 0; step < kSteps; ++step) {
        Client& client = sessions[pick(kSessions)];
        switch (pick(9)) {
        case 0: {
            const auto& at = uris[pick(uris.size())];
            if (client.subscriptions.contains(at.to_string())) break;
            const bool decodes = pick(2) == 0;
            hub->subscribe(client.id, at, {.decodes = decodes}, [](const Subscribed&) {});
            while (Manual::one(manual.loops[0])) {
            }
            client.subscriptions[at.to_string()] = decodes;
            break;
        }
        case 1:
            client.socket->room = pick(500);
            break;
        case 2:
            client.socket->room = Socket::kUnlimited;
            hub->writable(0, client.id);
            break;
        case 3:
            if (pick(4) == 0) manual.tick();
            break;
        case 4:
        case 5: {
            std::vector<wire::Uri> batch;
            for (std::size_t i = pick(4) + 1; i > 0; --i) batch.push_back(events[pick(events.size())]);
            const auto appended = log.append(batch);
            for (std::size_t i = 0; i < batch.size(); ++i) expect((*appended)[i].seq, batch[i]);
            hub->appended(appended);
            break;
        }
        case 6:
            if (pick(8) == 0 && !client.subscriptions.empty()) resume(client);
            break;
        default:
            run_some();
        }
    }
    for (int i = 0; i < 5; ++i) {
        for (Client& client : sessions) drain(client.id, *client.socket);
        manual.tick();
    }

    for (Client& client : sessions) {
        EXPECT_TRUE(client.socket->closes.empty());
        std::ranges::copy(got(*client.socket), std::back_inserter(client.received));
        EXPECT_EQ(client.received, client.expected);
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DecodingModel, testing::Range(0U, 60U));

}  // namespace
}  // namespace rues::feed::test
