#include <gtest/gtest.h>

#include <filesystem>

#include "drivers/codec.hpp"
#include "support/recorded.hpp"
#include "unit/drivers/profiles.hpp"
#include "unit/wire/golden.hpp"

namespace rues::drivers {
namespace {

namespace layouts = wire::layouts;

const Driver& driver(unsigned char number) {
    base::ByteArray<32> id{};
    id[0] = std::byte{number};
    return *driver_of(id);
}
std::string event(unsigned char contract, std::string_view topic, std::string_view golden) {
    const auto json = driver(contract).decode_event(topic, wire::golden::bytes(golden));
    return json ? base::json::print(*json) : "failure: " + json.error().text;
}
std::string with_profiles(std::string text) {
    for (const auto& [mark, key] : {std::pair("\"P0\"", kProfile0), {"\"P1\"", kProfile1}}) {
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) text.replace(at + 1, 2, key);
    }
    return text;
}

// docs/reference/ledger.md 9.2, exact instances, in the JSON of docs/reference/ledger.md 9.3.
TEST(EventForm, events_of_the_reference_have_its_json) {
    EXPECT_EQ(event(1, "moonlight", "01 z7 P0 z216 P1 4d00000000000000 88fdffff00000000 f57f010000000000"),
              with_profiles(
                  R"({"gas_spent":"98293","memo":"","receiver":"P0","refund_info":null,"sender":"P1","value":"77"})"));
    EXPECT_EQ(event(1, "moonlight", "z208 z216 P1 0500000000000000 88fdffff00000000 f57f010000000000"),
              with_profiles(
                  R"({"gas_spent":"98293","memo":"","receiver":null,"refund_info":null,"sender":"P1","value":"5"})"));
    EXPECT_EQ(event(1, "deposit", "01 z7 P1 01 z31 0200000000000000"),
              with_profiles(R"({"receiver":"01)" + std::string(62, '0') + R"(","sender":"P1","value":"2"})"));
    EXPECT_EQ(
        event(2, "stake", "z8 P1 P1 4111a5d4e8000000 z8"),
        with_profiles(R"({"keys":{"account":"P1","owner":{"Account":"P1"}},"locked":"0","value":"1000000000321"})"));
    EXPECT_EQ(
        event(1, "withdraw", "01 z7 P1 z120 02 z31 7b00000000000000"),
        with_profiles(R"({"receiver":{"Moonlight":"P1"},"sender":"02)" + std::string(62, '0') + R"(","value":"123"})"));
    EXPECT_EQ(event(2, "reward", "P1 d204000000000000 00 z7 P0 6300000000000000 03 z7 50feffff02000000"),
              with_profiles(R"([{"account":"P1","reason":"GeneratorFixed","value":"1234"},)"
                            R"({"account":"P0","reason":"Other","value":"99"}])"));
}

// The text is what the published driver gives (docs/reference/machine.md 4); published_driver_test has more of such
// keys.
TEST(EventForm, a_key_that_is_no_point_is_written_as_it_is) {
    EXPECT_EQ(
        event(2, "slash", "z216"),
        R"({"account":"m6P85Y7p6eRvcJjautg8WRs54wQ6zhLDVQ5S1XdQqxF6zD72HMp9W76BYwfPXVwM4fuaUsQqUmDPaB9SEd2JdvzcLkqb)"
        R"(UXUWqVcbYchYUpD4wXbi1TbGE6TvvyZYsufbrJK","next_eligibility":"0","value":"0"})");
}

TEST(EventForm, an_unknown_reason_is_an_error) {
    EXPECT_EQ(event(2, "reward", "P1 z8 04 z7 28ffffff01000000").substr(0, 13), "failure: Rkyv");
}

/// The bytes of the archived sample must decode to the sample.
template <typename T>
void comes_back(const value& sample, const std::string& name) {
    const auto archived = encode<T>(sample);
    ASSERT_TRUE(archived) << name << ": " << archived.error().text;
    const auto again = decode<T>(*archived);
    ASSERT_TRUE(again) << name << ": " << again.error().text;
    EXPECT_EQ(base::json::sorted(*again), base::json::sorted(sample)) << name;
}

TEST(EventForm, published_samples_are_archived_and_decoded_to_the_same) {
    const std::filesystem::path folder = std::filesystem::path(RUES_SHARED_VECTORS) / "events";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no recorded vectors";
    std::size_t seen = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().stem();
        const value sample = recorded::load_file(entry.path());
        const auto is = [&](std::string_view kind) { return name.starts_with(kind); };
        if (is("contract_to_account")) comes_back<layouts::ContractToAccountEvent>(sample, name);
        if (is("contract_to_contract")) comes_back<layouts::ContractToContractEvent>(sample, name);
        if (is("convert")) comes_back<layouts::ConvertEvent>(sample, name);
        if (is("deposit")) comes_back<layouts::DepositEvent>(sample, name);
        if (is("moonlight")) comes_back<layouts::MoonlightEvent>(sample, name);
        if (is("phoenix")) comes_back<layouts::PhoenixEvent>(sample, name);
        if (is("reward")) comes_back<layouts::Reward>(sample, name);
        if (is("slash")) comes_back<layouts::SlashEvent>(sample, name);
        if (is("stake")) comes_back<layouts::StakeEvent>(sample, name);
        if (is("withdraw")) comes_back<layouts::WithdrawEvent>(sample, name);
        ++seen;
    }
    EXPECT_EQ(seen, 19U);
}

// Every contract event of the recorded chain. Facts that the transaction states itself must be in the JSON of its
// event.
TEST(EventForm, every_recorded_event_is_decoded_and_agrees_with_its_transaction) {
    const auto chain = recorded::load("chain.json");
    std::size_t shown = 0;
    std::size_t compared = 0;
    for (const auto& block : chain.at("blocks").as_array()) {
        for (const auto& entry : block.at("contractEvents").as_array()) {
            const auto* data = entry.at("data").if_string();
            const std::string_view source = entry.at("source").as_string();
            if (data == nullptr || source.substr(2) != std::string(62, '0')) continue;
            const std::string topic(entry.at("topic").as_string());
            const auto json = driver(source.starts_with("02") ? 2 : 1).decode_event(topic, recorded::hex(*data));
            ASSERT_TRUE(json) << topic << ": " << json.error().text;
            ++shown;
            if (topic != "moonlight") continue;
            for (const auto& tx : block.at("transactions").as_array()) {
                if (tx.at("id") != entry.at("origin")) continue;
                const auto& said = tx.at("json");
                EXPECT_EQ(json->at("sender"), said.at("sender"));
                EXPECT_EQ(json->at("value").as_string(), std::to_string(said.at("value").to_number<std::uint64_t>()));
                EXPECT_EQ(json->at("gas_spent").as_string(),
                          std::to_string(tx.at("gasSpent").to_number<std::uint64_t>()));
                if (said.at("memo").is_string()) {
                    EXPECT_EQ(json->at("memo"), said.at("memo"));
                }
                ++compared;
            }
        }
    }
    EXPECT_GT(shown, 250U);
    EXPECT_GT(compared, 100U);
}

// Forms that no recording shows: a value that is written and read again is the same.
TEST(InputForm, every_function_encodes_the_json_that_it_decoded) {
    const std::string key = std::string("\"") + kProfile0 + "\"";
    const std::string keys = R"({"account":)" + key + R"(,"owner":{"Contract":")" + std::string(64, 'a') + R"("}})";
    // docs/reference/phoenix-and-plonk.md 1.3: G
    const std::string point(R"(1200000000000000000000000000000000000000000000000000000000000000)");
    const std::string scalar = "\"05" + std::string(62, '0') + "\"";
    const std::string identity = "\"" + std::string(kIdentitySignature) + "\"";
    const std::string signatures = R"({"account":)" + identity + R"(,"owner":)" + identity + "}";
    const auto withdraw = [&](const std::string& receiver, const std::string& signature, const std::string& token) {
        return R"({"contract":")" + std::string(64, 'b') + R"(","receiver":)" + receiver + R"(,"signature":)" +
               signature + R"(,"token":)" + token + R"(,"value":"7"})";
    };
    const std::string to_account =
        withdraw(R"({"Moonlight":)" + key + "}", R"({"Moonlight":)" + identity + "}", R"({"Moonlight":"3"})");
    const std::string to_note = withdraw(
        R"({"Phoenix":"3W3Qo9AmU6nKQtb3nEf1PC5wcA3AciLkRo2QuELx1FnXtYGjcZaSxyPmBoGtk9MGE2hjEjd5GYwbEch6xQj97swC"})",
        R"({"Phoenix":"05)" + std::string(62, '0') + point + "\"}", R"({"Phoenix":[)" + scalar + "]}");
    const std::string call =
        R"({"contract":")" + std::string(64, 'c') + R"(","data":"0102","fn_name":"a_long_name","value":"7"})";
    const std::string short_call =
        R"({"contract":")" + std::string(64, 'c') + R"(","data":"","fn_name":"fn","value":"7"})";
    const std::pair<const char*, std::string> of_transfer[] = {
        {"convert", to_account},
        {"mint", to_note},
        {"withdraw", to_account},
        {"deposit", R"("5")"},
        {"mint_to_contract", call},
        {"contract_to_contract", short_call},
        {"contract_to_account", R"({"account":)" + key + R"(,"value":"9"})"},
        {"root", "null"},
        {"num_notes", "null"},
        {"chain_id", "null"},
        {"account", key},
        {"contract_balance", "\"" + std::string(64, 'd') + "\""},
        {"opening", R"("1")"},
        {"existing_nullifiers", "[" + scalar + "," + scalar + "]"},
        {"leaves_from_height", R"("1")"},
        {"leaves_from_pos", R"("1")"},
        {"sync", R"(["1","2"])"},
        {"sync_nullifiers", R"(["1","2"])"},
        {"sync_contract_balances", R"(["1","2"])"},
        {"sync_accounts", R"(["1","2"])"}};
    const std::pair<const char*, std::string> of_stake[] = {
        {"stake", R"({"chain_id":1,"keys":)" + keys + R"(,"signature":)" + signatures + R"(,"value":"7"})"},
        {"unstake",
         R"({"account":)" + key + R"(,"signature":)" + signatures + R"(,"transfer_withdraw":)" + to_account + "}"},
        {"withdraw",
         R"({"account":)" + key + R"(,"signature":)" + signatures + R"(,"transfer_withdraw":)" + to_note + "}"},
        {"stake_from_contract", R"({"contract":")" + std::string(64, 'c') + R"(","data":"0102","value":"7"})"},
        {"unstake_from_contract", R"({"account":)" + key + R"(,"data":"01","fn_name":"receive_unstake","value":"9"})"},
        {"withdraw_from_contract", R"({"account":)" + key + R"(,"data":"01","fn_name":"f","value":"9"})"},
        {"get_stake", key},
        {"get_stake_keys", key},
        {"burnt_amount", "null"},
        {"get_version", "null"},
        {"get_config", "null"},
        {"stakes", "null"},
        {"prev_state_changes", "null"}};
    const auto comes_back_from = [](const Driver& of, const auto& samples) {
        ASSERT_EQ(std::size(samples), of.functions().size()) << "a sample for each";
        for (const auto& [function, sample] : samples) {
            const auto archived = of.encode_input(function, sample);
            ASSERT_TRUE(archived) << function << ": " << archived.error().text;
            const auto again = of.decode_input(function, *archived);
            ASSERT_TRUE(again) << function << ": " << again.error().text;
            EXPECT_EQ(base::json::print(*again), sample) << function;
        }
    };

    comes_back_from(driver(1), of_transfer);
    comes_back_from(driver(2), of_stake);
}

}  // namespace
}  // namespace rues::drivers
