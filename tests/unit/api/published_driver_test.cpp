// The published driver of the stake contract (crate dusk-data-driver, MPL-2.0), run as an upload, says what the driver
// of the program says, which was written from the reference.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "crypto/hash.hpp"
#include "crypto/keys.hpp"
#include "drivers/driver.hpp"
#include "ledger/genesis.hpp"
#include "support/recorded.hpp"
#include "vm/driver/drivers.hpp"
#include "vm/host_functions.hpp"

namespace rues::api {
namespace {

using vm::DriverFunction;

class PublishedDriver : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        engine_ = vm::Engine::create({vm::host_functions32(), vm::host_functions64(), false}).value();
        drivers_ = std::make_unique<vm::Drivers>(*engine_);
        const base::Bytes file = base::to_bytes(recorded::read_file(RUES_STAKE_DRIVER));
        module_ = drivers_->load({file, crypto::blake3(file)}, {}).value();
    }
    static void TearDownTestSuite() {
        module_.reset();
        drivers_.reset();
        engine_.reset();
    }

    static vm::DriverResult<base::Bytes> ask(DriverFunction function, std::string_view name = {},
                                             base::ByteView data = {}) {
        return drivers_->call(module_, {function, name, data}, {});
    }
    /// JSON with sorted keys, or the driver's own error.
    static std::string decoded(DriverFunction function, std::string_view name, base::ByteView data) {
        const auto answer = ask(function, name, data);
        if (!answer) return answer.error().text;
        return base::json::print(base::json::sorted(boost::json::parse(base::text(*answer))));
    }
    static std::string text(const drivers::Result<base::json::value>& of) {
        return of ? base::json::print(*of) : "failure: " + of.error().text;
    }
    static const drivers::Driver& own() { return *drivers::driver_of(ledger::kStakeContract); }

    inline static std::unique_ptr<vm::Engine> engine_;
    inline static std::unique_ptr<vm::Drivers> drivers_;
    inline static vm::Drivers::ModulePtr module_;
};

TEST_F(PublishedDriver, every_recorded_event_of_the_stake_contract_is_decoded_alike) {
    const auto chain = recorded::load("chain.json");
    const auto stake = base::to_hex(ledger::kStakeContract);
    std::map<std::string, int> compared;
    for (const auto& block : chain.at("blocks").as_array()) {
        const auto* events = block.as_object().if_contains("contractEvents");
        if (events == nullptr) continue;
        for (const auto& event : events->as_array()) {
            // Some data are abbreviated, see the README of the recordings.
            if (event.at("source") != boost::json::string_view(stake) || !event.at("data").is_string()) continue;
            const std::string topic(event.at("topic").as_string());
            const auto data = recorded::hex(event.at("data"));
            ASSERT_EQ(decoded(DriverFunction::decode_event, topic, data), text(own().decode_event(topic, data)));
            ++compared[topic];
        }
    }
    EXPECT_THAT(compared, testing::SizeIs(4U)) << "reward, stake, unstake, withdraw";
}

TEST_F(PublishedDriver, keys_that_are_no_points_are_written_alike) {
    constexpr std::string_view kModulus =
        "abaafffffffffeb9ffff53b1feffab1e24f6b0f6a0d23067bf1285f3844b7764d7ac4b43b6a71b4b9ae67f39ea11011a";
    const auto key = crypto::account_key(ledger::local_chain_seed(), 0).public_key().raw();
    std::vector<base::Bytes> events(7, base::Bytes(216));
    for (std::size_t i = 1; i < events.size(); ++i) std::ranges::copy(key, events[i].begin());
    events[2][0] ^= std::byte{1};                                      // not on the curve
    std::ranges::fill_n(events[3].begin(), 48, std::byte{0xff});       // x is not reduced
    std::ranges::fill_n(events[4].begin() + 96, 96, std::byte{0xff});  // nor is y
    std::ranges::copy(*base::from_hex(kModulus), events[5].begin());   // a part of x is zero in its other form
    events[6][192] = std::byte{1};                                     // the identity, whatever the coordinates are
    std::set<std::string> accounts;

    for (const auto& event : events) {
        const std::string own_text = text(own().decode_event("slash", event));
        EXPECT_EQ(decoded(DriverFunction::decode_event, "slash", event), own_text);
        accounts.insert(own_text);
    }
    EXPECT_GE(accounts.size(), events.size() - 1) << "y counts by its sign only";
}

TEST_F(PublishedDriver, arguments_and_results_are_converted_alike) {
    const auto key = crypto::account_key(ledger::local_chain_seed(), 0).public_key();
    const std::string account = "\"" + base::to_base58(key.bytes()) + "\"";

    const auto argument = ask(DriverFunction::encode_input, "get_stake", base::view(account)).value();
    EXPECT_EQ(argument, own().encode_input("get_stake", account).value());
    EXPECT_EQ(decoded(DriverFunction::decode_input, "get_stake", argument), account);
    const auto stake = *base::from_hex(
        "010000000000000001000000000000004111a5d4e80000000000000000000000e010000000000000"
        "00000000000000000000000000000000");
    EXPECT_EQ(decoded(DriverFunction::decode_output, "get_stake", stake),
              text(own().decode_output("get_stake", stake)));
    EXPECT_EQ(ask(DriverFunction::get_version), base::to_bytes("0.1.0"));
}

TEST_F(PublishedDriver, its_errors_have_the_recorded_form) {
    EXPECT_EQ(ask(DriverFunction::encode_input, "nothing", base::view("null")).error().text,
              R"x(FfiError("FFI returned 2: Unsupported(\"fn_name nothing\")"))x");
    EXPECT_THAT(ask(DriverFunction::decode_event, "reward", base::view("x")).error().text,
                testing::StartsWith(R"(FfiError("FFI returned 2: Rkyv(\")"));
}

// Its schema traps, and the next call has a new instance.
TEST_F(PublishedDriver, a_trap_does_not_end_it) {
    EXPECT_EQ(ask(DriverFunction::get_schema).error().text, R"(FfiError("get_schema call failed: the code trapped"))");
    EXPECT_EQ(ask(DriverFunction::get_version), base::to_bytes("0.1.0"));
}

}  // namespace
}  // namespace rues::api
