#include "drivers/driver.hpp"

#include <gtest/gtest.h>

#include "support/recorded.hpp"

namespace rues::drivers {
namespace {

using base::json::value;

constexpr base::ByteArray<32> contract(unsigned char number) {
    base::ByteArray<32> id{};
    id[0] = std::byte{number};
    return id;
}
const Driver& transfer() {
    return *driver_of(contract(1));
}
const Driver& stake() {
    return *driver_of(contract(2));
}
std::string text(const Result<value>& of) {
    return of ? base::json::print(*of) : "failure: " + of.error().text;
}
std::string hex(const Result<Bytes>& of) {
    return of ? base::to_hex(*of) : "failure: " + of.error().text;
}
Bytes bytes(std::string_view hex_digits) {
    return *base::from_hex(hex_digits);
}

// The rows driver-* and call-* of tests/data/rusk-1.7/http.json.
TEST(Driver, answers_as_the_recorded_driver_did) {
    const std::string_view account =
        R"("ocXXBAafr7xFqQTpC1vfdSYdHMXerbPCED2apyUVpLjkuycsizDxwA6b9D7UW91kG58PFKqm9U9NmY9VSwufUFL5rVRSnFSYxbiKK658TF6XjHsHGBzavFJcxAzjjBRM4eF")";

    EXPECT_EQ(text(transfer().decode_output("num_notes", bytes("0000000000000000"))), R"("0")");
    EXPECT_EQ(text(transfer().decode_output("account", bytes(std::string(32, '0')))), R"({"balance":"0","nonce":"0"})");
    EXPECT_EQ(text(transfer().decode_output("root",
                                            bytes("f00d8af4e59fcbb2071ef7b6f2814f36f587aa3dae8bfaeedeb3450d43719b3e"))),
              R"("653e898735a4a4976df94053e59c7b0869c3e328a8fb9d1d6b93ff2a0667ea0a")");
    EXPECT_EQ(text(transfer().decode_output("chain_id", bytes("00"))), "0");
    EXPECT_EQ(hex(transfer().encode_input("chain_id", "null")), "");
    EXPECT_TRUE(hex(transfer().encode_input("account", account)).starts_with("a70c3b640848445d3ab9553aa9b1c338"));
    EXPECT_EQ(text(transfer().decode_input("account", *transfer().encode_input("account", account))), account);
    EXPECT_EQ(text(stake().decode_output("get_stake", bytes(std::string(112, '0')))), "null");
    EXPECT_EQ(hex(transfer().encode_input("nothing", "null")), R"(failure: Unsupported("fn_name nothing"))");
    EXPECT_EQ(text(transfer().decode_event("nothing", {})), R"(failure: Unsupported("event nothing"))");
    EXPECT_EQ(hex(transfer().encode_input("account", R"("x")")), R"(failure: Json("invalid length 1, expected 96"))");
    EXPECT_EQ(hex(transfer().encode_input("opening", "null")), R"(failure: Json("invalid type: null, expected u64"))");
    EXPECT_EQ(hex(transfer().encode_input("sync_accounts", "null")),
              R"(failure: Json("invalid type: null, expected a tuple of size 2"))");
}

// docs/reference/ledger.md 8.5, 8.6
TEST(Driver, values_of_the_stake_contract_have_the_json_of_the_reference) {
    EXPECT_EQ(text(stake().decode_output("get_version", bytes("0800000000000000"))), R"("8")");
    EXPECT_EQ(text(stake().decode_output("get_config", bytes("0010a5d4e80000000100000000000000"))),
              R"({"minimum_stake":"1000000000000","warnings":1})");
    EXPECT_EQ(
        text(stake().decode_output(
            "get_stake",
            bytes("010000000000000001000000000000004111a5d4e80000000000000000000000e01000000000000000000000000"
                  "000000000000000000000"))),
        R"({"amount":{"eligibility":"4320","locked":"0","value":"1000000000321"},"faults":0,"hard_faults":0,"reward":"0"})");
    EXPECT_EQ(hex(stake().encode_input("get_version", R"({"ignored":1})")), "");
    EXPECT_EQ(hex(transfer().encode_input("num_notes", "1")),
              R"(failure: Json("invalid type: integer, expected unit"))");
}

TEST(Driver, numbers_may_be_quoted_or_not_and_pairs_are_arrays) {
    EXPECT_EQ(hex(transfer().encode_input("deposit", "5")), "0500000000000000");
    EXPECT_EQ(hex(transfer().encode_input("deposit", R"("5")")), "0500000000000000");
    EXPECT_EQ(hex(transfer().encode_input("deposit", R"("18446744073709551615")")), "ffffffffffffffff");
    EXPECT_EQ(hex(transfer().encode_input("sync", R"(["0","5"])")), "00000000000000000500000000000000");
    for (const auto* wrong : {"-1", "1.5", R"("x")", "18446744073709551616", "{}", "[]", "", "5 5"})
        EXPECT_FALSE(transfer().encode_input("deposit", wrong)) << wrong;
}

TEST(Driver, an_unsupported_function_fails_in_the_drivers_words) {
    EXPECT_EQ(text(transfer().decode_output("opening", {})), R"(failure: Unsupported("opening not supported"))");
    for (const auto* function : {"leaves_from_height", "leaves_from_pos", "sync"})
        EXPECT_EQ(text(transfer().decode_output(function, {})), R"(failure: Unsupported("unsupported"))");
}

// docs/reference/ledger.md 8.4: decoding the concatenated items of a feeder gives the last one.
TEST(Driver, decoding_a_feeder_gives_its_last_item) {
    const auto items =
        bytes(std::string(64, '0') + "0100000000000000" + "02" + std::string(62, '0') + "00204aa9d1010000");

    EXPECT_EQ(text(transfer().decode_output("sync_contract_balances", items)),
              "[\"02" + std::string(62, '0') + "\",\"2000000000000\"]");
}

TEST(Driver, the_schema_is_the_recorded_one) {
    const auto rows = recorded::load("http.json");
    for (const auto& row : rows.as_array()) {
        if (row.at("name") != "driver-get_schema") continue;
        EXPECT_EQ(transfer().schema(), row.at("answer").at("body").at("text").as_string());
        // docs/reference/rusk-1.7.md 9: thirteen functions, six events.
        EXPECT_EQ(stake().functions().size(), 13U);
        EXPECT_EQ(stake().events().size(), 6U);
        EXPECT_TRUE(
            stake().schema().starts_with(R"({"name":"StakeContract","imports":[],"functions":[{"name":"stake",)"));
        return;
    }
    FAIL() << "the row is gone";
}

// docs/reference/ledger.md 8.3: an argument has at most 64 KiB.
TEST(Driver, input_over_the_size_limit_is_refused_before_it_is_read) {
    const Bytes list(kMaxArchived);
    Bytes longer = list;
    longer.push_back(std::byte{0});

    EXPECT_NE(text(transfer().decode_input("existing_nullifiers", longer)),
              text(transfer().decode_input("existing_nullifiers", list)));
    EXPECT_EQ(text(stake().decode_event("reward", longer)), R"x(failure: Rkyv("more than 65536 bytes"))x");
    EXPECT_EQ(hex(transfer().encode_input("deposit", std::string(kMaxJson - 1, ' ') + "5")), "0500000000000000");
    EXPECT_EQ(hex(transfer().encode_input("deposit", std::string(kMaxJson, ' ') + "5")),
              R"x(failure: Json("more than 262144 bytes"))x");
}

TEST(Driver, only_the_genesis_contracts_have_a_driver) {
    EXPECT_EQ(driver_of(contract(3)), nullptr);
    EXPECT_EQ(driver_of({}), nullptr);
}

TEST(Driver, bytes_of_any_length_never_crash_a_decoder) {
    for (const Driver* driver : {&transfer(), &stake()}) {
        for (const auto& function : driver->functions()) {
            for (std::size_t size = 0; size < 1'100; size += 4) {
                const Bytes zeros(size);
                const Bytes ones(size, std::byte{0xff});
                for (const auto& input : {zeros, ones}) {
                    (void)driver->decode_input(function.name, input);
                    (void)driver->decode_output(function.name, input);
                }
            }
        }
        for (const auto& event : driver->events()) {
            const auto nothing = driver->decode_event(event.topic, {});
            EXPECT_FALSE(nothing) << event.topic;
        }
    }
}

}  // namespace
}  // namespace rues::drivers
