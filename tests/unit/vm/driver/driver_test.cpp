// What a data driver must be, and what its functions answer. docs/reference/machine.md 4.
#include "unit/vm/driver/fixture.hpp"

namespace rues::vm {
namespace {

using namespace test;

class Driver : public DriverTest {};

TEST_F(Driver, each_function_has_an_export_of_its_own) {
    TestDriver driver;
    for (const auto* name : {"encode_input_fn", "decode_input_fn", "decode_output_fn", "decode_event"})
        driver.set(name, driver.text(name, 4));
    const Bytes module = driver.build();

    EXPECT_EQ(text(call(module, {DriverFunction::encode_input, "x", {}})), "encode_input_fn");
    EXPECT_EQ(text(call(module, {DriverFunction::decode_input, "x", {}})), "decode_input_fn");
    EXPECT_EQ(text(call(module, {DriverFunction::decode_output, "x", {}})), "decode_output_fn");
    EXPECT_EQ(text(call(module, {DriverFunction::decode_event, "x", {}})), "decode_event");
    EXPECT_EQ(text(call(module, {.function = DriverFunction::get_schema})), TestDriver::kSchema);
    EXPECT_EQ(text(call(module, {.function = DriverFunction::get_version})), TestDriver::kVersion);
}

TEST_F(Driver, data_go_in_and_come_out_whole) {
    EXPECT_EQ(text(encode(good_, "echo", "")), "");
    EXPECT_EQ(text(encode(good_, "echo", std::string_view("a\0b", 3))), std::string("a\0b", 3));
    const std::string longest(65'532, 'x');
    EXPECT_EQ(text(encode(good_, "echo", longest)), longest);
}

TEST_F(Driver, an_error_has_the_code_and_the_text_of_the_driver) {
    EXPECT_EQ(text(encode(good_, "fails")), R"x(driver: FfiError("FFI returned 2: Unsupported(\"fn_name é\")"))x");
}

TEST_F(Driver, a_text_of_an_error_that_cannot_be_read_is_empty) {
    const std::string none = R"(driver: FfiError("FFI returned 2: "))";
    const auto with = [&](const Code& body) {
        return text(encode(TestDriver().set("get_last_error", body).build(), "f"));
    };
    TestDriver not_utf8;
    TestDriver longest;
    TestDriver too_long;

    EXPECT_EQ(with({op::unreachable}), none);
    EXPECT_EQ(with(op::i32_const(4)), none) << "the buffer is too small";
    EXPECT_EQ(with(code(op::loop(), op::br(0), op::end, op::i32_const(0))), none) << "it uses up the gas";
    EXPECT_EQ(text(encode(not_utf8.set("get_last_error", not_utf8.text("\xff", 0)).build(), "f")), none);
    EXPECT_EQ(text(encode(longest.set("get_last_error", longest.text(std::string(1'020, 'e'), 0)).build(), "f")),
              "driver: FfiError(\"FFI returned 2: " + std::string(1'020, 'e') + "\")");
    EXPECT_EQ(text(encode(too_long.set("get_last_error", too_long.text(std::string(1'021, 'e'), 0)).build(), "f")),
              none);
}

TEST_F(Driver, init_runs_once_before_the_first_call) {
    TestDriver driver;
    const auto global = driver.assembler.global(wasm::test::kI32, true, op::i32_const('0'));
    driver.set("init", code(op::global_get(global), op::i32_const(1), op::i32_add, op::global_set(global)));
    driver.set("get_version", code(op::i32_const(512), op::global_get(global), op32::store(),
                                   TestDriver::written(op::i32_const(512), op::i32_const(1), 0)));
    const Bytes module = driver.build();

    EXPECT_EQ(text(call(module, {.function = DriverFunction::get_version})), "1");
    EXPECT_EQ(text(call(module, {.function = DriverFunction::get_version})), "1");
}

TEST_F(Driver, bytes_that_are_no_module_do_not_compile) {
    EXPECT_THAT(text(encode(base::to_bytes("other"), "e")),
                testing::StartsWith(R"(driver: WasmRuntime("Failed to compile WASM: )"));
    // Well formed, but of a wrong type: only the engine sees that.
    EXPECT_THAT(text(encode(TestDriver().set("init", op::i32_const(1)).build(), "e")),
                testing::StartsWith(R"(driver: WasmRuntime("Failed to compile WASM: )"));
}

TEST_F(Driver, imports_are_refused) {
    TestDriver driver;
    wasm::test::Assembler with_import;
    with_import.import_function("log", with_import.type({}, {}));

    EXPECT_EQ(text(encode(with_import.build(), "e")),
              R"(driver: WasmRuntime("Failed to instantiate WASM: expected 1 imports, found 0"))");
}

TEST_F(Driver, a_64_bit_memory_is_refused) {
    wasm::test::Assembler assembler;
    assembler.memory({1}, true);
    assembler.export_memory("memory");

    EXPECT_EQ(text(encode(assembler.build(), "e")),
              R"(driver: WasmRuntime("Failed to compile WASM: a driver has a 32-bit memory"))");
}

TEST_F(Driver, a_memory_that_is_not_exported_as_memory_is_refused) {
    const std::string missing = R"(driver: WasmExport("Missing 'memory' export"))";
    EXPECT_EQ(text(encode(TestDriver().memory(2, "mem").build(), "e")), missing);
    EXPECT_EQ(text(encode(TestDriver().memory(2, "").build(), "e")), missing);
    EXPECT_EQ(text(encode(wasm::test::Assembler().build(), "e")), missing);
    TestDriver second_name;
    second_name.assembler.export_memory("first");
    EXPECT_EQ(text(encode(second_name.build(), "echo", "x")), "x");
}

TEST_F(Driver, every_export_must_be_there_and_have_its_type) {
    for (const auto* name : {"alloc", "dealloc", "encode_input_fn", "decode_input_fn", "decode_output_fn",
                             "decode_event", "get_schema", "get_version", "get_last_error", "init"}) {
        const std::string begin = std::string("driver: WasmExport(\"Invalid '") + name + "' export: ";
        EXPECT_EQ(text(encode(TestDriver().set(name, std::nullopt).build(), "e")),
                  begin + "there is no such function\")");
        for (const auto type : {wasm::test::kI64, wasm::test::kF32, wasm::test::kV128, wasm::test::kExternref})
            EXPECT_EQ(text(encode(TestDriver().set_mistyped(name, {type}).build(), "e")),
                      begin + "it has another type\")");
    }
}

TEST_F(Driver, a_start_function_runs_within_the_gas_of_a_call) {
    TestDriver good;
    const auto global = good.assembler.global(wasm::test::kI32, true, op::i32_const('0'));
    const auto nothing = good.assembler.type({}, {});
    good.assembler.start(good.assembler.function(nothing, code(op::i32_const('7'), op::global_set(global), op::end)));
    good.set("get_version", code(op::i32_const(512), op::global_get(global), op32::store(),
                                 TestDriver::written(op::i32_const(512), op::i32_const(1), 0)));
    TestDriver endless;
    endless.assembler.start(
        endless.assembler.function(endless.assembler.type({}, {}), code(op::loop(), op::br(0), op::end, op::end)));

    EXPECT_EQ(text(call(good.build(), {.function = DriverFunction::get_version})), "7");
    EXPECT_THAT(text(encode(endless.build(), "e")),
                testing::StartsWith(R"(driver: WasmRuntime("Failed to instantiate WASM: )"));
}

}  // namespace
}  // namespace rues::vm
