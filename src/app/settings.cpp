#include "app/settings.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <boost/asio/ip/address.hpp>
#include <cstdlib>
#include <limits>

#include "app/input.hpp"
#include "app/values.hpp"
#include "base/encoding.hpp"

namespace rues::app {
namespace {

using Set = std::expected<void, std::string>;

Set expected_form(std::string_view what) {
    return std::unexpected(fmt::format("expected {}", what));
}

template <typename T>
Set set_number(T& to, std::string_view text, std::uint64_t least, std::uint64_t most) {
    const auto number = parse_number(text, least, most);
    if (!number) return std::unexpected(number.error());
    to = static_cast<T>(*number);
    return {};
}

Set set_duration(std::chrono::milliseconds& to, std::string_view text,
                 std::chrono::milliseconds least = std::chrono::milliseconds(0),
                 std::chrono::milliseconds most = kLongestDuration) {
    const auto duration = parse_duration(text, least, most);
    if (!duration) return std::unexpected(duration.error());
    to = *duration;
    return {};
}

Set set_bool(bool& to, std::string_view text) {
    if (text != "true" && text != "false") return expected_form("true or false");
    to = text == "true";
    return {};
}

/// Reads `ADDRESS:PORT`. Without an address, and for `localhost`, only this machine reaches the node: nobody should
/// open a node to others by leaving something out.
Set set_listen(NodeSettings& s, std::string_view text) {
    constexpr std::string_view kForm = "ADDRESS:PORT with an IP address or localhost (IPv6 in brackets)";
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return expected_form(kForm);
    const auto port = parse_number(text.substr(colon + 1), 0, 65'535);
    if (!port) return expected_form(fmt::format("{} and a port from 0 to 65535", kForm));
    std::string_view address = text.substr(0, colon);
    if (address.empty() || base::equal_ignoring_case(address, "localhost")) address = "127.0.0.1";
    const bool has_brackets = address.starts_with('[') && address.ends_with(']');
    if (has_brackets) address = address.substr(1, address.size() - 2);
    boost::system::error_code error;
    const auto parsed = boost::asio::ip::make_address(address, error);
    if (error || parsed.is_v6() != has_brackets) return expected_form(kForm);
    s.server.address = address;
    s.server.port = static_cast<std::uint16_t>(*port);
    return {};
}

Set set_mining(NodeSettings& s, std::string_view text) {
    if (text == "interval") {
        s.chain.mining = chain::Mining::interval;
    } else if (text == "instant") {
        s.chain.mining = chain::Mining::instant;
    } else if (text == "manual") {
        s.chain.mining = chain::Mining::manual;
    } else {
        return expected_form("interval, instant or manual");
    }
    return {};
}

Set set_peers(NodeSettings& s, std::string_view text) {
    s.peers.clear();
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        s.peers.emplace_back(base::trimmed(text.substr(0, comma)));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return {};
}

Set set_proxies(NodeSettings& s, std::string_view text) {
    s.server.trusted_proxies.clear();
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const auto key = base::ClientKey::parse(base::trimmed(text.substr(0, comma)));
        if (!key) return expected_form("IP addresses, divided by commas");
        s.server.trusted_proxies.push_back(*key);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return {};
}

/// An origin as browsers write it (RFC 6454 6.2): `scheme://host` or `scheme://host:port`, or `null`.
bool is_origin(std::string_view text) {
    if (text == "null") return true;
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos || scheme == 0) return false;
    const auto host = text.substr(scheme + 3);
    return !host.empty() && host.find_first_of("/?#@ *") == std::string_view::npos;
}

Set set_ws_origins(NodeSettings& s, std::string_view text) {
    s.ws_origins.clear();
    if (text == "all") return {};
    do {
        const auto comma = std::min(text.find(','), text.size());
        const auto one = base::trimmed(text.substr(0, comma));
        if (!is_origin(one))
            return expected_form("all, or origins such as https://wallet.example, separated by commas");
        s.ws_origins.emplace_back(one);
        text.remove_prefix(std::min(comma + 1, text.size()));
    } while (!text.empty());
    return {};
}

Set set_log_level(NodeSettings& s, std::string_view text) {
    constexpr std::pair<std::string_view, base::LogLevel> kLevels[] = {{"debug", base::LogLevel::debug},
                                                                       {"info", base::LogLevel::info},
                                                                       {"warning", base::LogLevel::warning},
                                                                       {"error", base::LogLevel::error}};
    for (const auto& [name, level] : kLevels) {
        if (name != text) continue;
        s.log_level = level;
        return {};
    }
    return expected_form("debug, info, warning or error");
}

constexpr std::chrono::milliseconds kShortestTimeout{100};
constexpr std::chrono::milliseconds kLongestTimeout{3'600'000};
constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
constexpr auto kMostBytes = std::numeric_limits<std::uint64_t>::max();

constexpr Setting kSettings[] = {
    {"listen", "ADDRESS:PORT", "127.0.0.1:8080",
     "where the server listens; `:8080` is this machine only, port 0 takes a free one", &set_listen},
    {"tls-cert", "FILE", "", "certificate with its chain, PEM; with `tls-key` the server speaks TLS 1.2 and 1.3",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.tls_certificate = t;
         return {};
     },
     true},
    {"tls-key", "FILE", "", "key of the certificate, PEM, not encrypted",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.tls_key = t;
         return {};
     },
     true},
    {"data", "DIR", "",
     "data folder; the chain is in its `store/`. Without it, a temporary folder that is removed at exit",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.data = t;
         return {};
     }},
    {"genesis", "FILE", "", "first state of a new chain; without it, the genesis of the local chain",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.genesis = t;
         return {};
     }},
    {"genesis-contracts", "DIR", "",
     "transfer_contract.wasm and stake_contract.wasm of a new chain; without it, the network's own, which the program "
     "has",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.genesis_contracts = t;
         return {};
     }},
    {"contract-log", "", "false",
     "contracts may log lines with the import `hdebug` of piecrust's feature `debug`. For development only: Rusk "
     "refuses such contracts. A chain keeps the value that it began with",
     [](NodeSettings& s, std::string_view t) { return set_bool(s.contract_log, t); }},
    {"producer-seed", "FILE", "",
     "64-byte seed in hex; its account 0 must be the first stake of the genesis, and signs blocks",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.producer_seed = t;
         return {};
     }},
    {"mining", "MODE", "interval",
     "when blocks are made: `interval` every block-time, `instant` when a transaction waits, `manual` by POST "
     "/dev/mine",
     &set_mining},
    {"block-time", "DURATION", "1s", "time between blocks",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.chain.block_time, t, std::chrono::milliseconds(10));
     }},
    {"eligible-after", "DURATION", "300ms",
     "how long a transaction waits in the mempool before a block may include it; 0 in manual mode",
     [](NodeSettings& s, std::string_view t) { return set_duration(s.chain.eligible_after, t); }},
    {"chain-id", "NUMBER", "0", "chain id that transactions must name",
     [](NodeSettings& s, std::string_view t) { return set_number(s.chain.chain_id, t, 0, 255); }},
    {"min-gas-limit", "GAS", "75000", "lowest gas limit that a transaction may have",
     [](NodeSettings& s, std::string_view t) { return set_number(s.chain.min_gas_limit, t, 0, kMost); }},
    {"mempool-capacity", "NUMBER", "10000", "maximum number of transactions in the mempool",
     [](NodeSettings& s, std::string_view t) { return set_number(s.chain.mempool_capacity, t, 1, 1'000'000); }},
    {"mempool-expiry", "DURATION", "72h", "how long a transaction may wait in the mempool, at least 1s",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.chain.mempool_expiry, t, std::chrono::seconds(1));
     }},
    {"future-nonces", "NUMBER", "1000",
     "maximum number of staged transactions, which wait some seconds for one with an earlier nonce",
     [](NodeSettings& s, std::string_view t) { return set_number(s.chain.future_nonces, t, 0, 100'000); }},
    {"future-nonces-per-account", "NUMBER", "64", "maximum number of staged transactions of one account",
     [](NodeSettings& s, std::string_view t) { return set_number(s.chain.future_nonces_per_account, t, 0, 100'000); }},
    {"verify-threads", "NUMBER", "1", "threads that check signatures",
     [](NodeSettings& s, std::string_view t) { return set_number(s.chain.verify_threads, t, 1, 64); }},
    {"query-time", "DURATION", "10s", "a contract called by a request, or by a simulation, is stopped after this time",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.chain.queries.time, t, std::chrono::milliseconds(10));
     }},
    {"loops", "NUMBER", "0", "event loops; 0: one per CPU",
     [](NodeSettings& s, std::string_view t) { return set_number(s.server.loops, t, 0, 1'024); }},
    {"max-connections", "NUMBER", "16000",
     "maximum number of open connections; further ones are closed. Lowered when the limit of open files (ulimit -n) "
     "leaves room for fewer",
     [](NodeSettings& s, std::string_view t) { return set_number(s.server.limits.max_connections, t, 1, 1'000'000); },
     true},
    {"client-connections", "NUMBER", "0",
     "maximum number of connections of one client, which is an IPv4 address or the /64 of an IPv6 address; further "
     "ones "
     "are answered 429, with TLS closed. 0: a quarter of max-connections, at least 16",
     [](NodeSettings& s, std::string_view t) {
         return set_number(s.server.limits.client_connections, t, 0, 1'000'000);
     },
     true},
    {"client-subscriptions", "NUMBER", "100000",
     "maximum number of subscriptions of all sessions of one client; further ones are answered 429. 0: no limit",
     [](NodeSettings& s, std::string_view t) {
         return set_number(s.server.limits.client_subscriptions, t, 0, 1'000'000'000);
     },
     true},
    {"client-upload-bytes", "BYTES", "67108864",
     "memory for request bodies of one client that are not whole; beyond it they are answered 429. 0: no limit",
     [](NodeSettings& s, std::string_view t) {
         return set_number(s.server.limits.client_upload_bytes, t, 0, kMostBytes);
     },
     true},
    {"client-message-bytes", "BYTES", "16777216",
     "memory for WebSocket messages of one client that are not whole; beyond it its socket is closed with 1008. 0: no "
     "limit",
     [](NodeSettings& s, std::string_view t) {
         return set_number(s.server.limits.client_message_bytes, t, 0, kMostBytes);
     },
     true},
    {"client-unread-bytes", "BYTES", "33554432",
     "memory for large answers that one client has not read; beyond it requests with such an answer are answered 429. "
     "0: "
     "no limit",
     [](NodeSettings& s, std::string_view t) {
         return set_number(s.server.limits.client_unread_bytes, t, 0, kMostBytes);
     },
     true},
    {"unread-bytes", "BYTES", "268435456",
     "the same for all clients together; beyond it such requests are answered 503. 0: no limit",
     [](NodeSettings& s, std::string_view t) { return set_number(s.server.limits.max_unread_bytes, t, 0, kMostBytes); },
     true},
    {"client-share", "PERCENT", "25",
     "part of the time of all processors that one client may spend while others wait; a client that has spent more is "
     "read later. 0: no limit",
     [](NodeSettings& s, std::string_view t) { return set_number(s.server.limits.client_share, t, 0, 100); }, true},
    {"memory-limit", "BYTES", "0",
     "memory that the program may use, without files and the state of contracts; beyond it the connections of the "
     "client "
     "that holds most are closed. 0: half of the machine's memory",
     [](NodeSettings& s, std::string_view t) { return set_number(s.memory_limit, t, 0, kMostBytes); }, true},
    {"trusted-proxies", "ADDRESS,…", "",
     "proxies whose X-Forwarded-For names the client; the header of any other peer is ignored. A proxy has no limits "
     "of "
     "its own",
     &set_proxies},
    {"idle-timeout", "DURATION", "75s", "a connection without a request is closed after this time",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.server.limits.idle_timeout, t, kShortestTimeout, kLongestTimeout);
     },
     true},
    {"ping-interval", "DURATION", "25s", "time between pings to a session; two unanswered pings end it",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.server.limits.ping_interval, t, kShortestTimeout, kLongestTimeout);
     },
     true},
    {"drain-time", "DURATION", "0s",
     "after SIGTERM or SIGINT, sessions are closed one after the other over this time; a second signal closes the rest "
     "at once",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.drain_time, t, std::chrono::milliseconds(0), kLongestTimeout);
     },
     true},
    {"max-sessions", "NUMBER", "65536",
     "maximum number of sessions of one event loop; further ones are closed with 1013",
     [](NodeSettings& s, std::string_view t) { return set_number(s.feed.max_sessions_per_loop, t, 1, 1'000'000); },
     true},
    {"max-subscriptions", "NUMBER", "10000",
     "maximum number of subscriptions of one session; further ones are answered 429",
     [](NodeSettings& s, std::string_view t) { return set_number(s.feed.max_subscriptions, t, 1, 1'000'000); }, true},
    {"catch-up-age", "DURATION", "10m", "how long a session may be behind before it is closed with 1013",
     [](NodeSettings& s, std::string_view t) { return set_duration(s.feed.catch_up_age, t); }, true},
    {"catch-up-distance", "NUMBER", "1000000",
     "how many events a session may fall farther behind before it is closed with 1013",
     [](NodeSettings& s, std::string_view t) { return set_number(s.feed.catch_up_distance, t, 1, kMost); }, true},
    {"resume-time", "DURATION", "2m", "how long after its end a session can be resumed",
     [](NodeSettings& s, std::string_view t) { return set_duration(s.feed.resume_time, t); }, true},
    {"resume-bytes", "BYTES", "33554432",
     "memory for ended sessions that can be resumed; when it is full, those that ended first are dropped",
     [](NodeSettings& s, std::string_view t) { return set_number(s.feed.resume_bytes, t, 0, kMostBytes); }, true},
    {"late-subscriptions", "BOOL", "true",
     "whether a new subscription to one transaction or block first gets the events that were already published",
     [](NodeSettings& s, std::string_view t) { return set_bool(s.feed.late_subscriptions, t); }, true},
    {"contracts-wildcard", "BOOL", "true", "whether /on/contracts/TOPIC subscribes to that topic of every contract",
     [](NodeSettings& s, std::string_view t) { return set_bool(s.contracts_wildcard, t); }},
    {"log-age", "DURATION", "0s", "how long events are kept; 0: for ever",
     [](NodeSettings& s, std::string_view t) {
         std::chrono::milliseconds age{0};
         auto set = set_duration(age, t);
         s.retention.age = std::chrono::duration_cast<std::chrono::seconds>(age);
         // Half a second must not become 0, because 0 means for ever.
         return set && s.retention.age != age ? expected_form("whole seconds") : set;
     }},
    {"log-bytes", "BYTES", "0", "how many bytes of events are kept; 0: all",
     [](NodeSettings& s, std::string_view t) { return set_number(s.retention.bytes, t, 0, kMostBytes); }},
    {"graphql-cache", "BYTES", "16777216", "memory for GraphQL answers, which are kept until the tip changes; 0: none",
     [](NodeSettings& s, std::string_view t) { return set_number(s.graphql_cache, t, 0, kMostBytes); }},
    {"graphql-time", "DURATION", "10s", "a GraphQL request is stopped this long after its arrival",
     [](NodeSettings& s, std::string_view t) { return set_duration(s.graphql_time, t); }},
    {"dev-endpoints", "BOOL", "true",
     "whether /dev and /debug are served, to this machine's user only; if false, they are 404",
     [](NodeSettings& s, std::string_view t) { return set_bool(s.dev_endpoints, t); }},
    {"legacy", "", "false", "serve the legacy event system at /legacy and /TYPE/TARGET (docs/legacy.md)",
     [](NodeSettings& s, std::string_view t) { return set_bool(s.legacy, t); }},
    {"legacy-any-version", "", "false",
     "answer requests of the legacy event system whatever version of Rusk they require",
     [](NodeSettings& s, std::string_view t) { return set_bool(s.legacy_any_version, t); }},
    {"debug-token", "TEXT", "", "lets other machines read /debug/sessions with Authorization: Bearer TEXT",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.debug_token = t;
         return {};
     }},
    {"crs", "FILE", "", "common reference string that node/crs serves, read once at start; without it, node/crs is 404",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.crs = t;
         return {};
     }},
    {"static-drivers", "DIR", "", "folder of .wasm files that /static/drivers/ serves, read once at start",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.static_drivers = t;
         return {};
     }},
    {"ws-origins", "ORIGIN,…", "all",
     "web pages that may open WebSockets, by their origin such as `https://wallet.example`; a socket of any other "
     "origin is answered 403. The node's own pages count too. Clients that are no browser send no origin, so they "
     "always may",
     &set_ws_origins},
    {"peers", "ADDRESS:PORT,…", "", "addresses that network/peers lists", &set_peers},
    {"peers-location", "FILE", "", "JSON array that network/peers_location answers; no other server is asked",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.peers_location = t;
         return {};
     }},
    {"sync-blocks", "BOOL", "true", "fsync every block before its events are published",
     [](NodeSettings& s, std::string_view t) { return set_bool(s.sync_blocks, t); }},
    {"accept-lost-events", "BOOL", "false",
     "also start on a store that has lost events; its log continues under a new epoch. Use it for one start only",
     [](NodeSettings& s, std::string_view t) { return set_bool(s.accept_lost_events, t); }},
    {"log-level", "LEVEL", "info", "debug, info, warning or error", &set_log_level, true},
    {"log-format", "FORMAT", "text", "`text`, or `json`: one object a line with time, level and message",
     [](NodeSettings& s, std::string_view t) -> Set {
         if (t != "text" && t != "json") return expected_form("text or json");
         s.log_json = t == "json";
         return {};
     }},
    {"quiet", "", "false",
     "do not log a line for each executed, refused and dropped transaction (a node on a terminal does)",
     [](NodeSettings& s, std::string_view t) { return set_bool(s.quiet, t); }},
};

/// Line `number` of a text; the first line is 1.
std::string_view line_of(std::string_view text, std::size_t number) {
    for (; number > 1 && !text.empty(); --number) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    return text.substr(0, text.find_first_of("\r\n"));
}

/// The text of a whole number in the file, without the `_` that TOML allows between digits. TOML also allows signs,
/// `0x`, `0o` and `0b`; these stay in the text, so a setting treats them as a flag does.
std::string number_text(std::string_view file, const toml::source_position& begin) {
    const auto line = line_of(file, begin.line);
    const auto rest = line.substr(std::min<std::size_t>(begin.column - 1, line.size()));
    std::string out(rest.substr(0, rest.find_first_of(" \t#")));
    std::erase(out, '_');
    return out;
}

/// The settings of a file, as texts.
std::expected<std::map<std::string, std::string>, std::string> texts_of_file(const std::string& path) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    auto text = read_file(path);
    if (!text) return std::unexpected("--config: " + text.error().text);
    // The parser's columns do not count it.
    if (text->starts_with(kByteOrderMark)) text->erase(0, kByteOrderMark.size());
    toml::table table;
    try {
        table = toml::parse(*text, path);
    } catch (const toml::parse_error& error) {
        // Only the key is shown: the value may be a secret.
        const auto number = error.source().begin.line;
        const auto line = line_of(*text, number);
        const auto key = base::trimmed(line.substr(0, std::min(line.find('='), line.size())));
        return std::unexpected(fmt::format("{}: line {}, {}: {}", path, number, key, error.description()));
    }
    std::map<std::string, std::string> out;
    for (const auto& [key, node] : table) {
        const std::string name(key.str());
        if (std::ranges::find(kSettings, name, &Setting::name) == std::end(kSettings)) {
            return std::unexpected(fmt::format("{}: unknown setting {}", path, name));
        }
        if (const auto value = node.value_exact<std::string>()) {
            out[name] = *value;
        } else if (node.is_integer()) {
            out[name] = number_text(*text, node.source().begin);
        } else if (const auto flag = node.value_exact<bool>()) {
            out[name] = *flag ? "true" : "false";
        } else {
            return std::unexpected(fmt::format("{}: {} must be a string, a whole number, true or false", path, name));
        }
    }
    return out;
}

bool is_bare(std::string_view value) {
    return value == "true" || value == "false" || base::parse_u64(value).has_value();
}

}  // namespace

std::span<const Setting> node_settings() {
    return kSettings;
}

std::string environment_name(const Setting& setting) {
    std::string out = "RUES_";
    for (const char c : setting.name)
        out += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return out;
}

std::expected<NodeSettings, std::string> load_settings(const std::map<std::string, std::string>& flags,
                                                       const std::string& file) {
    std::map<std::string, std::string> from_file;
    if (!file.empty()) {
        auto read = texts_of_file(file);
        if (!read) return std::unexpected(read.error());
        from_file = std::move(*read);
    }
    NodeSettings out;
    for (const Setting& setting : kSettings) {
        const std::string name(setting.name);
        const char* variable = std::getenv(environment_name(setting).c_str());
        std::string text(setting.fallback);
        std::string where = "default of " + name;
        if (const auto found = from_file.find(name); found != from_file.end()) {
            text = found->second;
            where = fmt::format("{}: {}", file, name);
        }
        if (variable != nullptr) {
            text = variable;
            where = environment_name(setting);
        }
        if (const auto found = flags.find(name); found != flags.end()) {
            text = found->second;
            where = "--" + name;
        }
        if (const auto set = setting.set(out, text); !set) {
            return std::unexpected(wrong_value(where, set.error(), text));
        }
        out.texts[setting.name] = text;
    }
    return out;
}

std::string sample_file() {
    std::string out =
        "# Every setting of `rues node` with its default. Flags and RUES_* variables win over this file.\n";
    for (const Setting& s : kSettings) {
        out += fmt::format("\n# {}\n", s.help);
        out += is_bare(s.fallback) ? fmt::format("# {} = {}\n", s.name, s.fallback)
                                   : fmt::format("# {} = \"{}\"\n", s.name, s.fallback);
    }
    return out;
}

std::string settings_page() {
    std::string out =
        "# Configuration\n\nMade from the program's table of settings by `rues config docs`; do not edit.\n\n"
        "A setting is a flag of `rues node`, a variable of the environment, or a key of the TOML file given with "
        "`--config FILE`; a flag wins over the variable, the variable over the file. `rues config sample` prints a "
        "file with all of them. Numbers are decimal digits without leading zeros; a DURATION has a unit: ms, s, m or "
        "h.\n\n"
        "SIGHUP makes a running node read all settings and the files of the certificate again. Settings marked with * "
        "take effect for everything that begins after that. Other changed settings need a restart; the log names them. "
        "When anything is wrong, the log says so and nothing changes.\n\n"
        "| flag and key | variable | value | default | meaning |\n|---|---|---|---|---|\n";
    for (const Setting& s : kSettings) {
        out += fmt::format("| `{}`{} | `{}` | {} | {} | {} |\n", s.name, s.reloadable ? "\\*" : "", environment_name(s),
                           s.value.empty() ? "BOOL" : s.value,
                           s.fallback.empty() ? "" : fmt::format("`{}`", s.fallback), s.help);
    }
    return out;
}

}  // namespace rues::app
