#include <fmt/format.h>

#include "app/setting_rows.hpp"
#include "base/encoding.hpp"
#include "client/url.hpp"
#include "gateway/upstreams.hpp"

namespace rues::app::rows {
namespace {

constexpr std::size_t kMostServers = 16;

Set set_upstreams(NodeSettings& s, std::string_view text) {
    s.upstreams.clear();
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const std::string one(base::trimmed(text.substr(0, comma)));
        if (const auto url = client::Url::parse(one); !url) return std::unexpected(url.error().text);
        if (std::ranges::find(s.upstreams, one) != s.upstreams.end())
            return std::unexpected(fmt::format("{} is named twice", one));
        s.upstreams.push_back(one);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    if (s.upstreams.size() > gateway::kMostUpstreams)
        return expected_form(fmt::format("at most {} URLs", gateway::kMostUpstreams));
    return {};
}

Set set_cluster(NodeSettings& s, std::string_view text) {
    s.cluster.clear();
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const std::string one(base::trimmed(text.substr(0, comma)));
        const bool has_scheme = one.starts_with("nats://") || one.starts_with("tls://");
        if (!has_scheme || one.ends_with("/")) return expected_form("nats://HOST:PORT or tls://HOST:PORT");
        s.cluster.push_back(one);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    if (s.cluster.size() > kMostServers) return expected_form(fmt::format("at most {} URLs", kMostServers));
    return {};
}

/// A name that can be part of the names of streams, buckets and subjects.
Set set_name(std::string& to, std::string_view text) {
    const bool is_name =
        text.size() <= 64 && std::ranges::all_of(text, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        });
    if (!is_name) return expected_form("at most 64 letters, digits, `-` and `_`");
    to = text;
    return {};
}

constexpr Setting kRows[] = {
    {"upstream", "URL,…", "",
     "`rues gateway`: nodes to follow, and to pass requests to: `http://HOST:PORT` or `https://…`, separated by "
     "commas. "
     "The first one is followed while it is as good as the others. A flag may be given several times",
     &set_upstreams},
    {"upstream-ca", "FILE", "",
     "`rues gateway`: PEM file of the certificates that nodes prove themselves with; empty: the system's",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.upstream_ca = t;
         return {};
     }},
    {"from", "HEIGHT", "0",
     "`rues gateway`: a new data folder begins after this block, which should be final. Blocks before it are not kept",
     [](NodeSettings& s, std::string_view t) { return set_number(s.follow_from, t, 0, kMostBytes); }},
    {"execute", "", "false",
     "`rues gateway`: executes every block in the machine and compares state hash, gas, errors and events with what "
     "the "
     "node says; reads of contracts are answered here. A data folder keeps the value that it began with. Not in a "
     "cluster",
     [](NodeSettings& s, std::string_view t) { return set_bool(s.execute, t); }},
    {"snapshot", "DIR", "",
     "`rues gateway --execute`: a new data folder begins after the last final block of this data folder of a stopped "
     "`rues node` or executing gateway, or of a copy; without it, with the genesis",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.snapshot = t;
         return {};
     }},
    {"stale-after", "DURATION", "10s",
     "`rues gateway`: a node whose tip is 3 blocks or more behind that of another one for so long is not followed, "
     "until "
     "it has caught up",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.stale_after, t, std::chrono::milliseconds(100), kLongestTimeout);
     }},
    {"ejection-time", "DURATION", "1m",
     "`rues gateway`: for so long a node is not asked that said what cannot be true; twice as long each further time, "
     "up "
     "to an hour",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.ejection_time, t, std::chrono::milliseconds(100), kLongestTimeout);
     }},
    {"cluster", "URL,…", "",
     "`rues gateway`: servers of NATS with JetStream: `nats://HOST:PORT` or `tls://…`, separated by commas. Gateways "
     "with "
     "the same ones are one cluster: one of them follows nodes, all have the same log. With three or more servers "
     "everything is stored by three of them. Empty: this gateway is in no cluster",
     &set_cluster},
    {"cluster-name", "NAME", "rues",
     "`rues gateway`: the cluster's name, so that servers of NATS can be used by several clusters",
     [](NodeSettings& s, std::string_view t) -> Set {
         if (t.empty()) return expected_form("a name");
         return set_name(s.cluster_name, t);
     }},
    {"machine", "NAME", "",
     "`rues gateway`: this machine's name in its cluster, where no other one has it; empty: the name of the host",
     [](NodeSettings& s, std::string_view t) { return set_name(s.machine, t); }},
    {"lease-time", "DURATION", "3s",
     "`rues gateway`: when the machine of a cluster that follows nodes is silent for so long, another one takes its "
     "place. All machines have the same value",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.lease_time, t, std::chrono::milliseconds(500), kLongestTimeout);
     }},
    {"cluster-credentials", "FILE", "", "`rues gateway`: file of credentials for the servers of NATS; empty: none",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.cluster_credentials = t;
         return {};
     }},
    {"cluster-ca", "FILE", "",
     "`rues gateway`: PEM file of the certificates that servers of NATS prove themselves with; empty: the system's",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.cluster_ca = t;
         return {};
     }},
};

}  // namespace

std::span<const Setting> of_gateway() {
    return kRows;
}

}  // namespace rues::app::rows
