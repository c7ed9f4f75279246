#include "gateway/cluster/nats/consumer.hpp"

#include <fmt/format.h>

#include <utility>

namespace rues::gateway::cluster::nats {
namespace {

using Kind = BusError::Kind;

/// The server tells so often that a consumer lives: it wants that where it has flow control.
constexpr std::chrono::milliseconds kHeartbeat{500};
/// A server keeps a consumer so long when nobody listens to it.
constexpr std::chrono::milliseconds kAbandoned{30'000};
/// After so long without a message the server is asked whether the consumer lives.
constexpr std::chrono::milliseconds kSilence{1'000};
constexpr Timeout kAnswer{2'000};

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
        return std::unexpected(
            end(failed(status, static_cast<int>(code), "reading stream " + stream_).error()).error());
    }
    received_ = 0;
    was_behind_ = false;
    heard_ = std::chrono::steady_clock::now();
    return {};
}

void Consumer::close() {
    if (subscription_ == nullptr) return;
    // The server removes the consumer by itself when nobody listens any more.
    natsSubscription_Destroy(std::exchange(subscription_, nullptr));
}

BusResult<Consumer::Next> Consumer::end(BusError why) {
    close();
    // It is this consumer that is gone, which says nothing of the messages of the stream.
    if (why.kind == Kind::not_found) why.kind = Kind::unreachable;
    return std::unexpected(std::move(why));
}

/// No message came. A server forgets its consumers when it is killed, and what it has sent into a connection that broke
/// does not come again; the library does not notice either. So the server is asked now and then.
BusResult<Consumer::Next> Consumer::silent() {
    if (const auto up = on_->check_up(); !up) return end(up.error());
    const auto now = std::chrono::steady_clock::now();
    if (now - heard_ < kSilence) return Next{};
    jsConsumerInfo* found = nullptr;
    auto options = js_options(kAnswer);
    jsErrCode code{};
    const auto status = natsSubscription_GetConsumerInfo(&found, subscription_, &options, &code);
    const ConsumerInfo info(found);
    if (status != NATS_OK) return end(failed(status, static_cast<int>(code), "reading stream " + stream_).error());
    // One that is behind once may still be on its way.
    const bool is_behind = info->Delivered.Consumer > received_ || info->NumPending > 0;
    if (is_behind && was_behind_) return end(missing());
    was_behind_ = is_behind;
    heard_ = now;
    return Next{};
}

BusError Consumer::missing() const {
    return {Kind::unclear, fmt::format("reading stream {}: messages are missing", stream_)};
}

BusResult<Consumer::Next> Consumer::next(Timeout timeout) {
    natsMsg* got = nullptr;
    const auto status = natsSubscription_NextMsg(&got, subscription_, timeout.count());
    if (status == NATS_TIMEOUT) return silent();
    Msg message(got);
    if (status != NATS_OK) return end(failed(status, 0, "reading stream " + stream_).error());
    jsMsgMetaData* meta = nullptr;
    const auto known = natsMsg_GetMetaData(&meta, got);
    const MetaData own(meta);
    if (known != NATS_OK || meta->Sequence.Consumer != received_ + 1) return end(missing());
    ++received_;
    was_behind_ = false;
    heard_ = std::chrono::steady_clock::now();
    return Next{std::move(message), meta->Sequence.Stream};
}

}  // namespace rues::gateway::cluster::nats
