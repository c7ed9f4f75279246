#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "bus_world.hpp"
#include "nats_world.hpp"

/// The contract of `bus.hpp`, for every bus that can be had here.
namespace rues::gateway::cluster {
namespace {

using Kind = BusError::Kind;
using std::chrono::milliseconds;
using testing::ElementsAre;

constexpr Timeout kLong{10'000};  ///< no test waits so long when the bus is right
constexpr Timeout kShort{50};
constexpr milliseconds kForEver{0};

std::string text(const Bytes& bytes) {
    return std::string(base::text(bytes));
}

template <typename T>
std::optional<Kind> kind_of(const BusResult<T>& result) {
    return result ? std::nullopt : std::optional(result.error().kind);
}

struct NamedWorld {
    const char* name;
    std::unique_ptr<BusWorld> (*make)();  ///< null: it cannot be had here
};

class BusContract : public testing::TestWithParam<NamedWorld> {
protected:
    void SetUp() override {
        world_ = GetParam().make();
        if (!world_) GTEST_SKIP() << "no " << GetParam().name << " on this machine";
        one_ = world_->machine();
        two_ = world_->machine();
    }
    std::unique_ptr<BusWorld> world_;
    std::unique_ptr<Bus> one_;
    std::unique_ptr<Bus> two_;
};

Handler answering_with(std::string text) {
    return [text = std::move(text)](const Bytes& body, Reply reply) {
        reply(base::to_bytes(text + std::string(base::text(body))));
    };
}

TEST_P(BusContract, a_request_reaches_the_machine_that_serves_its_subject) {
    const auto served = two_->serve("machine.two", answering_with("seen "), kLong);
    ASSERT_TRUE(served);

    const auto answer = one_->request("machine.two", base::view("this"), kLong);

    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_EQ(text(*answer), "seen this");
}

TEST_P(BusContract, a_request_that_nobody_serves_is_unreachable) {
    EXPECT_EQ(kind_of(one_->request("machine.none", {}, kLong)), Kind::unreachable);
    {
        const auto served = two_->serve("machine.none", answering_with(""), kLong);
        ASSERT_TRUE(served);
    }
    EXPECT_EQ(kind_of(one_->request("machine.none", {}, kLong)), Kind::unreachable);
}

TEST_P(BusContract, a_request_without_an_answer_is_unclear_after_its_timeout) {
    std::promise<Reply> kept;
    const auto served =
        two_->serve("silent", [&](const Bytes&, Reply reply) { kept.set_value(std::move(reply)); }, kLong);
    ASSERT_TRUE(served);

    EXPECT_EQ(kind_of(one_->request("silent", {}, kShort)), Kind::unclear);
    kept.get_future().get()({});
}

TEST_P(BusContract, an_answer_may_come_later_and_from_another_thread) {
    std::jthread answering;
    const auto served = two_->serve(
        "later",
        [&](const Bytes&, Reply reply) {
            answering = std::jthread([reply = std::move(reply)]() mutable { reply(base::view("late")); });
        },
        kLong);
    ASSERT_TRUE(served);

    const auto answer = one_->request("later", {}, kLong);

    ASSERT_TRUE(answer);
    EXPECT_EQ(text(*answer), "late");
}

TEST_P(BusContract, what_is_told_reaches_every_machine_that_serves_the_subject) {
    std::promise<std::string> first;
    std::promise<std::string> second;
    const auto on_one =
        one_->serve("news", [&](const Bytes& body, const Reply&) { first.set_value(text(body)); }, kLong);
    const auto on_two =
        two_->serve("news", [&](const Bytes& body, const Reply&) { second.set_value(text(body)); }, kLong);
    ASSERT_TRUE(on_one && on_two);

    ASSERT_TRUE(one_->tell("news", base::view("hello")));

    EXPECT_EQ(first.get_future().get(), "hello");
    EXPECT_EQ(second.get_future().get(), "hello");
}

TEST_P(BusContract, a_key_is_created_once_and_updated_only_at_its_revision) {
    const auto here = one_->bucket("values", kForEver, kLong);
    const auto there = two_->bucket("values", kForEver, kLong);
    ASSERT_TRUE(here && there);
    EXPECT_EQ((*here)->get("key", kLong).value(), std::nullopt);

    const auto created = (*here)->create("key", base::view("1"), kLong);
    ASSERT_TRUE(created);
    EXPECT_EQ(kind_of((*there)->create("key", base::view("2"), kLong)), Kind::refused);
    const auto updated = (*there)->update("key", base::view("3"), *created, kLong);
    ASSERT_TRUE(updated);
    EXPECT_EQ(kind_of((*here)->update("key", base::view("4"), *created, kLong)), Kind::refused);

    const auto found = (*here)->get("key", kLong);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ(text((*found)->value), "3");
    EXPECT_EQ((*found)->revision, *updated);
    EXPECT_GT(*updated, *created);
}

TEST_P(BusContract, a_key_without_a_value_is_not_updated) {
    const auto values = one_->bucket("values", kForEver, kLong);
    ASSERT_TRUE(values);
    EXPECT_EQ(kind_of((*values)->update("key", base::view("1"), 7, kLong)), Kind::refused);
    EXPECT_EQ(kind_of((*values)->remove("key", 7, kLong)), Kind::refused);
}

TEST_P(BusContract, put_writes_over_whatever_there_is) {
    const auto values = one_->bucket("values", kForEver, kLong);
    ASSERT_TRUE(values);
    const auto first = (*values)->put("key", base::view("1"), kLong);
    const auto second = (*values)->put("key", base::view("2"), kLong);
    ASSERT_TRUE(first && second);
    EXPECT_GT(*second, *first);
    EXPECT_EQ(text((*values)->get("key", kLong).value()->value), "2");
}

TEST_P(BusContract, a_removed_key_can_be_created_again_and_only_the_named_revision_is_removed) {
    const auto values = one_->bucket("values", kForEver, kLong);
    ASSERT_TRUE(values);
    const auto first = (*values)->create("key", base::view("1"), kLong);
    const auto second = (*values)->update("key", base::view("2"), first.value(), kLong);

    EXPECT_EQ(kind_of((*values)->remove("key", first.value(), kLong)), Kind::refused);
    EXPECT_TRUE((*values)->remove("key", second.value(), kLong));
    EXPECT_EQ((*values)->get("key", kLong).value(), std::nullopt);
    EXPECT_TRUE((*values)->create("key", base::view("3"), kLong));
}

TEST_P(BusContract, all_values_come_in_order_of_key) {
    const auto values = one_->bucket("values", kForEver, kLong);
    ASSERT_TRUE(values);
    EXPECT_TRUE((*values)->all(kLong).value().empty());
    for (const auto* key : {"b.c", "a-1", "b_2"}) ASSERT_TRUE((*values)->put(key, base::view(key), kLong));
    ASSERT_TRUE((*values)->remove("b_2", (*values)->get("b_2", kLong).value()->revision, kLong));

    std::vector<std::string> keys;
    const auto all = (*values)->all(kLong);
    ASSERT_TRUE(all);
    for (const auto& each : *all) {
        keys.push_back(each.key);
        EXPECT_EQ(text(each.value), each.key);
    }
    EXPECT_THAT(keys, ElementsAre("a-1", "b.c"));
}

TEST_P(BusContract, a_value_expires_when_it_is_not_written_again) {
    const auto values = one_->bucket("short", milliseconds(500), kLong);
    ASSERT_TRUE(values);
    const auto created = (*values)->create("key", base::view("1"), kLong);
    ASSERT_TRUE(created);

    while ((*values)->get("key", kLong).value()) std::this_thread::sleep_for(kShort);

    EXPECT_EQ(kind_of((*values)->update("key", base::view("2"), *created, kLong)), Kind::refused);
    EXPECT_TRUE((*values)->create("key", base::view("3"), kLong));
}

TEST_P(BusContract, a_watch_tells_the_present_values_and_then_the_new_ones) {
    const auto here = one_->bucket("values", kForEver, kLong);
    const auto there = two_->bucket("values", kForEver, kLong);
    ASSERT_TRUE(here && there);
    ASSERT_TRUE((*here)->put("a", base::view("1"), kLong));
    std::mutex mutex;
    std::condition_variable came;
    std::vector<std::string> seen;

    const auto watch = (*there)->watch(
        [&](const Entry& entry) {
            const std::lock_guard lock(mutex);
            seen.push_back(entry.key + "=" + text(entry.value));
            came.notify_all();
        },
        kLong);
    ASSERT_TRUE(watch);
    const auto has = [&](std::size_t count) {
        std::unique_lock lock(mutex);
        return came.wait_for(lock, kLong, [&] { return seen.size() >= count; });
    };
    ASSERT_TRUE(has(1));
    ASSERT_TRUE((*here)->put("b", base::view("2"), kLong));

    ASSERT_TRUE(has(2));
    EXPECT_THAT(seen, ElementsAre("a=1", "b=2"));
}

TEST_P(BusContract, a_message_is_appended_only_after_the_expected_one) {
    const auto here = one_->stream(kLong);
    const auto there = two_->stream(kLong);
    ASSERT_TRUE(here && there);
    EXPECT_EQ((*here)->state(kLong).value(), (StreamState{1, 0}));

    EXPECT_EQ((*here)->publish(base::view("a"), "id-a", 0, kLong).value(), 1U);
    EXPECT_EQ(kind_of((*there)->publish(base::view("b"), "id-b", 0, kLong)), Kind::refused);
    EXPECT_EQ((*there)->publish(base::view("c"), "id-c", 1, kLong).value(), 2U);
    EXPECT_EQ(kind_of((*here)->publish(base::view("d"), "id-d", 1, kLong)), Kind::refused);
    EXPECT_EQ(kind_of((*here)->publish(base::view("d"), "id-d", 3, kLong)), Kind::refused);

    EXPECT_EQ((*here)->state(kLong).value(), (StreamState{1, 2}));
}

TEST_P(BusContract, a_repeated_message_is_not_appended_again) {
    const auto stream = one_->stream(kLong);
    ASSERT_TRUE(stream);
    ASSERT_TRUE((*stream)->publish(base::view("a"), "id-a", 0, kLong));
    ASSERT_TRUE((*stream)->publish(base::view("b"), "id-b", 1, kLong));

    EXPECT_EQ((*stream)->publish(base::view("a"), "id-a", 0, kLong).value(), 1U);

    EXPECT_EQ((*stream)->state(kLong).value().last, 2U);
}

TEST_P(BusContract, messages_are_read_in_order_from_any_sequence_on) {
    const auto stream = one_->stream(kLong);
    const auto other = two_->stream(kLong);
    ASSERT_TRUE(stream && other);
    for (std::uint64_t i = 0; i < 300; ++i)
        ASSERT_TRUE((*stream)->publish(base::view(std::to_string(i + 1)), "id-" + std::to_string(i), i, kLong));

    for (const std::uint64_t from : {1U, 250U, 7U}) {
        auto next = from;
        while (next <= 300) {
            const auto read = (*other)->read(next, 64, kLong);
            ASSERT_TRUE(read);
            ASSERT_FALSE(read->empty());
            if (next == 250) (*other)->pause_reading();
            EXPECT_LE(read->size(), 64U);
            for (const auto& each : *read) {
                EXPECT_EQ(each.sequence, next);
                EXPECT_EQ(text(each.body), std::to_string(next++));
            }
        }
    }
    EXPECT_TRUE((*other)->read(301, 64, kShort).value().empty());
}

TEST_P(BusContract, a_read_waits_for_the_next_message) {
    const auto stream = one_->stream(kLong);
    const auto other = two_->stream(kLong);
    ASSERT_TRUE(stream && other);
    EXPECT_TRUE((*other)->read(1, 1, kShort).value().empty());
    auto waiting = std::async(std::launch::async, [&] { return (*other)->read(1, 10, kLong); });

    ASSERT_TRUE((*stream)->publish(base::view("a"), "id-a", 0, kLong));

    const auto read = waiting.get();
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 1U);
    EXPECT_EQ(text(read->front().body), "a");
}

TEST_P(BusContract, the_largest_message_comes_whole_and_a_larger_one_is_invalid) {
    const auto stream = one_->stream(kLong);
    ASSERT_TRUE(stream);
    ASSERT_EQ(one_->most_bytes(), world_->most_bytes());
    const Bytes largest(one_->most_bytes(), std::byte{7});
    Bytes larger = largest;
    larger.push_back({});

    ASSERT_TRUE((*stream)->publish(largest, "id-a", 0, kLong));
    EXPECT_EQ(kind_of((*stream)->publish(larger, "id-b", 1, kLong)), Kind::invalid);
    EXPECT_EQ(kind_of(one_->request("machine.none", larger, kLong)), Kind::invalid);

    const auto read = (*stream)->read(1, 1, kLong);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->at(0).body, largest);
}

TEST_P(BusContract, names_of_other_forms_are_invalid) {
    const auto values = one_->bucket("values", kForEver, kLong);
    ASSERT_TRUE(values);
    for (const auto* name : {"", "a b", "a*", ">", "ä"}) {
        EXPECT_EQ(kind_of((*values)->get(name, kLong)), Kind::invalid) << name;
        EXPECT_EQ(kind_of((*values)->put(name, {}, kLong)), Kind::invalid) << name;
        EXPECT_EQ(kind_of(one_->request(name, {}, kLong)), Kind::invalid) << name;
        EXPECT_EQ(kind_of(one_->serve(name, answering_with(""), kLong)), Kind::invalid) << name;
    }
}

TEST_P(BusContract, the_link_is_up) {
    EXPECT_TRUE(one_->link().is_up);
    EXPECT_FALSE(one_->link().server.empty());
    EXPECT_EQ(one_->link().losses, 0U);
}

std::unique_ptr<BusWorld> in_memory() {
    return std::make_unique<MemoryWorld>();
}
std::unique_ptr<BusWorld> over_nats() {
    return nats_server() != nullptr ? std::make_unique<NatsWorld>() : nullptr;
}

INSTANTIATE_TEST_SUITE_P(Buses, BusContract,
                         testing::Values(NamedWorld{"memory", &in_memory}, NamedWorld{"nats", &over_nats}),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace rues::gateway::cluster
