// The modules and instances that are kept, and how many.
#include <future>

#include "unit/vm/driver/fixture.hpp"

namespace rues::vm {
namespace {

using namespace test;

class DriversTest : public DriverTest {
protected:
    static Bytes with_version(std::string_view version) {
        TestDriver driver;
        return driver.set("get_version", driver.text(version, 0)).build();
    }
};

TEST_F(DriversTest, an_instance_is_kept_for_the_next_call) {
    EXPECT_EQ(text(encode(good_, "count")), "0");
    EXPECT_EQ(text(encode(good_, "count")), "1");
    EXPECT_EQ(drivers_.instances(), 1U);
}

TEST_F(DriversTest, an_error_of_the_driver_does_not_cost_the_instance) {
    EXPECT_EQ(text(encode(good_, "count")), "0");
    EXPECT_FALSE(encode(good_, "fails"));
    EXPECT_EQ(text(encode(good_, "count")), "1");
}

TEST_F(DriversTest, an_instance_is_thrown_away_after_a_trap) {
    EXPECT_EQ(text(encode(good_, "count")), "0");
    EXPECT_EQ(text(encode(good_, "trap")), R"(driver: FfiError("encode_input_fn call failed: the code trapped"))");
    EXPECT_EQ(drivers_.instances(), 0U);
    EXPECT_EQ(text(encode(good_, "count")), "0");
}

// The test driver's `dealloc` takes nothing back, so each call leaves the memory about two pages larger.
TEST_F(DriversTest, a_driver_that_fills_its_memory_begins_anew) {
    for (int i = 0; i < 1'200; ++i) ASSERT_EQ(text(encode(good_, "echo", "x")), "x") << i;
    EXPECT_LE(drivers_.instances(), 1U);
}

TEST_F(DriversTest, a_call_that_a_used_instance_cannot_do_is_done_by_a_new_one) {
    // Grown to one page below the limit, the instance has no room for the next call; a new one has.
    Drivers keeps_all(engine(), {.kept_bytes = DriverInstance::kMemoryBytes});
    const auto module = keeps_all.load(code_of(good_), {}).value();
    const auto ask = [&](std::string_view name, ByteView data) {
        return text(keeps_all.call(module, {DriverFunction::encode_input, name, data}, {}));
    };
    const Bytes pages = {std::byte{0xe8}, std::byte{0x03}, std::byte{0}, std::byte{0}};  // 1,000
    ASSERT_EQ(ask("grow", pages), "");
    ASSERT_EQ(keeps_all.idle(), 1U);

    EXPECT_EQ(ask("grow", pages), "") << "1,000 more are too many for the used one";
    EXPECT_EQ(keeps_all.instances(), 1U);
}

TEST_F(DriversTest, an_instance_with_much_memory_is_not_kept) {
    ASSERT_EQ(text(encode(good_, "grow", std::string_view("\0\1\0\0", 4))), "");  // 256 pages, 16 MiB
    EXPECT_EQ(drivers_.instances(), 0U);
}

TEST_F(DriversTest, idle_instances_are_bounded_and_the_one_unused_for_longest_goes) {
    Drivers few(engine(), {.instances = 3, .idle_instances = 2});
    const auto version = [&](std::string_view text) {
        const Bytes module = with_version(text);
        const auto loaded = few.load(code_of(module), {}).value();
        return few.call(loaded, {.function = DriverFunction::get_version}, {}).has_value();
    };
    EXPECT_TRUE(version("1"));
    EXPECT_TRUE(version("2"));
    EXPECT_TRUE(version("1"));
    EXPECT_TRUE(version("3"));

    EXPECT_EQ(few.idle(), 2U);
    EXPECT_EQ(few.instances(), 2U);
    Drivers small(engine(), {.idle_bytes = 200'000});
    const auto loaded = small.load(code_of(good_), {}).value();
    EXPECT_TRUE(small.call(loaded, {.function = DriverFunction::get_version}, {}));
    EXPECT_EQ(small.idle(), 0U) << "four pages are more than 200,000 bytes";
}

// A driver that is asked rarely would otherwise hold machine code that the cache has dropped long ago.
TEST_F(DriversTest, the_machine_code_of_idle_instances_counts) {
    constexpr std::size_t kMemory = 4 * 65'536;  // after one call
    const auto code = load(good_)->bytes();
    for (const bool has_room : {false, true}) {
        Drivers some(engine(), {.idle_bytes = kMemory + code - (has_room ? 0 : 1)});
        const auto module = some.load(code_of(good_), {}).value();
        EXPECT_TRUE(some.call(module, {.function = DriverFunction::get_version}, {}));
        EXPECT_EQ(some.idle(), has_room ? 1U : 0U);
        EXPECT_EQ(some.instances(), some.idle());
    }
}

TEST_F(DriversTest, more_instances_than_there_may_be_are_busy_and_an_idle_one_makes_room) {
    Drivers two(engine(), {.instances = 2});
    const auto loop = two.load(code_of(good_), {}).value();
    std::atomic<bool> over = false;
    std::atomic<int> asked = 0;
    /// Loops until the first tick, then stays in use until it is over.
    const auto running = [&] {
        return std::async(std::launch::async, [&] {
            return text(two.call(loop, {DriverFunction::encode_input, "loop", {}}, [&] {
                ++asked;
                while (!over) std::this_thread::yield();
                return true;
            }));
        });
    };
    auto first = running();
    while (asked < 1) engine().tick();
    const Bytes other = with_version("9");
    const auto module = two.load(code_of(other), {}).value();
    EXPECT_EQ(text(two.call(module, {.function = DriverFunction::get_version}, {})), "9");
    EXPECT_EQ(two.instances(), 2U);

    auto second = running();  // in place of the idle one
    while (asked < 2) engine().tick();
    const auto third = two.call(module, {.function = DriverFunction::get_version}, {});

    EXPECT_EQ(text(third), R"(busy: Limit("too many drivers run"))");
    EXPECT_EQ(two.idle(), 0U);
    over = true;
    EXPECT_THAT(first.get(), testing::StartsWith("time: "));
    EXPECT_THAT(second.get(), testing::StartsWith("time: "));
    EXPECT_EQ(two.instances(), 0U);
    EXPECT_EQ(text(two.call(module, {.function = DriverFunction::get_version}, {})), "9");
}

TEST_F(DriversTest, calls_of_one_driver_run_side_by_side) {
    std::vector<std::future<std::string>> calls;
    for (int i = 0; i < 8; ++i)
        calls.push_back(std::async(std::launch::async, [&] { return text(encode(good_, "echo", "x")); }));
    for (auto& one : calls) EXPECT_EQ(one.get(), "x");
    EXPECT_LE(drivers_.instances(), 8U);
}

TEST_F(DriversTest, a_module_is_known_after_its_first_use_even_if_it_is_no_driver) {
    const Bytes broken = base::to_bytes("no driver");
    EXPECT_FALSE(drivers_.is_known(code_of(good_).hash));
    EXPECT_FALSE(drivers_.is_known(code_of(broken).hash));

    const auto first = drivers_.load(code_of(good_), {});
    EXPECT_FALSE(drivers_.load(code_of(broken), {}));

    EXPECT_TRUE(drivers_.is_known(code_of(good_).hash));
    EXPECT_TRUE(drivers_.is_known(code_of(broken).hash));
    EXPECT_EQ(drivers_.load(code_of(good_), {}).value(), first.value()) << "it is not compiled again";
}

TEST_F(DriversTest, compiled_modules_are_bounded) {
    Drivers small(engine(), {.module_bytes = std::size_t{1} << 20});
    const auto load = [&](std::string_view version) {
        const Bytes module = with_version(version);
        EXPECT_TRUE(small.load(code_of(module), {}));
        return code_of(module).hash;
    };
    const auto first = load("first");
    const auto second = load("second");
    EXPECT_TRUE(small.is_known(first));

    for (int i = 0; i < 64; ++i) load(std::to_string(i));  // each counts 16 KiB at least

    EXPECT_FALSE(small.is_known(first));
    EXPECT_TRUE(small.is_known(load("63")));
    EXPECT_FALSE(small.is_known(second));
}

TEST_F(DriversTest, a_module_whose_machine_code_cannot_be_kept_is_refused) {
    Drivers tiny(engine(), {.module_bytes = 100'000});

    const auto loaded = tiny.load(code_of(good_), {});

    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, Kind::memory);
    EXPECT_THAT(loaded.error().text, testing::StartsWith("Limit(\"the compiled driver has "));
    EXPECT_TRUE(tiny.is_known(code_of(good_).hash)) << "so that it is not compiled at each call";
}

}  // namespace
}  // namespace rues::vm
