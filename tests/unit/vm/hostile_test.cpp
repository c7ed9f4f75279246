// Contracts that want to hurt: each gets its error in bounded time and memory.
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <stop_token>
#include <thread>

#include "unit/vm/fixture.hpp"

// Only there under a sanitizer. It keeps freed memory for a while, so what is resident says nothing there.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the sanitizer's name
extern "C" [[gnu::weak]] std::size_t __sanitizer_get_current_allocated_bytes();

namespace rues::vm {
namespace {

using namespace test;
using Kind = Failure::Kind;

class Hostile : public CallTest {};

/// What an owner's timer does.
std::jthread ticking() {
    return std::jthread([](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            machine().tick();
        }
    });
}

TEST_F(Hostile, a_query_that_is_told_to_stop_ends_with_its_deadline) {
    const auto ticker = ticking();
    int asked = 0;
    auto session = query({.stop = [&] { return ++asked == 3; }});
    const auto result = call(session, "spin", {}, std::numeric_limits<std::uint64_t>::max());

    EXPECT_EQ(kind(result), Kind::deadline);
    EXPECT_EQ(asked, 3);
    EXPECT_TRUE(call(session, "echo").has_value());
}

TEST_F(Hostile, a_stop_ends_all_levels_of_a_nested_call) {
    const auto ticker = ticking();
    auto session = query({.stop = [] { return true; }});

    EXPECT_EQ(kind(nested(session, 2, "call", call_argument(contract_id(3), "spin", {}), 3'000'000'000)),
              Kind::deadline);
}

TEST_F(Hostile, a_block_is_not_stopped_by_ticks) {
    const auto ticker = ticking();
    auto session = block();

    EXPECT_EQ(kind(call(session, "spin", {}, 30'000'000)), Kind::out_of_gas);
}

TEST_F(Hostile, recursion_without_end_fills_the_stack_of_contract_code) {
    auto session = block();

    EXPECT_EQ(kind(call(session, "recurse")), Kind::unknown);
    EXPECT_EQ(code_of(*nested(session, 2, "recurse")), std::numeric_limits<std::int32_t>::min());
}

TEST_F(Hostile, contracts_that_call_each_other_with_deep_stacks_leave_room_for_the_host) {
    // Each dives deep into its own stack and then calls the next one: 48 levels of half a megabyte would be too much.
    auto session = block();
    constexpr unsigned kFirst = 100;
    constexpr unsigned kLast = kFirst + 40;
    for (unsigned number = kFirst; number <= kLast; ++number) {
        TestContract diver;
        const std::int32_t id = diver.data(base::text(contract_id(number + 1)));
        const std::int32_t name = diver.data("dive");
        const std::uint32_t type = diver.assembler.type({wasm::test::kI32}, {wasm::test::kI32});
        const std::uint32_t own = 12;
        diver.assembler.function(
            type, code(op::local_get(0), op::if_(wasm::test::kI32), op::local_get(0), op::i32_const(1), op32::sub,
                       op::call(own), op::local_get(0), op::i32_add, op::else_, op::i32_const(id), op::i32_const(name),
                       op::i32_const(4), op::i32_const(0), op::i64_const(0), diver.import("c"), op::end, op::end));
        diver.function("dive", code(op::i32_const(8'000), op::call(own), op::drop, op::i32_const(0)));
        ASSERT_TRUE(session.deploy(contract_id(number), diver.build(), {}, {}, kGas).has_value());
    }
    EXPECT_TRUE(call(session, "dive", {}, kGas * 1'000, kFirst).has_value());
}

TEST_F(Hostile, memory_grows_to_four_gib_and_no_further) {
    auto session = block();

    EXPECT_EQ(word_at(call(session, "grow", words({65'532}))->data), 4U);
    EXPECT_EQ(word_at(call(session, "size")->data), 65'536U);
    EXPECT_EQ(word_at(call(session, "grow", words({1}))->data), 0xffffffffU);
    session.undo();
    EXPECT_EQ(word_at(call(session, "size")->data), 4U);
}

TEST_F(Hostile, a_query_may_not_grow_a_memory_by_much) {
    auto session = query({.written_bytes = std::uint64_t{1} << 20U});

    EXPECT_EQ(word_at(call(session, "grow", words({16}))->data), 4U);
    EXPECT_EQ(kind(call(session, "grow", words({17}))), Kind::too_many_pages);
}

/// A contract whose function `touch` writes a byte to every 4 KiB of `pages` pages.
Bytes toucher(std::uint64_t pages) {
    TestContract contract(pages);
    contract.function(
        "touch",
        code(op::loop(), op::local_get(1), op::i32_const(1), op32::store(), op::local_get(1), op::i32_const(4'096),
             op::i32_add, op::local_tee(1), op::i32_const(static_cast<std::int32_t>(pages * 65'536 - 4'096)),
             op32::less, op::br_if(0), op::end, op::i32_const(0)),
        {code(1, wasm::test::kI32)});
    return contract.build();
}

TEST_F(Hostile, a_query_that_writes_every_page_is_ended) {
    auto deploying = block();
    ASSERT_TRUE(deploying.deploy(contract_id(9), toucher(16'384), {}, {}, kGas).has_value());
    state_ = std::move(deploying).commit()->state;
    const auto ticker = ticking();
    auto session = query({.written_bytes = std::uint64_t{8} << 20U});

    EXPECT_EQ(kind(call(session, "touch", {}, kGas * 100, 9)), Kind::too_many_pages);
    EXPECT_TRUE(call(session, "echo").has_value());
}

TEST_F(Hostile, a_block_that_writes_more_than_it_may_is_ended) {
    const auto ticker = ticking();
    auto session = Session::of_block(machine(), state_, {}, {.stop = {}, .written_bytes = std::uint64_t{8} << 20U});
    ASSERT_TRUE(session.deploy(contract_id(9), toucher(16'384), {}, {}, kGas).has_value());

    EXPECT_EQ(kind(call(session, "touch", {}, kGas * 100, 9)), Kind::too_many_pages);
    session.undo();
    EXPECT_EQ(std::move(session).commit()->state->root(), state_->root());
}

TEST_F(Hostile, what_contracts_write_is_bounded_for_all_of_them_together) {
    // Each writes 4 MiB, then calls the next one. The last one ends only when it is stopped.
    constexpr unsigned kContracts = 8;
    auto deploying = block();
    for (unsigned number = 0; number < kContracts; ++number) {
        TestContract contract(100);
        const std::int32_t id = contract.data(base::text(contract_id(101 + number)));
        const std::int32_t name = contract.data("fill");
        const Code goes_on = code(op::i32_const(id), op::i32_const(name), op::i32_const(4), op::i32_const(0),
                                  op::i64_const(0), contract.import("c"), op::drop);
        contract.function(
            "fill",
            code(op::i32_const(TestContract::kScratch), op::i32_const(1), op::i32_const(4 << 20), op32::memory_fill,
                 number + 1 < kContracts ? goes_on : code(op::loop(), op::br(0), op::end), op::i32_const(0)));
        ASSERT_TRUE(deploying.deploy(contract_id(100 + number), contract.build(), {}, {}, kGas).has_value());
    }
    state_ = std::move(deploying).commit()->state;
    const auto ticker = ticking();
    auto session = query({.written_bytes = std::uint64_t{16} << 20U});

    EXPECT_EQ(kind(call(session, "fill", {}, kGas * 30, 100)), Kind::too_many_pages);
    EXPECT_TRUE(call(session, "echo").has_value());
}

TEST_F(Hostile, events_of_one_call_are_bounded) {
    auto session = block();
    TestContract contract;
    contract.function("emit", code(op::loop(), op::i32_const(0), op::i32_const(0), op::i32_const(0),
                                   contract.import("emit"), op::br(0), op::end, op::i32_const(0)));
    ASSERT_TRUE(session.deploy(contract_id(9), contract.build(), {}, {}, kGas).has_value());

    EXPECT_EQ(call(session, "emit", words({10'000}))->events.size(), 10'000U);
    EXPECT_EQ(kind(call(session, "emit", {}, kGas * 1'000, 9)), Kind::too_many_pages);
}

TEST_F(Hostile, a_query_uses_at_most_64_contracts) {
    auto deploying = block();
    for (unsigned number = 100; number < 165; ++number)
        ASSERT_TRUE(deploying.deploy(contract_id(number), proxy_contract(), {}, {}, kGas).has_value());
    state_ = std::move(deploying).commit()->state;
    auto session = query();
    for (unsigned number = 100; number < 164; ++number)
        ASSERT_TRUE(call(session, "echo", {}, kGas, number).has_value()) << number;

    EXPECT_EQ(kind(call(session, "echo", {}, kGas, 164)), Kind::too_many_pages);
}

TEST_F(Hostile, checkpoints_of_nested_calls_are_bounded) {
#ifdef RUES_TSAN
    GTEST_SKIP() << "one thread that copies memory for a minute";
#endif
    // The contract has written 64 MiB and calls itself again and again; each call begins with a copy of all that.
    TestContract contract(1'100);
    const std::int32_t id = contract.data(base::text(contract_id(9)));
    const std::int32_t name = contract.data("nothing");
    contract.function("nothing", op::i32_const(0));
    contract.function("run", code(op::i32_const(TestContract::kScratch), op::i32_const(1),
                                  op::i32_const(1'024 * 65'536), op32::memory_fill, op::loop(), op::i32_const(id),
                                  op::i32_const(name), op::i32_const(7), op::i32_const(0), op::i64_const(0),
                                  contract.import("c"), op::drop, op::br(0), op::end, op::i32_const(0)));
    auto session = block();
    ASSERT_TRUE(session.deploy(contract_id(9), contract.build(), {}, {}, kGas).has_value());

    EXPECT_EQ(kind(call(session, "run", {}, kGas * 1'000, 9)), Kind::too_many_pages);
}

struct Footprint {
    std::size_t memory_kib = 0;
    std::size_t mappings = 0;
    std::size_t descriptors = 0;
};

Footprint footprint() {
    Footprint out;
    std::ifstream statm("/proc/self/statm");
    std::size_t mapped = 0, resident = 0, shared = 0;
    statm >> mapped >> resident >> shared;
    out.memory_kib = resident * 4;
    if (__sanitizer_get_current_allocated_bytes != nullptr)
        out.memory_kib = shared * 4 + __sanitizer_get_current_allocated_bytes() / 1'024;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) ++out.mappings;
    for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) ++out.descriptors;
    return out;
}

TEST_F(Hostile, thousands_of_hostile_calls_leave_memory_mappings_and_descriptors_flat) {
    const auto round = [&](int count) {
        for (int i = 0; i < count; ++i) {
            auto session = i % 2 == 0 ? block() : query();
            switch (i % 8) {
            case 0:
                EXPECT_EQ(kind(call(session, "spin", {}, 10'000)), Kind::out_of_gas);
                break;
            case 1:
                EXPECT_EQ(kind(call(session, "recurse", {}, 10'000'000)), Kind::unknown);
                break;
            case 2:
                EXPECT_TRUE(call(session, "grow", words({65'532})).has_value());
                break;
            case 3:
                EXPECT_EQ(kind(call(session, "panic", bytes("\xff\xff"))), Kind::unknown);
                break;
            case 4:
                EXPECT_TRUE(call(session, "emit", words({100})).has_value());
                break;
            case 5:
                EXPECT_TRUE(call(session, "echo", Bytes(65'536)).has_value());
                break;
            case 6:
                EXPECT_TRUE(nested(session, 2, "put_and_trap", words({40'000, 1}), 100'000));
                break;
            case 7:
                EXPECT_FALSE(session.deploy(contract_id(9), bytes("no module"), {}, {}, kGas));
                break;
            }
        }
    };
    round(1'000);
    const Footprint before = footprint();
    round(10'000);
    const Footprint after = footprint();

    EXPECT_LE(after.memory_kib, before.memory_kib + 8'192);
    EXPECT_LE(after.mappings, before.mappings + 32);
    EXPECT_EQ(after.descriptors, before.descriptors);
}

}  // namespace
}  // namespace rues::vm
