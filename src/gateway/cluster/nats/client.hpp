#pragma once

#include <nats/nats.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "gateway/cluster/nats.hpp"

/// The library libnats for our use: only this folder includes its header. It makes threads of its own.
namespace rues::gateway::cluster::nats {

inline constexpr std::int64_t kNanoseconds = 1'000'000;  ///< of a millisecond

template <auto destroy>
struct Destroy {
    template <typename T>
    void operator()(T* what) const {
        destroy(what);
    }
};
using Options = std::unique_ptr<natsOptions, Destroy<natsOptions_Destroy>>;
using Msg = std::unique_ptr<natsMsg, Destroy<natsMsg_Destroy>>;
using Info = std::unique_ptr<jsStreamInfo, Destroy<jsStreamInfo_Destroy>>;
using Ack = std::unique_ptr<jsPubAck, Destroy<jsPubAck_Destroy>>;
using ConsumerInfo = std::unique_ptr<jsConsumerInfo, Destroy<jsConsumerInfo_Destroy>>;
using MetaData = std::unique_ptr<jsMsgMetaData, Destroy<jsMsgMetaData_Destroy>>;

/// Whether it can be a subject of ours, or a key: `Bucket`.
bool is_name(std::string_view name);
std::unexpected<BusError> no_name(std::string_view name);
std::unexpected<BusError> too_large(std::size_t size);
/// The error of the last call of this thread. `code` is that of JetStream; 0: none.
std::unexpected<BusError> failed(natsStatus status, int code, std::string_view what);
/// The library takes no time of 0.
std::int64_t wait_of(Timeout timeout);
jsOptions js_options(Timeout timeout);
Bytes body_of(const Msg& message);

/// The connection and its JetStream, shared by all that use them.
class Connection {
public:
    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    base::Result<void> open(const NatsOptions& given);

    natsConnection* nc() const noexcept { return nc_; }
    jsCtx* js() const noexcept { return js_; }
    bool is_up() const { return natsConnection_Status(nc_) == NATS_CONN_STATUS_CONNECTED; }
    /// The library would keep what is sent while there is no connection, and send it at some later time.
    BusResult<void> check_up() const;
    std::size_t most_bytes() const;
    Link link() const;
    /// Sends `answer` on a thread of its own, because a socket may block.
    void reply(std::string subject, ByteView answer);

    std::string cluster;
    int replicas = 1;

private:
    void send_replies();

    natsConnection* nc_ = nullptr;
    jsCtx* js_ = nullptr;
    bool is_first_a_reconnect_ = false;  ///< the library counts the first connection as one, if it was not made at once
    std::mutex replies_mutex_;
    std::condition_variable has_replies_;
    std::deque<std::pair<std::string, Bytes>> replies_;
    bool is_over_ = false;
    std::thread replying_;
};
using Shared = std::shared_ptr<Connection>;

BusResult<std::uint64_t> publish_to(const Connection& to, const std::string& subject, ByteView body,
                                    jsPubOptions& options, Timeout timeout);
/// Null: there is no such stream.
BusResult<Info> info_of(const Connection& from, const std::string& stream, jsOptions& options);
/// Opens a stream of JetStream, and makes it where there is none. Limits that an operator gave it stay; its age is that
/// of `wanted`.
BusResult<void> open_stream(const Connection& on, jsStreamConfig& wanted, Timeout timeout);

}  // namespace rues::gateway::cluster::nats
