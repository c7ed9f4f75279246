#include "app/exposure.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "chain/genesis_file.hpp"
#include "support/temporary_folder.hpp"

namespace rues::app {
namespace {

ledger::Genesis local_genesis() {
    return *chain::read_genesis(chain::default_genesis());
}

std::string told(std::string_view address, const ledger::Genesis& genesis, std::string_view debug_token = "") {
    NodeSettings settings;
    settings.server.address = address;
    settings.debug_token = debug_token;
    std::string out;
    for (const auto& sentence : exposure(settings, genesis)) out += sentence + "\n";
    return out;
}

TEST(Exposure, a_loopback_address_gives_no_warning) {
    for (const auto* address : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"})
        EXPECT_EQ(told(address, local_genesis()), "") << address;
}

TEST(Exposure, an_address_that_others_reach_gives_a_warning_for_everything_that_is_open) {
    for (const auto* address :
         {"0.0.0.0", "::", "::ffff:0.0.0.0", "192.168.1.5", "10.0.0.1", "fe80::1", "2001:db8::1", "::ffff:10.0.0.1"}) {
        const auto text = told(address, local_genesis());
        EXPECT_NE(text.find(std::string(address) + " is "), std::string::npos) << address;
        for (const auto* part :
             {"other machines can reach this node", "keys are public", "no TLS", "/dev and /debug stay closed"})
            EXPECT_NE(text.find(part), std::string::npos) << address << ": " << part;
    }
    EXPECT_NE(told("0.0.0.0", local_genesis()).find("every address"), std::string::npos);
    EXPECT_NE(told("::", local_genesis()).find("every address"), std::string::npos);
    EXPECT_EQ(told("10.0.0.1", local_genesis()).find("every address"), std::string::npos);
}

TEST(Exposure, a_genesis_without_the_test_accounts_gives_no_warning_about_them) {
    auto genesis = local_genesis();
    genesis.accounts.clear();
    EXPECT_EQ(told("0.0.0.0", genesis).find("keys are public"), std::string::npos);
    genesis.accounts.push_back(local_genesis().accounts.back());
    EXPECT_NE(told("0.0.0.0", genesis).find("keys are public"), std::string::npos);
}

TEST(Exposure, a_debug_token_opens_debug_and_is_not_printed) {
    EXPECT_NE(told("0.0.0.0", local_genesis(), "secret").find("/debug is open to anyone who has the debug token"),
              std::string::npos);
    EXPECT_EQ(told("0.0.0.0", local_genesis(), "secret").find("secret"), std::string::npos);
}

TEST(Exposure, dev_and_debug_may_be_turned_off) {
    NodeSettings settings;
    settings.server.address = "0.0.0.0";
    settings.debug_token = "secret";
    settings.dev_endpoints = false;
    EXPECT_EQ(exposure(settings, local_genesis()).back(), "/dev and /debug are turned off (dev-endpoints)");
}

TEST(KeyFile, gives_a_warning_when_others_can_read_or_write_it) {
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "key";
    std::ofstream(file) << "secret";
    const auto warning = [&](mode_t mode) {
        ::chmod(file.c_str(), mode);
        return key_file_warning(file).value_or("");
    };
    EXPECT_EQ(warning(0600), "");
    EXPECT_EQ(warning(0400), "");
    EXPECT_EQ(warning(0644), "the key file " + file.string() +
                                 " is readable by every user of this machine (mode 644); chmod 600 closes it");
    EXPECT_NE(warning(0604).find("every user"), std::string::npos);
    EXPECT_NE(warning(0640).find("readable by its group"), std::string::npos);
    EXPECT_NE(warning(0602).find("writable by every user"), std::string::npos);
}

TEST(KeyFile, only_a_regular_file_can_be_open_to_others) {
    EXPECT_EQ(key_file_warning("/dev/null"), std::nullopt);
    EXPECT_EQ(key_file_warning("/nowhere/key"), std::nullopt);
    EXPECT_EQ(key_file_warning(""), std::nullopt);
}

}  // namespace
}  // namespace rues::app
