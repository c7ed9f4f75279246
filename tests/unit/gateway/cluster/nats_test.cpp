#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <mutex>

#include "nats_world.hpp"

/// What the adapter for NATS does beyond the contract of every bus.
namespace rues::gateway::cluster {
namespace {

using Kind = BusError::Kind;
using testing::HasSubstr;

constexpr Timeout kPatient{10'000};  ///< no test waits so long when the adapter is right
constexpr Timeout kBrief{100};

/// Waits until it holds.
bool holds(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + 3 * kPatient;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

base::Error refused(NatsOptions options) {
    const auto made = nats_bus(options);
    return made ? base::Error{} : made.error();
}

TEST(NatsSettings, that_cannot_be_right_are_refused_with_their_name) {
    const NatsOptions good{{"nats://127.0.0.1:1"}, "test", "machine", "", ""};
    auto options = good;
    options.credentials = "/nowhere/file.creds";
    EXPECT_EQ(refused(options).text, "/nowhere/file.creds: No such file or directory");
    options = good;
    options.ca = "/nowhere/ca.pem";
    EXPECT_EQ(refused(options).text, "/nowhere/ca.pem: No such file or directory");
    options = good;
    options.servers = {"nats://127.0.0.1:port"};
    EXPECT_THAT(refused(options).text, HasSubstr("nats://127.0.0.1:port"));
}

TEST(NatsSettings, a_url_is_shown_without_its_user) {
    EXPECT_EQ(without_user("nats://host:4222"), "nats://host:4222");
    EXPECT_EQ(without_user("nats://user:pass@host:4222"), "nats://host:4222");
    EXPECT_EQ(without_user("tls://token@host"), "tls://host");
    EXPECT_EQ(without_user("nats://user:p@ss@host:4222"), "nats://host:4222");
}

TEST(NatsSettings, a_server_that_is_not_there_does_not_delay_the_start_and_is_told) {
    const auto bus = nats_bus({{"nats://127.0.0.1:1"}, "test", "machine", "", ""});
    ASSERT_TRUE(bus);
    const auto stream = (*bus)->stream(kBrief);
    ASSERT_FALSE(stream);
    EXPECT_EQ(stream.error().kind, Kind::unreachable);
    EXPECT_THAT(stream.error().text, HasSubstr("no connection to a NATS server"));
    EXPECT_FALSE((*bus)->link().is_up);
    EXPECT_EQ((*bus)->link().losses, 0U);
}

class Nats : public testing::Test {
protected:
    void SetUp() override {
        if (nats_server() == nullptr) GTEST_SKIP() << "no nats-server on this machine";
    }
};

TEST_F(Nats, goes_on_after_its_server_was_killed) {
    NatsWorld world;
    const auto bus = world.machine();
    const auto stream = bus->stream(kPatient).value();
    const auto bucket = bus->bucket("values", std::chrono::milliseconds(0), kPatient).value();
    const auto served = bus->serve("here", [](const Bytes& body, Reply reply) { reply(body); }, kPatient);
    ASSERT_TRUE(served);
    ASSERT_TRUE(stream->publish(base::view("a"), "id-a", 0, kPatient));
    ASSERT_EQ(stream->read(1, 10, kPatient).value().size(), 1U);

    world.server().kill();
    ASSERT_TRUE(holds([&] { return !bus->link().is_up; }));
    EXPECT_FALSE(stream->publish(base::view("b"), "id-b", 1, kBrief));
    EXPECT_FALSE(stream->read(2, 10, kBrief));
    EXPECT_FALSE(bucket->put("key", base::view("1"), kBrief));
    world.server().start();

    ASSERT_TRUE(holds([&] { return stream->publish(base::view("b"), "id-b", 1, kPatient).has_value(); }));
    ASSERT_TRUE(holds([&] {
        const auto read = stream->read(2, 10, kPatient);
        return read && read->size() == 1 && read->front().sequence == 2;
    }));
    EXPECT_EQ(bus->link().losses, 1U);
    EXPECT_TRUE(bucket->put("key", base::view("1"), kPatient));
    EXPECT_TRUE(bus->request("here", base::view("you"), kPatient));
}

TEST_F(Nats, a_watch_goes_on_after_its_server_was_killed) {
    NatsWorld world;
    const auto bus = world.machine();
    const auto bucket = bus->bucket("values", std::chrono::milliseconds(0), kPatient).value();
    std::mutex mutex;
    std::string last;
    const auto watch = bucket->watch(
        [&](const Entry& entry) {
            const std::lock_guard lock(mutex);
            last = base::text(entry.value);
        },
        kPatient);
    ASSERT_TRUE(watch);
    const auto is_seen = [&](const char* value) {
        return holds([&] {
            const std::lock_guard lock(mutex);
            return last == value;
        });
    };
    ASSERT_TRUE(bucket->put("key", base::view("1"), kPatient));
    ASSERT_TRUE(is_seen("1"));

    world.server().kill();
    world.server().start();

    ASSERT_TRUE(holds([&] { return bucket->put("key", base::view("2"), kPatient).has_value(); }));
    EXPECT_TRUE(is_seen("2"));
}

TEST_F(Nats, a_stream_that_was_removed_is_not_found_and_cannot_be_read) {
    NatsWorld world;
    const auto bus = world.machine();
    const auto stream = bus->stream(kPatient).value();
    ASSERT_TRUE(stream->publish(base::view("a"), "id-a", 0, kPatient));
    ASSERT_EQ(stream->read(1, 10, kPatient).value().size(), 1U);

    world.server().kill();
    world.server().wipe();
    world.server().start();

    ASSERT_TRUE(holds([&] {
        const auto state = stream->state(kPatient);
        return !state && state.error().kind == Kind::not_found;
    }));
    ASSERT_TRUE(holds([&] {
        const auto read = stream->read(2, 10, kBrief);
        return !read && read.error().kind == Kind::unreachable && read.error().text.contains("no stream");
    }));
    EXPECT_FALSE(stream->publish(base::view("b"), "id-b", 1, kBrief));
}

TEST_F(Nats, messages_are_as_large_as_the_server_says) {
    NatsWorld world("max_payload: 32768");
    const auto bus = world.machine();
    ASSERT_EQ(bus->most_bytes(), 32'768U - 1'024U);
    const auto stream = bus->stream(kPatient).value();
    EXPECT_TRUE(stream->publish(Bytes(bus->most_bytes()), "id-a", 0, kPatient));
    EXPECT_FALSE(stream->publish(Bytes(bus->most_bytes() + 1), "id-b", 1, kPatient));
}

TEST_F(Nats, a_server_that_takes_almost_nothing_says_so) {
    NatsWorld world("max_payload: 600");
    const auto bus = world.machine();
    EXPECT_GT(bus->most_bytes(), 8'192U);
    const auto stream = bus->stream(kPatient).value();

    const auto sent = stream->publish(Bytes(bus->most_bytes()), "id-a", 0, kPatient);

    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, Kind::invalid) << sent.error().text;
    EXPECT_THAT(sent.error().text, testing::ContainsRegex("[Pp]ayload"));
}

TEST_F(Nats, a_password_is_not_shown) {
    NatsWorld world("authorization { user: me, password: hidden }");
    const auto bus = world.machine_as("me:hidden@");
    ASSERT_TRUE(bus->link().is_up);
    EXPECT_EQ(bus->link().server, world.server().url());
}

TEST_F(Nats, that_refuses_the_password_is_told_with_the_reason) {
    NatsWorld world("authorization { user: me, password: hidden }");
    ASSERT_TRUE(world.machine_as("me:hidden@")->link().is_up);
    const auto bus = nats_bus({{world.server().url("me:wrong@")}, "test", "machine", "", ""});
    ASSERT_TRUE(bus);
    EXPECT_TRUE(holds([&] {
        const auto stream = (*bus)->stream(kBrief);
        return !stream && stream.error().text.contains("refuses this machine");
    }));
}

}  // namespace
}  // namespace rues::gateway::cluster
