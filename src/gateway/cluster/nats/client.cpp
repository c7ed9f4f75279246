#include "gateway/cluster/nats/client.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

namespace rues::gateway::cluster::nats {
namespace {

using Kind = BusError::Kind;

/// Room for the headers of a message, which count as part of it.
constexpr std::size_t kHeaders = 1'024;
/// As long as no server has said how much it takes.
constexpr std::size_t kUsualPayload = 1 << 20;
/// A server that takes less is not supported: its `max_payload` is told when a message of this size does not fit.
constexpr std::size_t kLeastPayload = 16 << 10;
constexpr std::chrono::milliseconds kConnect{2'000};

Kind kind_of(natsStatus status, int code) {
    switch (code) {
    case JSStreamWrongLastSequenceErr:
        return Kind::refused;
    case JSNoMessageFoundErr:
    case JSSequenceNotFoundErr:
        return Kind::not_found;
    case JSAccountResourcesExceededErr:
    case JSInsufficientResourcesErr:
    case JSMemoryResourcesExceededErr:
    case JSStorageResourcesExceededErr:
    case JSStreamMaxStreamBytesExceededErr:
    case JSStreamStoreFailedErr:
        return Kind::full;
    case JSClusterNotAvailErr:
    case JSClusterNotLeaderErr:
    case JSClusterIncompleteErr:
    case JSStreamOfflineErr:
        return Kind::unreachable;
    default:
        break;
    }
    switch (status) {
    case NATS_NO_RESPONDERS:
    case NATS_NO_SERVER:
    case NATS_NOT_YET_CONNECTED:
        return Kind::unreachable;
    case NATS_MAX_PAYLOAD:
    case NATS_INVALID_ARG:
    case NATS_INVALID_SUBJECT:
    case NATS_ERR:
        return Kind::invalid;
    case NATS_NOT_FOUND:
        return Kind::not_found;
    default:
        return Kind::unclear;  // a timeout, or a connection that was lost meanwhile
    }
}

void ignore_error(natsConnection*, natsSubscription*, natsStatus, void*) {}
void ignore_connection(natsConnection*, void*) {}

}  // namespace

bool is_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    });
}

std::unexpected<BusError> no_name(std::string_view name) {
    return bus_failure(Kind::invalid,
                       fmt::format("`{}` is no name: letters, digits, `-`, `_` and `.` are allowed", name));
}

std::unexpected<BusError> too_large(std::size_t size) {
    return bus_failure(Kind::invalid, fmt::format("{} bytes are more than the NATS server takes", size));
}

std::unexpected<BusError> failed(natsStatus status, int code, std::string_view what) {
    if (status == NATS_NO_RESPONDERS)
        return bus_failure(Kind::unreachable, fmt::format("{}: no server answers for it now", what));
    natsStatus last = NATS_OK;
    const char* text = code != 0 ? nats_GetLastError(&last) : nullptr;
    return bus_failure(kind_of(status, code),
                       fmt::format("{}: {}", what, text != nullptr ? text : natsStatus_GetText(status)));
}

std::int64_t wait_of(Timeout timeout) {
    return std::max<std::int64_t>(timeout.count(), 1);
}

Connection::~Connection() {
    {
        const std::lock_guard lock(replies_mutex_);
        is_over_ = true;
        has_replies_.notify_all();
    }
    if (replying_.joinable()) replying_.join();
    if (js_ != nullptr) jsCtx_Destroy(js_);
    if (nc_ != nullptr) natsConnection_Close(nc_);
    natsConnection_Destroy(nc_);
}

BusResult<void> Connection::check_up() const {
    if (is_up()) return {};
    // The library closes a connection that shall be tried for ever only when every server has refused it twice.
    if (natsConnection_IsClosed(nc_))
        return bus_failure(Kind::unreachable,
                           "every NATS server refuses this machine: correct user, password or credentials, and start "
                           "the machine again");
    return bus_failure(Kind::unreachable, "no connection to a NATS server");
}

std::size_t Connection::most_bytes() const {
    const auto most = natsConnection_GetMaxPayload(nc_);
    return std::max(most > 0 ? static_cast<std::size_t>(most) : kUsualPayload, kLeastPayload) - kHeaders;
}

base::Result<void> Connection::open(const NatsOptions& given) {
    const auto invalid = [](std::string_view what, natsStatus status) {
        return base::failure(base::Error::Kind::invalid, fmt::format("{}: {}", what, natsStatus_GetText(status)));
    };
    natsOptions* made = nullptr;
    if (const auto status = natsOptions_Create(&made); status != NATS_OK) return invalid("NATS", status);
    const Options options(made);
    std::vector<const char*> urls;
    urls.reserve(given.servers.size());
    for (const auto& each : given.servers) urls.push_back(each.c_str());
    if (const auto status = natsOptions_SetServers(made, urls.data(), static_cast<int>(urls.size())); status != NATS_OK)
        return invalid("the URLs of the NATS servers", status);
    natsOptions_SetName(made, given.machine.c_str());
    natsOptions_SetTimeout(made, kConnect.count());
    natsOptions_SetPingInterval(made, kPing.count());
    natsOptions_SetMaxPingsOut(made, kPings);
    natsOptions_SetMaxReconnect(made, -1);
    natsOptions_SetReconnectWait(made, kReconnect.count());
    natsOptions_SetReconnectJitter(made, kReconnect.count(), kReconnect.count());
    natsOptions_SetRetryOnFailedConnect(made, true, &ignore_connection, nullptr);
    natsOptions_SetFailRequestsOnDisconnect(made, true);
    natsOptions_SetWriteDeadline(made, kConnect.count());
    natsOptions_SetSendAsap(made, true);
    natsOptions_SetErrorHandler(made, &ignore_error, nullptr);
    // The library reads the credentials only when it connects, and then says nothing.
    for (const auto& file : {given.credentials, given.ca}) {
        if (!file.empty() && ::access(file.c_str(), R_OK) != 0)
            return base::failure(base::Error::Kind::io,
                                 fmt::format("{}: {}", file, std::generic_category().message(errno)));
    }
    if (!given.credentials.empty()) {
        if (const auto status = natsOptions_SetUserCredentialsFromFiles(made, given.credentials.c_str(), nullptr);
            status != NATS_OK)
            return invalid(given.credentials, status);
    }
    if (std::ranges::any_of(given.servers, [](const auto& each) { return each.starts_with("tls://"); }))
        natsOptions_SetSecure(made, true);
    if (!given.ca.empty()) {
        if (const auto status = natsOptions_LoadCATrustedCertificates(made, given.ca.c_str()); status != NATS_OK)
            return invalid(given.ca, status);
    }
    const auto connected = natsConnection_Connect(&nc_, made);
    if (connected != NATS_OK && connected != NATS_NOT_YET_CONNECTED) {
        std::vector<std::string> shown;
        shown.reserve(given.servers.size());
        for (const auto& each : given.servers) shown.push_back(without_user(each));
        return invalid(fmt::format("{}", fmt::join(shown, ",")), connected);
    }
    is_first_a_reconnect_ = connected == NATS_NOT_YET_CONNECTED;
    if (const auto status = natsConnection_JetStream(&js_, nc_, nullptr); status != NATS_OK)
        return invalid("JetStream", status);
    cluster = given.cluster;
    replicas = given.servers.size() >= 3 ? 3 : 1;
    replying_ = std::thread([this] { send_replies(); });
    return {};
}

Link Connection::link() const {
    Link out;
    out.is_up = is_up();
    std::array<char, 256> url{};
    if (out.is_up && natsConnection_GetConnectedUrl(nc_, url.data(), url.size()) == NATS_OK)
        out.server = without_user(url.data());
    natsStatistics* counts = nullptr;
    if (natsStatistics_Create(&counts) != NATS_OK) return out;
    if (natsConnection_GetStats(nc_, counts) == NATS_OK)
        natsStatistics_GetCounts(counts, nullptr, nullptr, nullptr, nullptr, &out.losses);
    natsStatistics_Destroy(counts);
    if (is_first_a_reconnect_ && out.losses > 0) --out.losses;
    return out;
}

void Connection::reply(std::string subject, ByteView answer) {
    const std::lock_guard lock(replies_mutex_);
    if (replies_.size() >= kMostReplies) return;
    replies_.emplace_back(std::move(subject), base::to_bytes(answer));
    has_replies_.notify_all();
}

void Connection::send_replies() {
    for (;;) {
        std::pair<std::string, Bytes> next;
        {
            std::unique_lock lock(replies_mutex_);
            has_replies_.wait(lock, [this] { return is_over_ || !replies_.empty(); });
            if (is_over_) return;
            next = std::move(replies_.front());
            replies_.pop_front();
        }
        // Whoever asked has a timeout, so nobody hears of a reply that cannot be sent.
        if (is_up())
            (void)natsConnection_Publish(nc_, next.first.c_str(), next.second.data(),
                                         static_cast<int>(next.second.size()));
    }
}

BusResult<std::uint64_t> publish_to(const Connection& to, const std::string& subject, ByteView body,
                                    jsPubOptions& options, Timeout timeout) {
    if (body.size() > to.most_bytes()) return too_large(body.size());
    if (const auto up = to.check_up(); !up) return std::unexpected(up.error());
    options.MaxWait = wait_of(timeout);
    jsPubAck* ack = nullptr;
    jsErrCode code{};
    const auto status =
        js_Publish(&ack, to.js(), subject.c_str(), body.data(), static_cast<int>(body.size()), &options, &code);
    const Ack own(ack);
    if (status != NATS_OK) return failed(status, static_cast<int>(code), "publishing to " + subject);
    return ack->Sequence;
}

jsOptions js_options(Timeout timeout) {
    jsOptions out;
    jsOptions_Init(&out);
    out.Wait = wait_of(timeout);
    return out;
}

BusResult<Info> info_of(const Connection& from, const std::string& stream, jsOptions& options) {
    if (const auto up = from.check_up(); !up) return std::unexpected(up.error());
    jsStreamInfo* info = nullptr;
    jsErrCode code{};
    const auto status = js_GetStreamInfo(&info, from.js(), stream.c_str(), &options, &code);
    if (status == NATS_NOT_FOUND || static_cast<int>(code) == JSStreamNotFoundErr) return Info();
    if (status != NATS_OK) return failed(status, static_cast<int>(code), "stream " + stream);
    return Info(info);
}

BusResult<void> open_stream(const Connection& on, jsStreamConfig& wanted, Timeout timeout) {
    auto options = js_options(timeout);
    const auto found = info_of(on, wanted.Name, options);
    if (!found) return std::unexpected(found.error());
    if (*found && (*found)->Config->MaxAge == wanted.MaxAge) return {};
    jsErrCode code{};
    natsStatus status = NATS_OK;
    if (*found) {
        (*found)->Config->MaxAge = wanted.MaxAge;
        (*found)->Config->Duplicates = wanted.Duplicates;
        status = js_UpdateStream(nullptr, on.js(), (*found)->Config, &options, &code);
    } else {
        status = js_AddStream(nullptr, on.js(), &wanted, &options, &code);
    }
    if (status != NATS_OK) return failed(status, static_cast<int>(code), fmt::format("stream {}", wanted.Name));
    return {};
}

Bytes body_of(const Msg& message) {
    const auto size = static_cast<std::size_t>(natsMsg_GetDataLength(message.get()));
    return base::to_bytes(std::string_view(natsMsg_GetData(message.get()), size));
}

}  // namespace rues::gateway::cluster::nats
