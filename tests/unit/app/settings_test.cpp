#include "app/settings.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "support/temporary_folder.hpp"

namespace rues::app {
namespace {

using std::chrono::milliseconds;

class SettingsTest : public testing::Test {
protected:
    std::string file(const std::string& text) {
        const auto path = folder_.path() / "rues.toml";
        std::ofstream(path) << text;
        return path.string();
    }
    ~SettingsTest() override { ::unsetenv("RUES_BLOCK_TIME"); }

private:
    test::TemporaryFolder folder_;
};

TEST_F(SettingsTest, a_flag_wins_over_the_environment_and_that_over_the_file_and_that_over_the_default) {
    const std::string path = file("block-time = \"4s\"\nmining = \"manual\"\n");
    ::setenv("RUES_BLOCK_TIME", "3s", 1);

    const auto all = load_settings({{"block-time", "2s"}}, path);
    const auto no_flag = load_settings({}, path);
    ::unsetenv("RUES_BLOCK_TIME");
    const auto only_file = load_settings({}, path);
    const auto defaults = load_settings({}, "");

    ASSERT_TRUE(all && no_flag && only_file && defaults);
    EXPECT_EQ(all->chain.block_time, milliseconds(2'000));
    EXPECT_EQ(no_flag->chain.block_time, milliseconds(3'000));
    EXPECT_EQ(only_file->chain.block_time, milliseconds(4'000));
    EXPECT_EQ(only_file->chain.mining, chain::Mining::manual);
    EXPECT_EQ(defaults->chain.block_time, milliseconds(1'000));
    EXPECT_EQ(defaults->server.port, 8080);
}

TEST_F(SettingsTest, an_error_names_the_setting_and_where_it_was_given) {
    EXPECT_NE(load_settings({{"block-time", "fast"}}, "").error().find("--block-time"), std::string::npos);
    ::setenv("RUES_BLOCK_TIME", "fast", 1);
    EXPECT_NE(load_settings({}, "").error().find("RUES_BLOCK_TIME"), std::string::npos);
    ::unsetenv("RUES_BLOCK_TIME");
    EXPECT_NE(load_settings({}, file("mining = \"always\"")).error().find("mining"), std::string::npos);
    EXPECT_NE(load_settings({}, file("no-such-key = 1")).error().find("no-such-key"), std::string::npos);
    EXPECT_NE(load_settings({}, file("not toml")).error().find("rues.toml"), std::string::npos);
    EXPECT_EQ(load_settings({}, "/nowhere/rues.toml").error(),
              "--config: /nowhere/rues.toml cannot be read: No such file or directory");
    EXPECT_NE(load_settings({}, "/").error().find("Is a directory"), std::string::npos);
}

TEST_F(SettingsTest, the_sample_file_is_all_defaults) {
    const auto sample = load_settings({}, file(sample_file()));
    const auto defaults = load_settings({}, "");

    ASSERT_TRUE(sample) << sample.error();
    EXPECT_EQ(sample->chain.block_time, defaults->chain.block_time);
    EXPECT_EQ(sample->server.address, defaults->server.address);
    EXPECT_EQ(sample->chain.mempool_capacity, defaults->chain.mempool_capacity);
}

TEST_F(SettingsTest, every_default_is_accepted_by_its_setting) {
    for (const auto& setting : node_settings()) {
        if (setting.fallback.empty()) continue;
        NodeSettings to;
        const auto done = setting.set(to, setting.fallback);
        EXPECT_TRUE(done) << setting.name << ": " << (done ? "" : done.error());
    }
}

TEST_F(SettingsTest, a_timeout_has_bounds) {
    const auto refused = [](const char* name, const char* text) { return !load_settings({{name, text}}, ""); };

    EXPECT_TRUE(refused("ping-interval", "99ms"));
    EXPECT_TRUE(refused("idle-timeout", "61m"));
    EXPECT_FALSE(refused("drain-time", "0s"));
    EXPECT_EQ(load_settings({{"ping-interval", "100ms"}}, "")->server.limits.ping_interval, milliseconds(100));
}

TEST_F(SettingsTest, the_texts_of_the_settings_are_kept_as_written) {
    const auto all = load_settings({{"block-time", "2s"}}, file("mining = \"manual\"\n"));

    ASSERT_TRUE(all);
    EXPECT_EQ(all->texts.at("block-time"), "2s");
    EXPECT_EQ(all->texts.at("mining"), "manual");
    EXPECT_EQ(all->texts.size(), node_settings().size());
}

TEST_F(SettingsTest, listen_takes_both_families_and_any_port) {
    const auto address = [](const char* text) { return load_settings({{"listen", text}}, ""); };

    EXPECT_EQ(address("0.0.0.0:0")->server.port, 0);
    EXPECT_EQ(address("[::1]:9")->server.address, "::1");
    for (const auto* text :
         {"", "8080", "a:1", "127.0.0.1:65536", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:080", "::1:80", ":::80",
          "[127.0.0.1]:80", "127.0.0.256:80", "010.0.0.1:80", "*:80", "[]:80", "[::1:80"})
        EXPECT_FALSE(address(text)) << text;
}

TEST_F(SettingsTest, listen_without_an_address_means_this_machine_only) {
    for (const auto* text : {":8081", "localhost:8081", "LocalHost:8081"}) {
        const auto settings = load_settings({{"listen", text}}, "");
        ASSERT_TRUE(settings) << text;
        EXPECT_EQ(settings->server.address, "127.0.0.1") << text;
        EXPECT_EQ(settings->server.port, 8081) << text;
    }
}

TEST_F(SettingsTest, origins_of_web_sockets_are_all_or_a_list_of_origins) {
    const auto origins = [](const char* text) { return load_settings({{"ws-origins", text}}, ""); };

    EXPECT_TRUE(load_settings({}, "")->ws_origins.empty());
    EXPECT_TRUE(origins("all")->ws_origins.empty());
    EXPECT_EQ(origins("https://wallet.example, http://localhost:5173,null")->ws_origins,
              (std::vector<std::string>{"https://wallet.example", "http://localhost:5173", "null"}));
    for (const auto* text : {"", "wallet.example", "https://", "https://wallet.example/", "https://a b", "*",
                             "https://*.example", "https://a.example,,https://b.example", "://a"})
        EXPECT_FALSE(origins(text)) << text;
}

TEST_F(SettingsTest, phoenix_is_on_or_off) {
    EXPECT_TRUE(load_settings({}, "")->chain.phoenix);
    EXPECT_FALSE(load_settings({{"phoenix", "off"}}, "")->chain.phoenix);
    EXPECT_FALSE(load_settings({}, file("phoenix = false"))->chain.phoenix);
    EXPECT_TRUE(load_settings({{"phoenix", "on"}}, file("phoenix = \"off\""))->chain.phoenix);
    EXPECT_NE(load_settings({{"phoenix", "maybe"}}, "").error().find("on or off"), std::string::npos);
}

TEST_F(SettingsTest, an_age_below_a_second_does_not_become_for_ever) {
    EXPECT_FALSE(load_settings({{"log-age", "500ms"}}, ""));
    EXPECT_FALSE(load_settings({{"log-age", "1500ms"}}, ""));
    EXPECT_EQ(load_settings({{"log-age", "2000ms"}}, "")->retention.age, std::chrono::seconds(2));
}

TEST_F(SettingsTest, a_file_that_is_not_toml_does_not_print_its_values) {
    const auto settings = load_settings({}, file("loops = 1\ndebug-token = \"open secret\n"));
    ASSERT_FALSE(settings);
    EXPECT_NE(settings.error().find("line 2, debug-token"), std::string::npos) << settings.error();
    EXPECT_EQ(settings.error().find("secret"), std::string::npos) << settings.error();
}

}  // namespace
}  // namespace rues::app
