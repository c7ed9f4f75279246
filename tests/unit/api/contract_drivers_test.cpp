#include "api/contract_drivers.hpp"

#include "unit/api/endpoints/deployed.hpp"

namespace rues::api {
namespace {

using vm::test::code;
namespace op = vm::test::op;
using Kind = ContractDrivers::Failure::Kind;

class ContractDriversTest : public test::DeployedTest {
protected:
    ContractDrivers& drivers() { return node_->drivers(); }
    Kind kind(std::string_view topic, std::string_view data = {}) {
        const auto result = drivers().decode_event(contract_, topic, base::view(data));
        EXPECT_FALSE(result);
        return result ? Kind::none : result.error().kind;
    }
};

TEST_F(ContractDriversTest, genesis_contracts_have_drivers_of_the_program) {
    const auto& id = ledger::kTransferContract;
    EXPECT_EQ(drivers().version(id), "0.1.0");
    EXPECT_THAT(drivers().schema(id).value(), testing::StartsWith(R"({"name":"TransferContract","imports":[])"));
    EXPECT_EQ(drivers().encode_input(id, "deposit", "5"), base::Bytes({std::byte{5}, {}, {}, {}, {}, {}, {}, {}}));
    const base::Bytes five = drivers().encode_input(id, "deposit", "5").value();
    EXPECT_EQ(drivers().decode_input(id, "deposit", five), "5");
    EXPECT_EQ(drivers().decode_output(id, "num_notes", five), "5");
    EXPECT_EQ(drivers().decode_event(id, "nothing", {}).error().kind, Kind::driver);
    EXPECT_FALSE(drivers().must_compile(id));
}

// Uploads are possible, but the node decodes its own contracts itself.
TEST_F(ContractDriversTest, an_upload_does_not_replace_the_driver_of_a_genesis_contract) {
    genesis_.owner = owner_.public_key();
    begin_anew();
    ASSERT_EQ(upload(good_, ledger::kTransferContract).status, 200U);
    EXPECT_EQ(drivers().version(ledger::kTransferContract), "0.1.0");
}

TEST_F(ContractDriversTest, failures_are_told_apart) {
    EXPECT_EQ(kind("echo"), Kind::none);
    uploaded(good_);
    EXPECT_EQ(kind("fails"), Kind::driver);
    EXPECT_EQ(kind("trap"), Kind::driver);
    EXPECT_EQ(kind("echo", "no json"), Kind::driver);
    EXPECT_EQ(kind("loop"), Kind::limit);
    EXPECT_EQ(kind("grow", std::string_view("\0\x10\0\0", 4)), Kind::limit);
    EXPECT_EQ(drivers().decode_event(contract_, "echo", base::view("[1]")).value(), base::json::array{1});
    std::filesystem::resize_file(folder_.path() / "drivers" / base::to_hex(contract_), 100);
    end();
    begin();
    EXPECT_EQ(kind("echo"), Kind::node);
}

TEST_F(ContractDriversTest, the_reason_in_an_event_tells_nothing_of_this_node) {
    EXPECT_EQ(ContractDrivers::reason_of({Kind::none, "Driver not registered"}), "no driver");
    EXPECT_EQ(ContractDrivers::reason_of({Kind::driver, "Unsupported(\"x\")"}), "Unsupported(\"x\")");
    EXPECT_EQ(ContractDrivers::reason_of({Kind::node, "/var/lib/rues/drivers/aa: Input/output error"}),
              "this node could not read the driver");
}

TEST_F(ContractDriversTest, a_contract_that_does_not_exist_has_no_driver) {
    EXPECT_EQ(drivers().version({}).error().kind, Kind::none);
    EXPECT_EQ(drivers().file({}), nullptr);
}

/// A driver whose events take for ever and cost little gas: copying 8 MiB costs no more than adding two numbers.
base::Bytes slow_driver() {
    const auto copy =
        code(op::i32_const(1 << 20), op::i32_const(9 << 20), op::i32_const(8 << 20), vm::test::op32::memory_copy);
    return vm::test::TestDriver()
        .memory(512)
        .set("decode_event", code(op::loop(), copy, op::br(0), op::end, op::i32_const(0)))
        .build();
}

TEST_F(ContractDriversTest, code_that_takes_too_long_is_stopped_by_the_clock) {
    uploaded(slow_driver());
    const auto begun = std::chrono::steady_clock::now();

    const auto result = drivers().decode_event(contract_, "x", {});

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().text, R"(Limit("decode_event took too long"))");
    EXPECT_EQ(result.error().kind, Kind::limit);
    EXPECT_GE(std::chrono::steady_clock::now() - begun, ContractDrivers::kCallTime);
}

TEST_F(ContractDriversTest, a_node_that_stops_does_not_wait_for_the_time_of_a_call) {
    uploaded(slow_driver());
    drivers().compile(contract_);
    drivers().end();
    const auto begun = std::chrono::steady_clock::now();

    EXPECT_EQ(kind("x"), Kind::limit);

    EXPECT_LT(std::chrono::steady_clock::now() - begun, ContractDrivers::kCallTime);
}

TEST_F(ContractDriversTest, a_driver_is_compiled_once_and_on_demand) {
    EXPECT_FALSE(drivers().must_compile(contract_)) << "there is none";
    uploaded(good_);
    EXPECT_TRUE(drivers().must_compile(contract_));
    drivers().compile(contract_);
    EXPECT_FALSE(drivers().must_compile(contract_));
    ASSERT_EQ(upload(good_, other_).status, 200U);
    EXPECT_FALSE(drivers().must_compile(other_)) << "it is the same module";
}

// The signature is checked when the file is read: a later change of the file does not show.
TEST_F(ContractDriversTest, a_file_is_read_once) {
    uploaded(good_);
    end();
    begin();
    const auto first = drivers().file(contract_).value();
    std::filesystem::remove(folder_.path() / "drivers" / base::to_hex(contract_));

    EXPECT_EQ(drivers().file(contract_).value(), first);
    EXPECT_EQ(first->hash, crypto::blake3(good_));
}

}  // namespace
}  // namespace rues::api
