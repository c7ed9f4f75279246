#include "support/recorded.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "ledger/transaction.hpp"
#include "wasm/prepare.hpp"

namespace rues::wasm {
namespace {

constexpr std::array<std::string_view, 12> kHost = {"hq",        "hd",    "c",     "emit",  "feed",  "caller",
                                                    "callstack", "limit", "spent", "panic", "owner", "self_id"};

struct Deployment {
    base::Bytes bytecode;
    std::string error;  ///< empty: it succeeded
};

/// Of all recorded chains.
std::vector<Deployment> deployments() {
    std::vector<Deployment> out;
    for (const auto& file : std::filesystem::directory_iterator(std::string(RUES_TEST_DATA) + "/rusk-1.7")) {
        if (!file.path().filename().string().starts_with("chain")) continue;
        const auto chain = recorded::load_file(file.path().string());
        for (const auto& block : chain.at("blocks").as_array()) {
            for (const auto& transaction : block.at("transactions").as_array()) {
                if (!transaction.at("isDeploy").as_bool()) continue;
                const auto decoded = ledger::Transaction::decode(recorded::hex(transaction.at("raw")));
                const auto& error = transaction.at("err");
                out.push_back(
                    {decoded.value().deploy()->bytecode, error.is_null() ? "" : std::string(error.as_string())});
            }
        }
    }
    return out;
}

TEST(Recorded, contracts_that_the_node_deployed_are_accepted_and_those_that_it_refused_are_refused) {
    std::size_t accepted = 0;
    std::size_t refused = 0;
    for (const auto& [bytecode, error] : deployments()) {
        const auto result = prepare(bytecode, kNetworkCosts, {.imports = kHost});
        if (error.contains("RuntimeError(") || error.contains("PersistenceError(")) {
            ASSERT_FALSE(result) << error;
            EXPECT_EQ(result.error().kind == Refusal::Kind::memories, error.contains("module has 0 memories"));
            ++refused;
        } else {
            EXPECT_TRUE(result) << result.error().text;
            ++accepted;
        }
    }
    EXPECT_GE(accepted, 6U);
    EXPECT_GE(refused, 3U);
}

}  // namespace
}  // namespace rues::wasm
