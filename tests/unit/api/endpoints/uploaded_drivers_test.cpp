// Drivers that owners uploaded, over HTTP. docs/reference/protocol.md 8.4, 8.5; docs/reference/differences.md 1, 35.
#include <future>

#include "unit/api/endpoints/deployed.hpp"

namespace rues::api {
namespace {

using vm::test::code;
namespace op = vm::test::op;

class UploadedDrivers : public test::DeployedTest {};

std::string error_of(const std::string& text) {
    return "{\"error\":" + base::json::print(base::json::value(text)) + "}";
}
const std::string kBegin = "Data driver error: Data-Driver Error: ";

TEST_F(UploadedDrivers, a_driver_is_run_from_its_upload_on) {
    EXPECT_EQ(driver("get_version").body, error_of("Not found: Driver not registered"));
    EXPECT_EQ(driver("get_version").status, 404U);

    uploaded(good_);

    const auto version = driver("get_version");
    EXPECT_EQ(version.status, 200U);
    EXPECT_EQ(version.body, TestDriver::kVersion) << "the driver's own, differences.md 35";
    EXPECT_FALSE(version.headers.contains("content-type"));
    EXPECT_EQ(driver("get_schema").body, R"({"events":[],"functions":[1.5,100.0],"name":"Test"})");
}

TEST_F(UploadedDrivers, what_a_driver_decodes_is_made_anew_as_json_with_sorted_keys) {
    uploaded(good_);
    const std::string given = R"( {"b": 1.50, "a": [1e2, "\u00e9"], "b": null} )";
    for (const auto* method : {"decode_event:echo", "decode_input_fn:echo", "decode_output_fn:echo"}) {
        const auto answer = driver(method, given, kBytes);
        EXPECT_EQ(answer.status, 200U);
        EXPECT_EQ(answer.headers.at("content-type"), "application/json");
        EXPECT_EQ(answer.body, R"({"a":[100.0,"é"],"b":null})");
    }
    std::string deep = std::string(127, '[') + std::string(127, ']');
    EXPECT_EQ(driver("decode_event:echo", deep, kBytes).body, deep);
    deep = "[" + deep + "]";
    EXPECT_EQ(driver("decode_event:echo", deep, kBytes).status, 422U);
}

TEST_F(UploadedDrivers, what_a_driver_encodes_is_given_raw) {
    uploaded(good_);
    EXPECT_EQ(driver("encode_input_fn:echo", R"({"a":1})", kJson).body, base::to_hex(base::view(R"({"a":1})")));
    EXPECT_EQ(driver("encode_input_fn:echo", "0x0001ff", kBytes).body, "0x0001ff");
}

TEST_F(UploadedDrivers, an_error_of_the_driver_is_422_with_its_text) {
    uploaded(good_);
    const auto failed = driver("decode_event:fails");
    EXPECT_EQ(failed.status, 422U);
    EXPECT_EQ(failed.headers.at("rues-error-code"), "driver_error");
    EXPECT_EQ(failed.body, error_of(kBegin + R"x(FfiError("FFI returned 2: Unsupported(\"fn_name é\")"))x"));
    EXPECT_EQ(driver("encode_input_fn:trap").body,
              error_of(kBegin + R"(FfiError("encode_input_fn call failed: the code trapped"))"));
    EXPECT_EQ(driver("decode_event:echo", "{", kBytes).body, error_of(kBegin + R"(Json("incomplete JSON"))"));
    EXPECT_EQ(driver("decode_event:echo", "\xff", kBytes).body,
              error_of(kBegin + R"(Other("the answer is no UTF-8"))"));
}

TEST_F(UploadedDrivers, a_method_that_no_driver_has_is_404) {
    EXPECT_EQ(driver("nothing").body, error_of("Not found: Driver not registered"));
    uploaded(good_);
    EXPECT_EQ(driver("nothing").body, error_of("Not found: Unsupported data driver method nothing"));
    EXPECT_EQ(driver("decode_event").body, error_of("Not found: Unsupported data driver method decode_event"));
    EXPECT_EQ(driver("nothing:x").body, error_of("Not found: Unsupported data driver method nothing"));
}

TEST_F(UploadedDrivers, a_module_that_is_no_driver_is_told_at_its_first_use) {
    uploaded(base::to_bytes("no module"));
    EXPECT_EQ(driver("get_version").status, 422U);
    EXPECT_THAT(
        driver("decode_event:x").body,
        testing::StartsWith(R"({"error":"Data driver error: Data-Driver Error: WasmRuntime(\"Failed to compile)"));
    uploaded(TestDriver().set("alloc", std::nullopt).build());
    EXPECT_EQ(driver("decode_event:x").body,
              error_of(kBegin + R"x(WasmExport("Invalid 'alloc' export: there is no such function"))x"));
}

// docs/reference/machine.md 4
TEST_F(UploadedDrivers, a_schema_that_the_driver_cannot_give_is_empty) {
    TestDriver no_json;
    TestDriver fails;
    for (const auto& module :
         {no_json.set("get_schema", no_json.text("todo", 0)).build(),
          fails.set("get_schema", vm::test::Code{op::unreachable}).build(), base::to_bytes("no module")}) {
        uploaded(module);
        const auto schema = driver("get_schema");
        EXPECT_EQ(schema.status, 200U);
        EXPECT_EQ(schema.body, "");
    }
    uploaded(TestDriver().set("get_schema", code(op::loop(), op::br(0), op::end, op::unreachable)).build());
    EXPECT_EQ(driver("get_schema").status, 422U) << "a limit of this node is told";
}

TEST_F(UploadedDrivers, a_driver_that_is_replaced_is_not_asked_any_more) {
    uploaded(good_);
    EXPECT_EQ(driver("get_version").body, TestDriver::kVersion);
    TestDriver newer;
    uploaded(newer.set("get_version", newer.text("0.3.0", 0)).build());

    EXPECT_EQ(driver("get_version").body, "0.3.0");
    base::Bytes again = good_;
    base::append(again, base::Bytes{std::byte{0}, std::byte{1}, std::byte{0}});  // an empty custom section
    uploaded(again);
    EXPECT_EQ(driver("get_version").body, TestDriver::kVersion);
}

TEST_F(UploadedDrivers, a_driver_that_is_stopped_is_told_and_no_other_notices) {
    ASSERT_EQ(upload(good_, other_).status, 200U);
    uploaded(TestDriver().set("decode_input_fn", code(op::loop(), op::br(0), op::end, op::i32_const(0))).build());

    EXPECT_EQ(driver("decode_input_fn:x").body,
              error_of(kBegin + R"(Limit("decode_input_fn used up the 200000000 gas of a call"))"));
    EXPECT_EQ(driver("decode_event:recurse").status, 422U);
    EXPECT_EQ(driver("decode_event:huge").status, 422U);
    EXPECT_EQ(driver("decode_event:echo", "1", kBytes).body, "1");
    EXPECT_EQ(ask("POST", "/on/driver:" + base::to_hex(other_) + "/get_version").body, TestDriver::kVersion);
}

TEST_F(UploadedDrivers, code_of_others_runs_on_the_pool_of_calls_and_never_on_the_loop) {
    uploaded(good_);
    ASSERT_EQ(driver("get_version").status, 200U);
    const int before = queued_;
    EXPECT_EQ(driver("get_version").status, 200U);
    EXPECT_EQ(queued_, before + 1);
    pool_is_full_ = true;

    for (const auto* method : {"get_version", "get_schema", "decode_event:echo", "encode_input_fn:echo", "nothing"})
        EXPECT_EQ(driver(method).status, 503U) << method;
    EXPECT_EQ(call("echo", "1").status, 503U);
    EXPECT_EQ(driver("get_version").body, error_of("too many calls of contracts wait"));
}

TEST_F(UploadedDrivers, a_compilation_does_not_hold_up_calls_of_other_drivers) {
    uploaded(good_);
    ASSERT_EQ(driver("get_version").status, 200U);
    TestDriver large;
    const auto type = large.assembler.type({}, {});
    for (int i = 0; i < 4'000; ++i) large.assembler.function(type, {op::end});
    const auto module = large.build();
    ASSERT_EQ(upload(module, other_).status, 200U);
    auto compiled = std::async(std::launch::async,
                               [&] { return ask("POST", "/on/driver:" + base::to_hex(other_) + "/get_version"); });

    EXPECT_EQ(driver("get_version").body, TestDriver::kVersion);
    EXPECT_EQ(compiled.wait_for(std::chrono::seconds(0)), std::future_status::timeout);

    EXPECT_EQ(compiled.get().body, TestDriver::kVersion);
}

TEST_F(UploadedDrivers, a_file_that_was_changed_on_the_disk_is_500) {
    uploaded(good_);
    const auto file = folder_.path() / "drivers" / base::to_hex(contract_);
    std::filesystem::resize_file(file, 500);
    end();
    begin();

    EXPECT_EQ(driver("get_version").status, 500U);
    EXPECT_EQ(driver("nothing").status, 500U);
    EXPECT_EQ(call("echo", "1").status, 500U);
    EXPECT_THAT(logged(), testing::HasSubstr("differs from the uploaded driver"));
}

// Subscribers are strangers, and the text names a file.
TEST_F(UploadedDrivers, subscribers_do_not_learn_where_a_driver_is_stored) {
    uploaded(good_);
    std::filesystem::resize_file(folder_.path() / "drivers" / base::to_hex(contract_), 500);
    end();
    begin();
    auto batch =
        store_->commit_mempool({{}, {}, {ledger::contract_event({contract_, "echo", base::to_bytes("1"), {}}, {})}});
    ASSERT_TRUE(batch);
    hub_->appended(std::move(*batch));

    const auto page = ask("GET", "/events/history?decode=json&on=/on/contracts:" + base::to_hex(contract_) + "/echo");

    EXPECT_THAT(page.body, testing::HasSubstr("no; this node could not read the driver"));
    EXPECT_THAT(page.body, testing::Not(testing::HasSubstr(folder_.path().string())));
}

// Signatures are public: strangers could else have all events decoded again and again.
TEST_F(UploadedDrivers, an_upload_of_the_present_driver_drops_no_decoded_event) {
    std::atomic<int> decoded = 0;
    decoder_ = [&](const auto&, auto, auto) -> std::expected<base::json::value, std::string> {
        return base::json::value(++decoded);
    };
    end();
    begin();
    auto batch =
        store_->commit_mempool({{}, {}, {ledger::contract_event({contract_, "echo", base::to_bytes("1"), {}}, {})}});
    ASSERT_TRUE(batch);
    hub_->appended(std::move(*batch));
    const auto path = "/events/history?decode=json&on=/on/contracts:" + base::to_hex(contract_) + "/echo";
    const auto decoded_after = [&] {
        EXPECT_EQ(ask("GET", path).status, 200U);
        return decoded.load();
    };
    EXPECT_EQ(decoded_after(), 1);
    uploaded(good_);
    EXPECT_EQ(decoded_after(), 2);

    uploaded(good_);

    EXPECT_EQ(decoded_after(), 2);
    end();
}

// A driver that is replaced while its request waits for the pool of calls is compiled where compilations belong, too.
TEST_F(UploadedDrivers, a_driver_that_came_meanwhile_is_not_compiled_on_the_pool_of_calls) {
    uploaded(good_);
    TestDriver newer;
    const auto module = newer.set("get_version", newer.text("0.3.0", 0)).build();
    const auto run = [](Tasks tasks) {
        for (auto& task : tasks) task();
    };
    pool_waits_ = true;
    auto answer = std::async(std::launch::async, [&] { return driver("get_version"); });
    run(next_tasks());  // gives the request to the pool of compilations
    auto compiled = next_tasks();
    ASSERT_EQ(compiled.size(), 1U);
    EXPECT_FALSE(node_->drivers().must_compile(contract_));
    const auto signature = owner_.sign(crypto::sha3_256(module)).bytes();
    ASSERT_TRUE(node_->drivers().put(contract_, {signature, module}));
    ASSERT_TRUE(node_->drivers().must_compile(contract_));

    run(std::move(compiled));
    auto again = next_tasks();
    EXPECT_EQ(again.size(), 1U) << "the request was answered without another compilation";
    run(std::move(again));

    EXPECT_EQ(answer.get().body, "0.3.0");
}

// --- metadata (docs/reference/rusk-1.7.md 1.8) ---

TEST_F(UploadedDrivers, a_long_owner_is_told_like_any_other_but_on_the_pool_of_calls) {
    const base::Bytes owner(2'000, std::byte{0xab});
    const auto path = "/on/contract:" + base::to_hex(deploy(3, owner)) + "/metadata";

    const auto answer = ask("POST", path);

    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, R"({"contract_owner":")" + base::to_hex(owner) +
                               R"(","created_at":null,"driver_available":false,"driver_signature":null,"owner":")" +
                               base::to_base58(owner) + "\"}");
    pool_is_full_ = true;
    EXPECT_EQ(ask("POST", path).body, error_of("too many calls of contracts wait"));
    EXPECT_EQ(ask("POST", "/on/contract:" + base::to_hex(contract_) + "/metadata").body,
              error_of("too many queries wait"));
}

// --- JSON calls of contracts (docs/reference/protocol.md 8.4) ---

TEST_F(UploadedDrivers, a_call_in_json_goes_through_the_driver_both_ways) {
    uploaded(good_);
    const auto answer = call("echo", R"({"b":1,"a":2.5})");
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
    EXPECT_EQ(answer.body, R"({"a":2.5,"b":1})");
}

TEST_F(UploadedDrivers, an_argument_that_the_driver_cannot_encode_is_400) {
    EXPECT_EQ(call("echo", "1").body, error_of(R"x(Invalid input: Invalid JSON: Unsupported("fn_name echo"))x"));
    uploaded(good_);
    const auto failed = call("feed", "1");
    EXPECT_EQ(failed.status, 400U);
    EXPECT_EQ(failed.body,
              error_of(R"x(Invalid input: Invalid JSON: FfiError("FFI returned 2: Unsupported(\"fn_name é\")"))x"));
    EXPECT_EQ(call("limit", "1").status, 422U) << "the driver loops for this name: that is no matter of the JSON";
}

TEST_F(UploadedDrivers, a_result_that_the_driver_cannot_decode_is_given_as_bytes) {
    uploaded(TestDriver().set("decode_output_fn", op::i32_const(2)).build());
    const auto answer = call("echo", R"("ab")");
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, base::to_hex(base::view(R"("ab")")));
}

TEST_F(UploadedDrivers, items_of_a_feeder_are_decoded_and_null_where_they_cannot_be) {
    TestDriver seven;
    seven.set("encode_input_fn", TestDriver::written(op::local_get(2), op::local_get(3), 4));
    seven.set("decode_output_fn", seven.text("7.0", 4));
    const auto fed = [&](const base::Bytes& module) {
        uploaded(module);
        net::test::Client client(server_->port());
        client.send("POST /on/contracts:" + base::to_hex(contract_) +
                    "/feed HTTP/1.1\r\nHost: x\r\nRusk-Feeder: 1\r\n" + kJson + "Content-Length: 4\r\n\r\n" +
                    std::string("\3\0\0\0", 4));
        EXPECT_EQ(client.read_answer().status, 200U);
        return client.read_chunks();
    };

    EXPECT_EQ(fed(seven.build()), "[7.0,7.0,7.0]");
    TestDriver failing;
    failing.set("encode_input_fn", TestDriver::written(op::local_get(2), op::local_get(3), 4));
    failing.set("decode_output_fn", op::i32_const(2));
    EXPECT_EQ(fed(failing.build()), "[null,null,null]");
}

}  // namespace
}  // namespace rues::api
