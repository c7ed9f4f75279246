// Deployment: docs/reference/machine.md 1.1, 1.4, 1.6.
#include "unit/vm/fixture.hpp"
#include "vm/compiled.hpp"

namespace rues::vm {
namespace {

using namespace test;
using wasm::test::kI32;
using wasm::test::kI64;

class Deployments : public CallTest {
protected:
    std::string refusal(const Bytes& module, std::optional<ByteView> argument = {}, std::uint64_t gas = kGas) {
        auto session = block();
        const auto receipt = session.deploy(contract_id(9), module, bytes("owner"), argument, gas);
        EXPECT_FALSE(receipt.has_value());
        // Nothing of it is left.
        EXPECT_EQ(kind(call(session, "echo", {}, kGas, 9)), Failure::Kind::does_not_exist);
        EXPECT_EQ(std::move(session).commit()->state->root(), state_->root());
        return receipt ? "" : receipt.error().debug;
    }
};

/// A contract whose `init` has this body.
Bytes with_init(const std::function<Code(TestContract&)>& body) {
    TestContract contract;
    contract.function("init", body(contract));
    return contract.build();
}

TEST_F(Deployments, init_runs_once_with_its_argument_and_its_gas_and_events_are_told) {
    auto session = block();
    const Bytes module = with_init([](TestContract& contract) {
        const std::int32_t topic = contract.data("born");
        return code(op::i32_const(topic), op::i32_const(4), op::local_get(0), contract.import("emit"),
                    op::i32_const(0));
    });
    const auto receipt = session.deploy(contract_id(9), module, bytes("owner"), ByteView(bytes("hello")), kGas);

    ASSERT_TRUE(receipt.has_value());
    ASSERT_EQ(receipt->events.size(), 1U);
    EXPECT_EQ(receipt->events[0].topic, "born");
    EXPECT_EQ(receipt->events[0].data, bytes("hello"));
    EXPECT_EQ(receipt->gas_spent, 1U + 5 + 4 * 9);
    EXPECT_EQ(kind(call(session, "init", {}, kGas, 9)), Failure::Kind::unknown);
}

TEST_F(Deployments, a_contract_without_init_costs_no_gas) {
    auto session = block();
    const auto receipt = session.deploy(contract_id(9), proxy_contract(), {}, ByteView(bytes("ignored")), 0);

    ASSERT_TRUE(receipt.has_value());
    EXPECT_EQ(receipt->gas_spent, 0U);
}

TEST_F(Deployments, data_segments_are_applied_once) {
    TestContract contract;
    const std::int32_t at = contract.data("abcd");
    contract.function("get", code(op::i32_const(TestContract::kArgument), op::i32_const(at), op32::load(),
                                  op32::store(), op::i32_const(4)));
    contract.function("set", code(op::i32_const(at), op::i32_const(7), op32::store(), op::i32_const(0)));
    auto session = block();
    ASSERT_TRUE(session.deploy(contract_id(9), contract.build(), {}, {}, kGas));

    EXPECT_EQ(call(session, "get", {}, kGas, 9)->data, bytes("abcd"));
    ASSERT_TRUE(call(session, "set", {}, kGas, 9));
    EXPECT_EQ(word_at(call(session, "get", {}, kGas, 9)->data), 7U);
    state_ = std::move(session).commit()->state;
    auto next = block();
    EXPECT_EQ(word_at(call(next, "get", {}, kGas, 9)->data), 7U);
}

TEST_F(Deployments, a_page_that_a_data_segment_fills_with_zeros_is_stored) {
    TestContract contract;
    contract.assembler.active_data(op::i32_const(3 * 65'536), std::string_view("\0", 1));
    auto session = block();
    ASSERT_TRUE(session.deploy(contract_id(9), contract.build(), {}, {}, kGas));
    const auto commit = std::move(session).commit();

    const Image& image = commit->state->find(contract_id(9))->image;
    EXPECT_EQ(image.stored_pages(), 1U);
    EXPECT_NE(image.page(3), nullptr);
}

TEST_F(Deployments, an_id_that_exists_is_refused) {
    auto session = block();
    const auto again = session.deploy(contract_id(1), proxy_contract(), {}, {}, kGas);

    EXPECT_EQ(again.error().debug, "InitalizationError(\"Deployed error already exists\")");
    EXPECT_TRUE(call(session, "echo").has_value());
}

TEST_F(Deployments, a_failure_of_init_is_told_as_the_node_tells_it) {
    const auto panicking = [](std::string_view text) {
        return with_init([text](TestContract& contract) {
            const std::int32_t at = contract.data(text);
            const auto length = op::i32_const(static_cast<std::int32_t>(text.size()));
            return code(op::i32_const(TestContract::kArgument), op::i32_const(at), length, op32::memory_copy, length,
                        contract.import("panic"), op::i32_const(0));
        });
    };
    EXPECT_EQ(refusal(panicking("say \"no\"\n")), "Panic(\"say \\\"no\\\"\\n\")");
    EXPECT_EQ(refusal(with_init([](TestContract&) { return code(op::loop(), op::br(0), op::end, op::i32_const(0)); })),
              "OutOfGas");
    EXPECT_THAT(refusal(with_init([](TestContract&) { return code(op::unreachable); })),
                ::testing::StartsWith("RuntimeError("));
}

TEST_F(Deployments, a_failed_init_takes_back_what_other_contracts_did) {
    auto session = block();
    const Bytes module = with_init([](TestContract& contract) {
        const std::int32_t argument = contract.data(base::text(words({40'000, 5})));
        const std::int32_t id = contract.data(base::text(contract_id(1)));
        const std::int32_t name = contract.data("put");
        return code(op::i32_const(TestContract::kArgument), op::i32_const(argument), op::i32_const(8),
                    op32::memory_copy, op::i32_const(id), op::i32_const(name), op::i32_const(3), op::i32_const(8),
                    op::i64_const(0), contract.import("c"), op::drop, op::unreachable);
    });
    ASSERT_FALSE(session.deploy(contract_id(9), module, {}, {}, kGas).has_value());

    EXPECT_EQ(get(session, 40'000), 0U);
}

TEST_F(Deployments, every_exported_function_takes_and_returns_an_i32) {
    TestContract contract;
    const std::uint32_t type = contract.assembler.type({kI64}, {kI32});
    contract.assembler.export_function("odd", 12 + contract.assembler.function(type, code(op::i32_const(0), op::end)));

    EXPECT_EQ(refusal(contract.build()), "InvalidFunction(\"odd\")");
}

TEST_F(Deployments, an_import_that_the_host_does_not_have_is_refused_by_name) {
    for (const std::string_view name : {"hdebug", "nothing"}) {
        Assembler module;
        module.import_function(name, module.type({kI32}, {}));
        module.memory({2});
        module.export_memory("memory");
        module.export_global("A", module.global(kI32, false, op::i32_const(0)));
        EXPECT_EQ(refusal(module.build()), "InvalidFunction(\"" + std::string(name) + "\")");
    }
}

TEST_F(Deployments, an_import_of_another_type_fails) {
    Assembler module;
    module.import_function("self_id", module.type({kI32}, {}));
    module.memory({2});
    module.export_memory("memory");
    module.export_global("A", module.global(kI32, false, op::i32_const(0)));

    EXPECT_THAT(refusal(module.build()), ::testing::StartsWith("RuntimeError("));
}

TEST_F(Deployments, exactly_one_memory_is_exported_under_any_name) {
    const auto exporting = [](std::initializer_list<std::string_view> names) {
        Assembler module;
        module.memory({2});
        for (const std::string_view name : names) module.export_memory(name);
        module.export_global("A", module.global(kI32, false, op::i32_const(0)));
        return module.build();
    };
    const auto text = [](int count) {
        return "PersistenceError(Custom { kind: InvalidData, error: \"module has " + std::to_string(count) +
               " memories, but only one is allowed\" })";
    };
    EXPECT_EQ(refusal(exporting({})), text(0));
    EXPECT_EQ(refusal(exporting({"a", "b"})), text(2));
    auto session = block();
    EXPECT_TRUE(session.deploy(contract_id(9), exporting({"any name"}), {}, {}, kGas).has_value());
}

TEST_F(Deployments, the_argument_buffer_is_an_immutable_global_of_the_pointers_type) {
    const auto with = [](std::uint8_t type, bool is_mutable, const Code& value) {
        Assembler module;
        module.memory({2});
        module.export_memory("memory");
        module.export_global("A", module.global(type, is_mutable, value));
        return module.build();
    };
    EXPECT_EQ(refusal(with(kI32, true, op::i32_const(0))), "InvalidArgumentBuffer");
    EXPECT_EQ(refusal(with(kI64, false, op::i64_const(0))), "InvalidArgumentBuffer");
    EXPECT_EQ(refusal(with(kI32, false, op::i32_const(-65'536))), "InvalidArgumentBuffer");
    auto session = block();
    EXPECT_TRUE(session.deploy(contract_id(9), with(kI32, false, op::i32_const(0x7fffffff)), {}, {}, kGas).has_value());
}

TEST_F(Deployments, a_module_with_a_start_section_never_deploys) {
    TestContract contract;
    const std::uint32_t type = contract.assembler.type({}, {});
    contract.assembler.start(12 + contract.assembler.function(type, code(op::end)));

    EXPECT_THAT(refusal(contract.build()), ::testing::StartsWith("RuntimeError("));
}

TEST_F(Deployments, bytes_that_are_no_module_and_modules_that_are_not_valid_fail) {
    TestContract invalid;
    invalid.function("f", code(op::i64_const(1)));  // the type says i32

    EXPECT_THAT(refusal(bytes("no module")), ::testing::StartsWith("RuntimeError("));
    EXPECT_THAT(refusal({}), ::testing::StartsWith("RuntimeError("));
    EXPECT_THAT(refusal(invalid.build()), ::testing::StartsWith("RuntimeError("));
}

TEST_F(Deployments, a_data_segment_outside_the_memory_fails) {
    TestContract contract(2);
    contract.assembler.active_data(op::i32_const(2 * 65'536 - 1), "ab");

    EXPECT_THAT(refusal(contract.build()), ::testing::StartsWith("RuntimeError("));
}

TEST_F(Deployments, a_contract_with_tables_of_more_than_100000_elements_is_refused) {
    TestContract most;
    most.assembler.table({100'000});
    TestContract more;
    more.assembler.table({100'001});
    auto session = block();

    EXPECT_TRUE(session.deploy(contract_id(9), most.build(), {}, {}, kGas).has_value());
    EXPECT_THAT(refusal(more.build()), ::testing::StartsWith("RuntimeError("));
}

TEST_F(Deployments, a_contract_has_at_most_four_tables) {
    TestContract most;
    for (int i = 0; i < 4; ++i) most.assembler.table({100'000});
    TestContract more;
    for (int i = 0; i < 5; ++i) more.assembler.table({1});
    auto session = block();

    EXPECT_TRUE(session.deploy(contract_id(9), most.build(), {}, {}, kGas).has_value());
    EXPECT_THAT(refusal(more.build()), ::testing::StartsWith("RuntimeError("));
}

TEST_F(Deployments, the_initial_memory_has_at_most_four_gib) {
    const auto with = [](std::uint64_t pages, bool is_64) {
        Assembler module;
        module.memory({pages}, is_64);
        module.export_memory("memory");
        module.export_global(
            "A", is_64 ? module.global(kI64, false, op::i64_const(0)) : module.global(kI32, false, op::i32_const(0)));
        return module.build();
    };
    for (const bool is_64 : {false, true}) {
        EXPECT_THAT(refusal(with(65'537, is_64)), ::testing::StartsWith("RuntimeError("));
        auto session = block();
        EXPECT_TRUE(session.deploy(contract_id(9), with(65'536, is_64), {}, {}, kGas).has_value());
    }
    for (const std::uint64_t pages : {std::uint64_t{1} << 48, (std::uint64_t{1} << 48) + 1, ~std::uint64_t{0}})
        EXPECT_THAT(refusal(with(pages, true)), ::testing::StartsWith("RuntimeError("));
}

TEST_F(Deployments, two_exports_of_one_name_are_no_valid_module) {
    TestContract twice;
    twice.function("f", op::i32_const(0));
    twice.function("f", op::i32_const(0));
    TestContract buffers;
    buffers.assembler.export_global("A", buffers.assembler.global(kI32, false, op::i32_const(0)));

    EXPECT_THAT(refusal(twice.build()), ::testing::StartsWith("RuntimeError("));
    EXPECT_THAT(refusal(buffers.build()), ::testing::StartsWith("RuntimeError("));
}

TEST_F(Deployments, a_second_memory_is_refused_whether_it_is_exported_or_not) {
    TestContract hidden;
    hidden.assembler.memory({1});
    TestContract shown;
    shown.assembler.memory({1});
    shown.assembler.export_memory("other", 1);

    EXPECT_THAT(refusal(hidden.build()), ::testing::StartsWith("RuntimeError("));
    EXPECT_THAT(refusal(shown.build()), ::testing::StartsWith("RuntimeError("));
}

TEST_F(Deployments, a_module_that_asks_too_much_of_the_compiler_is_refused) {
    // Two bytes, a call, move 2,000 values. 5,000 calls are 10 KB and would take the compiler long.
    const Code thousand(1'000, kI32);
    const auto with_calls = [&thousand](std::size_t count) {
        TestContract contract;
        const std::uint32_t type = contract.assembler.type(thousand, thousand);
        Code body;
        for (std::uint32_t i = 0; i < 1'000; ++i) body = code(body, op::local_get(i));
        contract.assembler.function(type, code(body, wasm::test::repeated(op::call(12), count), op::end));
        return contract.build();
    };
    auto session = block();

    EXPECT_TRUE(session.deploy(contract_id(9), with_calls(10), {}, {}, kGas).has_value());
    EXPECT_EQ(refusal(with_calls(5'000)), "RuntimeError(module is too complex to be compiled)");
}

TEST_F(Deployments, the_genesis_contracts_are_far_from_too_complex) {
    EXPECT_LT(prepare_contract(genesis_contracts().transfer)->work, 800'000U);
    EXPECT_LT(prepare_contract(genesis_contracts().stake)->work, 800'000U);
}

TEST_F(Deployments, types_of_references_to_host_objects_are_allowed) {
    TestContract contract;
    contract.assembler.table({3}, wasm::test::kExternref);
    contract.function("f", code(op::i32_const(1), op::local_get(1), Code{0x26, 0x00}, op::i32_const(0)),
                      {code(1, wasm::test::kExternref)});
    auto session = block();
    ASSERT_TRUE(session.deploy(contract_id(9), contract.build(), {}, {}, kGas).has_value());

    EXPECT_TRUE(call(session, "f", {}, kGas, 9).has_value());
}

}  // namespace
}  // namespace rues::vm
