#include "app/gateway_parts.hpp"

namespace rues::app {

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
    options.make_chain = [this](store::Store& store, vm::Machine& machine, net::Executor relay,
                                Node::Options::OnLog on_log,
                                Node::Options::OnFatal on_fatal) -> base::Result<std::unique_ptr<chain::Chain>> {
        auto made = gateway::FollowedChain::create(upstreams_, store, machine, {from_, seat_}, clock_, log_,
                                                   std::move(relay), std::move(on_log), std::move(on_fatal));
        if (!made) return std::unexpected(made.error());
        chain_ = made->get();
        return std::move(*made);
    };
    options.make_elsewhere = [this](net::Executor relay) {
        return std::make_shared<gateway::Relay>(upstreams_, *chain_, std::move(relay));
    };
}

}  // namespace rues::app
