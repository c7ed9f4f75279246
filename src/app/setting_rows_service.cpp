#include "app/setting_rows.hpp"
#include "base/encoding.hpp"

namespace rues::app::rows {
namespace {

Set set_peers(NodeSettings& s, std::string_view text) {
    s.peers.clear();
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        s.peers.emplace_back(base::trimmed(text.substr(0, comma)));
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

constexpr Setting kServiceRows[] = {
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
    {"blob-blocks", "NUMBER", "86400",
     "how many blocks the data of a blob is kept after the last block that included it; 0: for ever",
     [](NodeSettings& s, std::string_view t) { return set_number(s.blob_blocks, t, 0, kMostBytes); }},
    {"graphql-cache", "BYTES", "16777216", "memory for GraphQL answers, which are kept until the tip changes; 0: none",
     [](NodeSettings& s, std::string_view t) { return set_number(s.graphql_cache, t, 0, kMostBytes); }},
    {"read-cache", "BYTES", "16777216", "memory for blocks and transactions that GraphQL has read; 0: none",
     [](NodeSettings& s, std::string_view t) { return set_number(s.read_cache, t, 0, kMostBytes); }},
    {"decoded-cache", "BYTES", "16777216", "memory for decoded events; 0: none",
     [](NodeSettings& s, std::string_view t) { return set_number(s.feed.decoded_bytes, t, 0, kMostBytes); }},
    {"tail-cache", "BYTES", "8388608", "memory for the newest events, which sessions that are behind read",
     [](NodeSettings& s, std::string_view t) { return set_number(s.feed.tail_bytes, t, 65'536, kMostBytes); }},
    {"block-cache", "BYTES", "8388608", "memory for blocks of the store's files, with their indexes",
     [](NodeSettings& s, std::string_view t) { return set_number(s.block_cache, t, 1'048'576, kMostBytes); }},
    {"module-cache", "BYTES", "268435456", "memory for compiled contracts, without those of the genesis; 0: none",
     [](NodeSettings& s, std::string_view t) { return set_number(s.module_cache, t, 0, kMostBytes); }},
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
    {"crs", "FILE", "",
     "common reference string that node/crs serves and proofs are made with, read once at start: the network's, or "
     "that of `rues crs make`. Without it, node/crs is 404, and a chain begins with the developers' setup, whose "
     "proofs real networks refuse",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.crs = t;
         return {};
     }},
    {"prover", "SWITCH", "on",
     "whether prover/prove makes proofs, `on` or `off`; `off` answers 404, and without `crs` a chain begins with the "
     "network's verifier keys",
     [](NodeSettings& s, std::string_view t) { return set_switch(s.prover, t); }},
    {"prover-threads", "NUMBER", "2", "threads of a proof; one proof is made at a time",
     [](NodeSettings& s, std::string_view t) { return set_number(s.prover_threads, t, 1, 256); }},
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

}  // namespace

std::span<const Setting> of_service() {
    return kServiceRows;
}

}  // namespace rues::app::rows
