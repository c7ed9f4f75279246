#include "app/prover_keys.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <future>

#include "app/task_threads.hpp"
#include "plonk/prover/known_tau.hpp"
#include "plonk/prover/reference_string.hpp"
#include "support/temporary_folder.hpp"

namespace rues::app {
namespace {

constexpr std::chrono::minutes kPatience{5};  // only a failure reaches it

/// Asks for a key with this file as the network's reference string, and returns the error in the log.
std::string error_with(base::Bytes file) {
    const test::TemporaryFolder folder;
    std::promise<std::string> said;
    bool has_said = false;  // the keys' thread alone logs
    const base::Log log = [&](base::LogLevel level, std::string_view text) {
        if (level == base::LogLevel::error && !std::exchange(has_said, true)) said.set_value(std::string(text));
    };
    auto error = said.get_future();
    ProverKeys keys(std::make_shared<const base::Bytes>(std::move(file)), folder.path() / "prover", on_threads(2), log);
    EXPECT_EQ(keys.of(1), nullptr);
    if (error.wait_for(kPatience) != std::future_status::ready) return "nothing was said";
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "prover"));
    return error.get();
}

base::Bytes developer_file(std::size_t powers) {
    const auto executor = on_threads(2);
    const auto tau = plonk::developer_tau();
    return plonk::ReferenceString{plonk::opening_key_of(tau), plonk::powers_of(tau, powers, executor)}.encode(executor);
}

TEST(ProverKeys, a_file_that_is_no_reference_string_gives_no_keys_and_the_log_says_why) {
    EXPECT_EQ(error_with(base::Bytes(1'000)),
              "the prover has no keys: the size is not that of a common reference string");
    auto damaged = developer_file(5);
    damaged.back() ^= std::byte{1};
    EXPECT_EQ(error_with(damaged), "the prover has no keys: power 4 of tau is not a point of its group");
}

TEST(ProverKeys, a_string_that_is_too_short_gives_no_keys) {
    EXPECT_EQ(error_with(developer_file(100)).rfind("a key of the prover could not be made: ", 0), 0U);
}

TEST(ProverKeys, a_string_of_another_tau_than_the_networks_gives_no_keys) {
    if (std::getenv("RUES_ALL_PROOFS") == nullptr) GTEST_SKIP() << "RUES_ALL_PROOFS is not set";
    EXPECT_EQ(error_with(developer_file(phoenix::kPowersOfTau)),
              "a key of the prover could not be made: the reference string is not the one that the verifier data "
              "belong to");
}

}  // namespace
}  // namespace rues::app
