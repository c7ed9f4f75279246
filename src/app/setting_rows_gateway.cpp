#include <fmt/format.h>

#include "app/setting_rows.hpp"
#include "base/encoding.hpp"
#include "client/url.hpp"
#include "gateway/upstreams.hpp"

namespace rues::app::rows {
namespace {

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
     "node says; reads of contracts are answered here. A data folder keeps the value that it began with",
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
};

}  // namespace

std::span<const Setting> of_gateway() {
    return kRows;
}

}  // namespace rues::app::rows
