#pragma once

#include "support/test_contract.hpp"

/// The contract that random chains deploy: the proxy, with more functions.
///
/// | function | argument | does and returns |
/// |---|---|---|
/// | init | bytes | by the first one: p panics with the bytes, t traps, s loops for ever, e emits them; else keeps it |
/// | must | as `call` | calls a contract, and traps when the call failed |
/// | pair | u32 length of the first argument, two arguments of `call` | makes both calls, whatever the first one does |
namespace rues::chain::test {

inline vm::test::TestContract random_contract(bool with_init = true) {
    using namespace vm::test;
    TestContract contract = proxy();
    constexpr auto A = TestContract::kArgument;
    constexpr auto S = TestContract::kScratch;
    constexpr std::int32_t kPair = S + 65'536;
    constexpr std::uint8_t kEqual = 0x46;
    const auto constant = [](std::int32_t value) { return op::i32_const(value); };
    // Every page has data, so that it is one of the state from the first block on, whatever is written later.
    for (const std::int32_t page : {A, S, kPair}) contract.assembler.active_data(constant(page + 65'535), "\x01");

    constexpr std::uint32_t kImports = 12;
    constexpr std::uint32_t kCall = kImports + 1;  // the second function of the proxy
    const Code one_local = code(1, wasm::test::kI32);
    contract.function("must", code(op::local_get(0), op::call(kCall), op::drop, constant(A), op32::load(), constant(0),
                                   op32::less, op::if_(), op::unreachable, op::end, constant(0)));
    const auto second = code(op::local_get(0), constant(4), op32::sub, constant(kPair), op32::load(), op32::sub);
    contract.function("pair",
                      code(constant(kPair), constant(A), op::local_get(0), op32::memory_copy, constant(A),
                           constant(kPair + 4), constant(kPair), op32::load(), op32::memory_copy, constant(kPair),
                           op32::load(), op::call(kCall), op::drop, constant(A), constant(kPair + 4), constant(kPair),
                           op32::load(), op::i32_add, second, op32::memory_copy, second, op::call(kCall)));
    if (!with_init) return contract;

    const std::int32_t topic = contract.data("init");
    const auto when = [&](char first, const Code& then) {
        return code(constant(A), op32::load8(), constant(first), kEqual, op::if_(), then, op::end);
    };
    contract.function("init",
                      code(op::local_get(0), op::if_(), when('p', code(op::local_get(0), contract.import("panic"))),
                           when('t', Code{op::unreachable}), when('s', code(op::loop(), op::br(0), op::end)),
                           when('e', code(constant(topic), constant(4), op::local_get(0), contract.import("emit"))),
                           constant(64), constant(A), op32::load8(), op32::store(), op::end, constant(0)));
    return contract;
}

}  // namespace rues::chain::test
