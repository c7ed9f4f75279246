#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "chain/options.hpp"
#include "feed/hub.hpp"
#include "net/server.hpp"

/// The settings of the program: one table, from which flags, the TOML file, the environment, `--help`, the sample file
/// and docs/configuration.md are made.
namespace rues::app {

struct NodeSettings {
    net::Options server;
    chain::Options chain;
    feed::Limits feed;
    store::Retention retention;
    std::uint64_t blob_blocks = 86'400;
    bool contracts_wildcard = true;
    bool dev_endpoints = true;
    bool legacy = false;
    bool legacy_any_version = false;
    std::uint64_t memory_limit = 0;  ///< bytes; 0: half of the machine's
    std::size_t graphql_cache = 16 << 20;
    std::size_t read_cache = 16 << 20;
    std::size_t block_cache = 8 << 20;
    std::size_t module_cache = std::size_t{256} << 20;
    std::chrono::milliseconds graphql_time{10'000};
    std::string debug_token;
    std::vector<std::string> upstreams;  ///< URLs of the nodes that a gateway follows
    std::string upstream_ca;             ///< PEM file of the certificates to trust; empty: the system's
    std::uint64_t follow_from = 0;
    bool execute = false;            ///< a gateway executes every block
    std::filesystem::path snapshot;  ///< data folder with whose state it begins; empty: the genesis
    std::chrono::milliseconds stale_after{10'000};
    std::chrono::milliseconds ejection_time{60'000};
    std::vector<std::string> cluster;  ///< URLs of the NATS servers of a cluster; empty: in no cluster
    std::string cluster_name = "rues";
    std::string machine;              ///< this machine's name in the cluster; empty: the host's
    std::string cluster_credentials;  ///< file of NATS credentials; empty: none
    std::string cluster_ca;           ///< PEM file of the certificates to trust; empty: the system's
    std::chrono::milliseconds lease_time{3'000};
    std::filesystem::path data;               ///< empty: a temporary folder
    std::filesystem::path genesis;            ///< empty: the local chain's own
    std::filesystem::path genesis_contracts;  ///< folder; empty: those of the program
    bool contract_log = false;
    std::filesystem::path producer_seed;
    std::filesystem::path tls_certificate;  ///< empty: no TLS; needs `tls_key`
    std::filesystem::path tls_key;
    std::filesystem::path crs;  ///< common reference string; empty: none
    bool prover = true;
    std::size_t prover_threads = 2;
    std::filesystem::path static_drivers;  ///< folder; empty: none
    std::vector<std::string> peers;
    std::vector<std::string> ws_origins;   ///< empty: all
    std::filesystem::path peers_location;  ///< JSON; empty: none
    bool sync_blocks = true;
    bool accept_lost_events = false;
    std::chrono::milliseconds drain_time{0};
    base::LogLevel log_level = base::LogLevel::info;
    bool log_json = false;
    bool quiet = false;                             ///< no line for each transaction, even on a terminal
    std::map<std::string_view, std::string> texts;  ///< the text that each setting was read from, by its name
};

struct Setting {
    std::string_view name;      ///< flag `--name`, key `name`, variable `RUES_NAME` (upper case, `_` for `-`)
    std::string_view value;     ///< placeholder of the value in `--help`; empty: the flag takes none and means `true`
    std::string_view fallback;  ///< the default, in the form that a user would write
    std::string_view help;
    /// Sets the value in `settings`. The error says what is expected.
    std::expected<void, std::string> (*set)(NodeSettings& settings, std::string_view text);
    /// SIGHUP takes over this setting (`Reload`); any other needs a restart.
    bool reloadable = false;
};

/// All settings. A file may have those of a node and of a gateway.
std::span<const Setting> node_settings();
/// The settings that `rues node`, or `rues gateway`, takes as flags. One that the other alone uses is not among them.
enum class Role : std::uint8_t { node, gateway };
std::vector<const Setting*> settings_of(Role role);
std::string environment_name(const Setting& setting);

/// The settings in force: flags win over the environment, the environment over the file, the file over the defaults.
/// The error names the setting and its source.
std::expected<NodeSettings, std::string> load_settings(const std::map<std::string, std::string>& flags,
                                                       const std::string& file);

/// A sample file with every setting and its default, and the same content as a page of the documentation.
std::string sample_file();
std::string settings_page();

}  // namespace rues::app
