#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/encoding.hpp"
#include "wire/layouts.hpp"

namespace rues::wire::layouts {
namespace {

namespace json = boost::json;

/// Reads `bytes` as `T` and archives it again: the bytes must be the same.
template <typename T>
bool round_trips(const base::Bytes& bytes) {
    const auto value = rkyv::unarchive<T>(bytes);
    return value && rkyv::archive(*value) == bytes;
}

bool is_understood(bool stake_contract, std::string_view topic, const base::Bytes& bytes) {
    if (topic == "reward") return round_trips<RewardEvent>(bytes);
    if (topic == "moonlight") return round_trips<MoonlightEvent>(bytes);
    if (topic == "deposit") return round_trips<DepositEvent>(bytes);
    if (topic == "convert") return round_trips<ConvertEvent>(bytes);
    if (topic == "contract_to_contract" || topic == "mint_c") return round_trips<ContractToContractEvent>(bytes);
    if (topic == "contract_to_account") return round_trips<ContractToAccountEvent>(bytes);
    if (topic == "slash" || topic == "hard_slash") return round_trips<SlashEvent>(bytes);
    if (stake_contract) return round_trips<StakeEvent>(bytes);
    return round_trips<WithdrawEvent>(bytes);
}

// tests/data/rusk-1.7/chain.json: every contract event of chain A whose data is recorded in full
TEST(RecordedEvents, every_event_of_the_genesis_contracts_is_read_and_archived_to_the_same_bytes) {
    const auto path = std::filesystem::path(RUES_SHARED_VECTORS) / "rusk-1.7/chain.json";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "no recorded vectors";
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    const auto chain = json::parse(text.str());

    std::size_t seen = 0;
    for (const auto& block : chain.at("blocks").as_array()) {
        for (const auto& event : block.at("contractEvents").as_array()) {
            const auto* data = event.at("data").if_string();
            const std::string_view source = event.at("source").as_string();
            if (data == nullptr || source.substr(2) != std::string(62, '0')) continue;
            const std::string_view topic = event.at("topic").as_string();
            EXPECT_TRUE(is_understood(source.starts_with("02"), topic, base::from_hex(*data).value())) << topic;
            ++seen;
        }
    }
    EXPECT_GT(seen, 300U);
}

}  // namespace
}  // namespace rues::wire::layouts
