#include "app/cluster_seat.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cctype>

#include "app/private_file.hpp"
#include "base/encoding.hpp"
#include "base/json_reading.hpp"
#include "gateway/cluster/joining.hpp"
#include "store/whole_file.hpp"

namespace rues::app {
namespace {

using gateway::cluster::LogBegin;

constexpr std::size_t kMostFile = 64 << 10;

std::string machine_name(const NodeSettings& settings) {
    if (!settings.machine.empty()) return settings.machine;
    std::array<char, 256> host{};
    std::string out = ::gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "";
    for (char& c : out) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-') c = '-';
    }
    return out.empty() ? "machine" : out;
}

std::unexpected<base::Error> invalid(std::string text) {
    return base::failure(base::Error::Kind::invalid, std::move(text));
}

struct Joined {
    std::string cluster;
    LogBegin begin;
};

/// nullopt: the folder belongs to no cluster.
base::Result<std::optional<Joined>> joined(const std::filesystem::path& file) {
    const auto bytes = store::read_whole(file, kMostFile);
    if (!bytes && bytes.error().kind == base::Error::Kind::not_found) return std::nullopt;
    if (!bytes) return std::unexpected(bytes.error());
    const auto json = base::json::parse(base::text(*bytes));
    const auto* in = json ? json->if_object() : nullptr;
    const auto text = [in](std::string_view key) -> std::optional<std::string> {
        const auto* found = in != nullptr ? in->if_contains(key) : nullptr;
        if (found == nullptr || !found->is_string()) return std::nullopt;
        return std::string(found->get_string());
    };
    const auto cluster = text("cluster");
    const auto begin = base::from_hex(text("begin").value_or("-"));
    auto decoded = begin ? LogBegin::decode(*begin) : std::nullopt;
    if (!cluster || !decoded) return invalid(fmt::format("{} is not a file of this program", file.string()));
    return Joined{*cluster, std::move(*decoded)};
}

base::Result<LogBegin> begin_of(const NodeSettings& settings, const std::filesystem::path& folder,
                                gateway::cluster::Bus& bus, const gateway::Upstreams& nodes,
                                const std::function<bool()>& is_over) {
    auto known = joined(folder / kClusterFile);
    if (!known) return std::unexpected(known.error());
    if (*known && (*known)->cluster != settings.cluster_name)
        return invalid(fmt::format("the data folder belongs to a machine of the cluster {}", (*known)->cluster));
    if (*known) return std::move((*known)->begin);
    if (std::filesystem::exists(folder / "store"))
        return invalid("the data folder belongs to no machine of a cluster: begin with an empty one");
    auto begin = gateway::cluster::join(
        bus, [&] { return gateway::cluster::new_begin(nodes, settings.follow_from, base::system_random); },
        gateway::cluster::kJoin, is_over);
    if (!begin) return begin;
    const auto written = replace_private_file(
        folder / kClusterFile, base::json::print(base::json::object{{"cluster", settings.cluster_name},
                                                                    {"begin", base::to_hex(begin->encode())}}));
    if (!written) return std::unexpected(written.error());
    return begin;
}

}  // namespace

base::Result<std::unique_ptr<gateway::cluster::Bus>> cluster_bus(const NodeSettings& settings) {
    if (settings.cluster.empty()) return nullptr;
    return gateway::cluster::nats_bus({settings.cluster, settings.cluster_name, machine_name(settings),
                                       settings.cluster_credentials, settings.cluster_ca});
}

base::Result<std::optional<gateway::Seat>> cluster_seat(const NodeSettings& settings,
                                                        const std::filesystem::path& folder, gateway::cluster::Bus* bus,
                                                        const gateway::Upstreams& nodes,
                                                        const std::function<bool()>& is_over) {
    if (bus == nullptr) {
        const auto known = joined(folder / kClusterFile);
        if (!known) return std::unexpected(known.error());
        if (*known)
            return invalid(fmt::format(
                "the data folder belongs to a machine of the cluster {}: a gateway that follows nodes by itself begins "
                "with an empty one",
                (*known)->cluster));
        return std::nullopt;
    }
    auto begin = begin_of(settings, folder, *bus, nodes, is_over);
    if (!begin) return std::unexpected(begin.error());
    gateway::Seat out;
    out.bus = bus;
    out.member.machine = machine_name(settings);
    out.member.lease_time = settings.lease_time;
    out.member.epoch = begin->epoch;
    if (!base::system_random(out.member.start))
        return base::failure(base::Error::Kind::io, "the system provides no randomness");
    out.begin = std::move(*begin);
    return out;
}

}  // namespace rues::app
