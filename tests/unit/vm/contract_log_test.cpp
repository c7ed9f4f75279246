// Contracts that log, which only some machines allow. docs/reference/machine.md 1.1, 1.2.
#include "unit/vm/fixture.hpp"
#include "vm/compiled.hpp"

namespace rues::vm {
namespace {

using namespace test;

Machine& logging_machine() {
    static const HostQueries queries;
    static const auto made = Machine::create({.contract_log = true}, queries).value();
    return *made;
}

class ContractLogs : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(session_.deploy(contract_id(1), logging_contract().build(), {}, {}, kGas));
        ASSERT_TRUE(session_.deploy(contract_id(2), logging_contract().build(), {}, {}, kGas));
        listen();
    }
    void listen() {
        session_.contract_lines([this](const ContractId& contract, std::string_view line) {
            lines_.emplace_back(contract == contract_id(1) ? "1" : "2");
            lines_.back() += " " + std::string(line);
        });
    }
    std::expected<Receipt, Failure> call(std::string_view function, ByteView argument, std::uint64_t gas = kGas) {
        return session_.call(contract_id(1), function, argument, gas);
    }

    Session session_ = Session::of_block(logging_machine(), State::empty(), {});
    std::vector<std::string> lines_;
};

TEST_F(ContractLogs, a_line_has_its_contract_and_comes_also_out_of_a_call_that_fails) {
    EXPECT_TRUE(call("log", bytes("hello")));
    EXPECT_FALSE(call("log_and_panic", bytes("oh no")));
    EXPECT_TRUE(call("call_log", contract_id(2)));

    EXPECT_EQ(lines_, (std::vector<std::string>{"1 hello", "1 oh no", "2 \x02"}));
}

// The reference says that imports cost the operator that calls them, and gives `hdebug` no price.
TEST_F(ContractLogs, a_line_costs_no_gas_beyond_its_call) {
    const auto one = call("log_many", words({1}));
    const auto two = call("log_many", words({2}));
    const auto long_line = call("log", Bytes(1'000, std::byte{'a'}));
    const auto short_line = call("log", bytes("a"));

    EXPECT_EQ(two->gas_spent - one->gas_spent, 7U) << "an iteration of the loop";
    EXPECT_EQ(long_line->gas_spent, short_line->gas_spent);
}

TEST_F(ContractLogs, who_listens_makes_no_difference_to_contracts) {
    const auto heard = call("log_many", words({3}));
    session_.contract_lines({});
    const auto unheard = call("log_many", words({3}));

    EXPECT_EQ(lines_.size(), 3U);
    EXPECT_EQ(heard->gas_spent, unheard->gas_spent);
}

TEST_F(ContractLogs, a_line_that_is_not_utf8_or_beyond_the_buffer_is_a_trap) {
    const auto not_text = call("log", bytes("\xff"));
    const auto too_long = call("log_beyond", {});

    ASSERT_FALSE(not_text);
    EXPECT_EQ(not_text.error().text, "a line for the log is not UTF-8");
    ASSERT_FALSE(too_long);
    EXPECT_EQ(too_long.error().text, "a pointer or a length is outside the memory");
    EXPECT_TRUE(lines_.empty());
}

TEST(ContractLogsOff, a_module_that_logs_is_refused_as_on_the_node) {
    auto session = Session::of_block(machine(), State::empty(), {});

    const auto refused = session.deploy(contract_id(1), logging_contract().build(), {}, {}, kGas);

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().debug, "InvalidFunction(\"hdebug\")");
    EXPECT_FALSE(prepare_contract(logging_contract().build()));
}

TEST(ContractLogsOn, an_import_of_another_type_is_refused) {
    Assembler module;
    const auto type = module.type({}, {});
    const auto entry = module.type({wasm::test::kI32}, {wasm::test::kI32});
    module.import_function("hdebug", type);
    module.memory({3});
    module.export_memory("memory");
    module.export_global("A", module.global(wasm::test::kI32, false, op::i32_const(65'536)));
    module.export_function("f", 1 + module.function(entry, code(op::i32_const(0), op::end)));
    auto session = Session::of_block(logging_machine(), State::empty(), {});

    const auto refused = session.deploy(contract_id(1), module.build(), {}, {}, kGas);

    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().debug.starts_with("RuntimeError(")) << refused.error().debug;
}

}  // namespace
}  // namespace rues::vm
