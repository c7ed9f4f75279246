// Generated modules that call the host, as random chains deploy them.
#include "support/wasm_generator.hpp"
#include "unit/vm/fixture.hpp"

namespace rues::vm {
namespace {

using namespace test;

constexpr unsigned kModules = 24;

/// How often something was seen in all calls.
struct Seen {
    std::size_t events = 0, panics = 0, nested = 0, items = 0;
};

void look(const TracedCall& call, Seen& seen) {
    seen.panics += call.end == TracedCall::End::panic ? 1U : 0U;
    for (const TracedStep& step : call.steps) {
        if (step.event() != nullptr) ++seen.events;
        if (step.call() == nullptr) continue;
        ++seen.nested;
        look(*step.call(), seen);
    }
}

TEST(Generated, modules_that_call_the_host_deploy_and_emit_panic_feed_and_call_each_other) {
    auto session = Session::of_block(machine(), State::empty(), {});
    for (unsigned seed = 0; seed < kModules; ++seed) {
        const auto module = wasm::test::generate_module(seed, {.traps = seed % 3 == 0, .host = true});
        const auto deployed = session.deploy(contract_id(seed), module.bytes, {}, {}, kGas);
        ASSERT_TRUE(deployed) << seed << ": " << deployed.error().debug;
    }
    Seen seen;
    for (unsigned seed = 0; seed < kModules; ++seed) {
        for (const char* function : {"f0", "f1", "f2", "f3"}) {
            CallTrace trace;
            session.trace(&trace);
            Bytes argument = base::to_bytes(contract_id((seed + 1) % kModules));
            argument.resize(64, std::byte{'a'});
            const Sink sink = [&seen](ByteView) { return ++seen.items > 0; };
            const auto done = session.feed(contract_id(seed), function, argument, 20'000'000, sink);
            if (!done) {
                EXPECT_NE(done.error().kind, Failure::Kind::too_many_pages) << seed << function;
            }
            look(trace.calls().at(0), seen);
        }
    }

    EXPECT_GT(seen.events, kModules);
    EXPECT_GT(seen.panics, 0U);
    EXPECT_GT(seen.nested, kModules / 2);
    EXPECT_GT(seen.items, 0U);
}

TEST(Generated, the_same_seed_gives_the_same_module) {
    const wasm::test::GeneratorOptions options{.host = true};

    EXPECT_EQ(wasm::test::generate_module(3, options).bytes, wasm::test::generate_module(3, options).bytes);
}

}  // namespace
}  // namespace rues::vm
