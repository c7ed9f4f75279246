#include "gateway/cluster/nats/consumer.hpp"

#include <fmt/format.h>

#include <utility>

namespace rues::gateway::cluster::nats {
namespace {

using Kind = BusError::Kind;

/// The server tells so often that a consumer lives; after twice this time the library notices that it does not.
constexpr std::chrono::milliseconds kHeartbeat{500};
/// A server keeps a consumer so long when nobody listens to it.
constexpr std::chrono::milliseconds kAbandoned{30'000};

}  // namespace

BusResult<void> Consumer::open(std::uint64_t from, Timeout timeout) {
    close();
    if (const auto up = on_->check_up(); !up) return up;
    jsSubOptions options;
    jsSubOptions_Init(&options);
    options.Stream = stream_.c_str();
    options.Config.DeliverPolicy = from == 0 ? js_DeliverLastPerSubject : js_DeliverByStartSequence;
    options.Config.OptStartSeq = from;
    options.Config.AckPolicy = js_AckNone;
    options.Config.FlowControl = true;
    options.Config.Heartbeat = kHeartbeat.count() * kNanoseconds;
    options.Config.InactiveThreshold = kAbandoned.count() * kNanoseconds;
    options.Config.Replicas = 1;
    options.Config.MemoryStorage = true;
    auto js = js_options(timeout);
    jsErrCode code{};
    const auto status = js_SubscribeSync(&subscription_, on_->js(), subject_.c_str(), &js, &options, &code);
    if (status != NATS_OK) {
        subscription_ = nullptr;
        return failed(status, static_cast<int>(code), "reading stream " + stream_);
    }
    received_ = 0;
    return {};
}

void Consumer::close() {
    if (subscription_ == nullptr) return;
    // The server removes the consumer by itself when nobody listens any more.
    natsSubscription_Destroy(std::exchange(subscription_, nullptr));
}

BusResult<Consumer::Next> Consumer::next(Timeout timeout) {
    natsMsg* got = nullptr;
    const auto status = natsSubscription_NextMsg(&got, subscription_, timeout.count());
    if (status == NATS_TIMEOUT) return Next{};
    Msg message(got);
    if (status != NATS_OK) {
        close();
        return failed(status, 0, "reading stream " + stream_);
    }
    jsMsgMetaData* meta = nullptr;
    const auto known = natsMsg_GetMetaData(&meta, got);
    const MetaData own(meta);
    if (known != NATS_OK || meta->Sequence.Consumer != received_ + 1) {
        close();
        return bus_failure(Kind::unclear, fmt::format("reading stream {}: messages are missing", stream_));
    }
    ++received_;
    return Next{std::move(message), meta->Sequence.Stream};
}

}  // namespace rues::gateway::cluster::nats
