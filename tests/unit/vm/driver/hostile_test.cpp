// Drivers that want to hurt: each gets its error in bounded time and memory, and others do not notice.
#include "unit/vm/driver/fixture.hpp"

namespace rues::vm {
namespace {

using namespace test;

class HostileDriver : public DriverTest {
protected:
    void TearDown() override { EXPECT_EQ(text(encode(good_, "echo", "still here")), "still here"); }

    /// The outcome with one function replaced.
    std::string with(std::string_view function, const Code& body, std::string_view name = "e") {
        return text(encode(TestDriver().set(function, body).build(), name, "data"));
    }
    static constexpr std::string_view kGasText = " used up the 200000000 gas of a call\")";
};

const Code kEndless = code(op::loop(), op::br(0), op::end);

TEST_F(HostileDriver, an_endless_loop_ends_with_the_gas) {
    EXPECT_EQ(text(encode(good_, "loop")), "gas: Limit(\"encode_input_fn" + std::string(kGasText));
    EXPECT_EQ(with("alloc", code(kEndless, op::i32_const(0))), "gas: Limit(\"alloc" + std::string(kGasText));
    EXPECT_EQ(with("init", kEndless), "gas: Limit(\"init" + std::string(kGasText));
    EXPECT_EQ(drivers_.instances(), 0U);
}

// One budget for all functions of a call: eight times the gas would be eight times the time.
TEST_F(HostileDriver, the_functions_of_one_call_share_its_gas) {
    // Each alloc takes about 70 million: 14 million rounds of 5.
    TestDriver driver;
    const auto global = driver.assembler.global(wasm::test::kI32, true, op::i32_const(0));
    const Code rounds =
        code(op::i32_const(14'000'000), op::global_set(global), op::loop(), op::global_get(global), op::i32_const(1),
             op32::sub, op::global_set(global), op::global_get(global), op::br_if(0), op::end, op::i32_const(65'536));
    const auto result = text(encode(driver.set("alloc", rounds).build(), "e"));

    EXPECT_EQ(result, "gas: Limit(\"alloc" + std::string(kGasText));
    TestDriver getter;
    const auto other = getter.assembler.global(wasm::test::kI32, true, op::i32_const(0));
    ASSERT_EQ(other, global);
    EXPECT_EQ(text(call(getter.set("alloc", rounds).build(), {.function = DriverFunction::get_version})),
              TestDriver::kVersion)
        << "one alloc alone is allowed";
}

TEST_F(HostileDriver, a_stop_ends_a_call_at_the_next_tick) {
    std::jthread ticker([](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            engine().tick();
        }
    });
    int asked = 0;

    const auto result = encode(good_, "loop", {}, [&] { return ++asked == 3; });

    EXPECT_EQ(text(result), R"(time: Limit("encode_input_fn took too long"))");
    EXPECT_EQ(asked, 3);
    EXPECT_EQ(drivers_.instances(), 0U);
    TestDriver start;
    start.assembler.start(start.assembler.function(start.assembler.type({}, {}), code(kEndless, op::end)));
    EXPECT_EQ(text(encode(start.build(), "e", {}, [] { return true; })),
              R"(time: Limit("the start of the module took too long"))");
    EXPECT_EQ(text(encode(TestDriver().set("init", kEndless).build(), "e", {}, [] { return true; })),
              R"(time: Limit("init took too long"))");
}

TEST_F(HostileDriver, memory_grows_to_64_MiB_and_no_further) {
    const auto pages = [](std::uint32_t count) {
        std::string out(4, '\0');
        base::store_le(reinterpret_cast<std::byte*>(out.data()), count);
        return out;
    };
    EXPECT_EQ(text(encode(good_, "grow", pages(1'020))), "") << "with two pages at the start and two for the call";
    EXPECT_EQ(text(encode(good_, "grow", pages(1'021))),
              R"(memory: Limit("encode_input_fn needs more than 67108864 bytes"))");
    const Code gives_up = code(op::i32_const(2'000), op32::memory_grow, op::drop, op::i32_const(0));
    EXPECT_EQ(with("alloc", gives_up), R"(memory: Limit("alloc needs more than 67108864 bytes"))");
    EXPECT_EQ(text(encode(TestDriver().memory(1'024).build(), "echo", "x")), "x");
    EXPECT_EQ(text(encode(TestDriver().memory(1'025).build(), "echo", "x")),
              R"(memory: Limit("the memory begins with 67174400 bytes, and a driver may have 67108864"))");
    EXPECT_EQ(text(encode(good_, "echo", std::string((64 << 20) + 1, 'x'))),
              R"(memory: Limit("67108865 bytes of input"))");
}

TEST_F(HostileDriver, traps_and_deep_recursion_are_told) {
    const std::string trapped = R"(driver: FfiError("encode_input_fn call failed: the code trapped"))";
    EXPECT_EQ(text(encode(good_, "trap")), trapped);
    EXPECT_EQ(text(encode(good_, "outside")), trapped);
    EXPECT_EQ(text(encode(good_, "recurse")), trapped);
    EXPECT_EQ(with("init", {op::unreachable}), R"(driver: FfiError("init() failed: the code trapped"))");
    EXPECT_EQ(with("alloc", {op::unreachable}), R"(driver: WasmMemory("alloc failed: the code trapped"))");
}

TEST_F(HostileDriver, a_dealloc_that_traps_or_loops_spoils_no_answer) {
    EXPECT_EQ(with("dealloc", {op::unreachable}), "data");
    EXPECT_EQ(with("dealloc", kEndless), "data");
    EXPECT_EQ(drivers_.instances(), 0U) << "but the instance is thrown away";
}

TEST_F(HostileDriver, lengths_that_lie_are_told) {
    EXPECT_EQ(text(encode(good_, "huge")),
              R"(driver: WasmMemory("the answer has 2147483647 bytes, and its buffer 65536"))");
    EXPECT_EQ(text(encode(good_, "big")), R"(driver: WasmMemory("the answer has 65533 bytes, and its buffer 65536"))");
}

TEST_F(HostileDriver, addresses_outside_the_memory_are_told) {
    const auto given = [&](std::int32_t address) { return with("alloc", op::i32_const(address), "f"); };
    const std::string none = R"(driver: WasmMemory("alloc returned no address"))";
    const std::string outside = R"(driver: WasmMemory("alloc returned an address outside the memory"))";

    EXPECT_EQ(given(0), none);
    EXPECT_EQ(given(-1), none);
    EXPECT_EQ(given(std::numeric_limits<std::int32_t>::min()), none);
    EXPECT_EQ(given(2 * 65'536), outside);
    EXPECT_EQ(given(std::numeric_limits<std::int32_t>::max()), outside);
    // The output is only read, and after the driver has run.
    const auto version = [&](std::int32_t address) {
        const Bytes module =
            TestDriver().set("alloc", op::i32_const(address)).set("get_version", op::i32_const(0)).build();
        return text(call(module, {.function = DriverFunction::get_version}));
    };
    const std::string unread = R"(driver: WasmMemory("the answer lies outside the memory"))";
    EXPECT_EQ(version(2 * 65'536), unread);
    EXPECT_EQ(version(2 * 65'536 - 3), unread);
    EXPECT_EQ(version(2 * 65'536 - 4), "");
    EXPECT_EQ(version(std::numeric_limits<std::int32_t>::max()), unread);
}

TEST_F(HostileDriver, pieces_that_overlap_only_confuse_their_driver) {
    // Name, data and output lie at one place. The name's letter is overwritten by the data's.
    EXPECT_EQ(with("alloc", op::i32_const(65'536), "t"),
              R"(driver: FfiError("encode_input_fn call failed: the code trapped"))");
    EXPECT_TRUE(encode(TestDriver().set("alloc", op::i32_const(65'536)).build(), "t", "echo"));
}

// The engine names an export that comes twice, and a name may have 100,000 bytes.
TEST_F(HostileDriver, a_long_text_of_an_error_is_cut) {
    TestDriver driver;
    std::string name;
    while (name.size() < 90'000) name += "é\n";
    const auto function = driver.assembler.function(driver.assembler.type({}, {}), {op::end});
    driver.assembler.export_function(name, function);
    driver.assembler.export_function(name, function);

    const auto result = encode(driver.build(), "e");

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, Kind::driver);
    EXPECT_THAT(result.error().text, testing::StartsWith("WasmRuntime(\"Failed to compile WASM: "));
    EXPECT_THAT(result.error().text, testing::EndsWith("…\")"));
    EXPECT_TRUE(base::is_utf8(result.error().text));
    EXPECT_LT(result.error().text.size(), 2 * kMaxFailureText);
}

TEST_F(HostileDriver, a_module_that_takes_too_long_to_compile_is_refused) {
    TestDriver driver;
    const auto type = driver.assembler.type({}, {});
    for (int i = 0; i < 170'000; ++i) driver.assembler.function(type, {op::end});

    const auto result = encode(driver.build(), "e");

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, Kind::memory);
    EXPECT_THAT(result.error().text, testing::StartsWith("Limit(\"module is too complex to be compiled"));
}

}  // namespace
}  // namespace rues::vm
