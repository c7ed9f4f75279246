#include "gateway/cluster/nats.hpp"

#include <fmt/format.h>

#include "gateway/cluster/nats/serving.hpp"
#include "gateway/cluster/nats/stored.hpp"

namespace rues::gateway::cluster {
namespace {

class NatsBus final : public Bus {
public:
    explicit NatsBus(nats::Shared on) : on_(std::move(on)) {}

    Link link() const override { return on_->link(); }
    std::size_t most_bytes() const override { return on_->most_bytes(); }

    BusResult<Bytes> request(std::string_view subject, ByteView body, Timeout timeout) override {
        if (const auto may = check(subject, body); !may) return std::unexpected(may.error());
        natsMsg* got = nullptr;
        const auto status = natsConnection_Request(&got, on_->nc(), full(subject).c_str(), body.data(),
                                                   static_cast<int>(body.size()), nats::wait_of(timeout));
        const nats::Msg answer(got);
        if (status != NATS_OK) return nats::failed(status, 0, fmt::format("asking {}", subject));
        return nats::body_of(answer);
    }
    BusResult<void> tell(std::string_view subject, ByteView body) override {
        if (const auto may = check(subject, body); !may) return may;
        const auto status =
            natsConnection_Publish(on_->nc(), full(subject).c_str(), body.data(), static_cast<int>(body.size()));
        if (status != NATS_OK) return nats::failed(status, 0, fmt::format("telling {}", subject));
        return {};
    }
    BusResult<std::unique_ptr<Serving>> serve(std::string_view subject, Handler handler, Timeout timeout) override {
        if (const auto may = check(subject, {}); !may) return std::unexpected(may.error());
        return nats::serve_subject(on_, full(subject), std::move(handler), timeout);
    }
    BusResult<std::unique_ptr<Bucket>> bucket(std::string_view name, std::chrono::milliseconds to_live,
                                              Timeout timeout) override {
        if (!nats::is_name(name) || name.contains('.')) return nats::no_name(name);
        return nats::open_bucket(on_, fmt::format("{}-{}", on_->cluster, name), to_live, timeout);
    }
    BusResult<std::unique_ptr<Stream>> stream(Timeout timeout) override { return nats::open_log(on_, timeout); }

private:
    std::string full(std::string_view subject) const { return fmt::format("{}.to.{}", on_->cluster, subject); }
    BusResult<void> check(std::string_view subject, ByteView body) const {
        if (!nats::is_name(subject)) return nats::no_name(subject);
        if (body.size() > on_->most_bytes()) return nats::too_large(body.size());
        return on_->check_up();
    }

    nats::Shared on_;
};

}  // namespace

std::string without_user(std::string_view url) {
    const auto scheme = url.find("://");
    const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    const auto user = url.rfind('@');
    if (user == std::string_view::npos || user < begin) return std::string(url);
    return fmt::format("{}{}", url.substr(0, begin), url.substr(user + 1));
}

base::Result<std::unique_ptr<Bus>> nats_bus(const NatsOptions& options) {
    auto connection = std::make_shared<nats::Connection>();
    if (const auto done = connection->open(options); !done) return std::unexpected(done.error());
    return std::make_unique<NatsBus>(std::move(connection));
}

}  // namespace rues::gateway::cluster
