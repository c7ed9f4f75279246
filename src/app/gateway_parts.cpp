#include "app/gateway_parts.hpp"

#include <fmt/format.h>

#include <thread>

#include "app/proving.hpp"
#include "client/answer_json.hpp"

namespace rues::app {
namespace {

constexpr std::chrono::milliseconds kAskNodesAgain{250};
constexpr char kStatusPath[] = "/status";

/// nullopt: the node does not answer.
std::optional<phoenix::Keys> keys_of(const gateway::Upstream& node) {
    const auto answer = client::http(node.url, "GET", kStatusPath, {}, {});
    if (!answer || answer->status >= 500) return std::nullopt;
    const auto status = client::parse_object(answer->body, kStatusPath);
    const auto setup = answer->ok() && status ? client::text_in(*status, "setup") : std::nullopt;
    return setup == "developer" ? phoenix::Keys::developer : phoenix::Keys::network;
}

/// One pass over all nodes. nullopt: none answers.
base::Result<std::optional<phoenix::Keys>> ask_all(std::span<const gateway::Upstream> nodes) {
    std::optional<phoenix::Keys> out;
    for (const auto& node : nodes) {
        const auto keys = keys_of(node);
        if (!keys) continue;
        if (out && *out != *keys)
            return base::failure(base::Error::Kind::invalid,
                                 fmt::format("{} names another setup of proofs than a node before it", node.text));
        out = keys;
    }
    return out;
}

}  // namespace

base::Result<std::vector<gateway::Upstream>> upstreams_of(const NodeSettings& settings) {
    if (settings.upstreams.empty())
        return base::failure(base::Error::Kind::invalid, "a gateway needs at least one --upstream URL");
    std::vector<gateway::Upstream> out;
    for (const auto& text : settings.upstreams) {
        auto url = client::Url::parse(text, settings.upstream_ca);
        if (!url) return base::failure(base::Error::Kind::invalid, "--upstream: " + url.error().text);
        out.push_back({std::move(*url), text});
    }
    return out;
}

base::Result<std::optional<phoenix::Keys>> keys_of_nodes(const NodeSettings& settings,
                                                         std::span<const gateway::Upstream> nodes,
                                                         const std::filesystem::path& data) {
    const auto own = keys_of_chain(data);
    if (!own) return std::unexpected(own.error());
    if (*own) return std::nullopt;
    if (!settings.snapshot.empty()) {
        const auto noted = keys_of_chain(settings.snapshot);
        if (!noted) return std::unexpected(noted.error());
        return noted->value_or(phoenix::Keys::network);
    }
    const auto until = std::chrono::steady_clock::now() + gateway::kFirstWait;
    for (;;) {
        const auto told = ask_all(nodes);
        if (!told || *told) return told;
        if (std::chrono::steady_clock::now() >= until)
            return base::failure(base::Error::Kind::not_found, "no node answers");
        std::this_thread::sleep_for(kAskNodesAgain);
    }
}

base::Result<void> GatewayParts::sit(const NodeSettings& settings, const std::filesystem::path& folder,
                                     const std::function<bool()>& is_over) {
    auto bus = cluster_bus(settings);
    if (!bus) return std::unexpected(bus.error());
    bus_ = std::move(*bus);
    auto seat = cluster_seat(settings, folder, bus_.get(), upstreams_, is_over);
    if (!seat) return std::unexpected(seat.error());
    seat_ = std::move(*seat);
    return {};
}

void GatewayParts::use_for(Node::Options& options) {
    if (seat_) options.store.epoch = seat_->begin.epoch;
    gateway::FollowOptions follow{from_, {}, seat_};
    if (executes_)
        follow.execute =
            gateway::ExecuteOptions{options.genesis, options.contracts, options.prepared_genesis, snapshot_};
    options.make_chain = [this, follow = std::move(follow)](
                             store::Store& store, vm::Machine& machine, const chain::Options& rules,
                             net::Executor relay, Node::Options::OnLog on_log,
                             Node::Options::OnFatal on_fatal) -> base::Result<std::unique_ptr<chain::Chain>> {
        auto made = gateway::FollowedChain::create(
            upstreams_, store, machine, follow,
            {rules, clock_, log_, std::move(relay), std::move(on_log), std::move(on_fatal)});
        if (!made) return std::unexpected(made.error());
        chain_ = made->get();
        return std::move(*made);
    };
    options.make_elsewhere = [this](net::Executor relay) {
        return std::make_shared<gateway::Relay>(upstreams_, *chain_, std::move(relay));
    };
}

}  // namespace rues::app
