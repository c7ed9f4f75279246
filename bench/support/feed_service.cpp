#include "support/feed_service.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <signal.h>
#include <sys/prctl.h>

#include <map>
#include <mutex>

#include "app/input.hpp"
#include "app/node.hpp"
#include "support/contract_events.hpp"
#include "support/measure.hpp"
#include "support/publishing.hpp"

namespace rues::bench {
namespace {

/// Bytes of a whole message with its headers; the payload fills the rest.
constexpr std::size_t kMessageBytes = 300;
/// In the topic `mixed`, one in this many events is `removed`; the others are `included`.
constexpr std::uint64_t kOneIn = 100;

template <typename T>
T need(base::Result<T> result) {
    if (!result) give_up(result.error().text);
    return std::move(*result);
}

/// Events of the mempool with 300 bytes, each for another transaction; for two topics events of a contract.
class Events {
public:
    ledger::Event next(const std::string& topic) {
        if (topic == kStoredEvents || topic == kDecodedEvents) return moonlight_event(++number_);
        ledger::Event out;
        out.component = wire::Component::transactions;
        out.entity = fmt::format("{:064x}", ++number_);
        out.topic = topic != "mixed" ? topic : number_ % kOneIn == 0 ? "removed" : "included";
        out.content_type = "application/json";
        out.height = 1;
        out.payload.assign(payload_bytes(out), std::byte{' '});
        out.payload.front() = std::byte{'{'};
        out.payload.back() = std::byte{'}'};
        return out;
    }

private:
    /// Computed once for each length of topic and position, because this work is not the server's.
    std::size_t payload_bytes(const ledger::Event& empty) {
        std::size_t& out = sizes_[{empty.topic.size(), std::to_string(number_).size()}];
        if (out == 0) {
            const std::size_t bare = ledger::encode_message(empty, {0, number_}).size();
            require(bare + 2 < kMessageBytes, "the headers of an event are too long");
            out = kMessageBytes - bare;
        }
        return out;
    }

    std::uint64_t number_ = 0;
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> sizes_;
};

/// Latencies from the commit of a burst to its last write. They are measured only after the first request for them,
/// because each measurement costs a wake-up.
class Latencies {
public:
    bool wanted() const noexcept { return wanted_; }
    void add(double us) {
        const std::lock_guard lock(mutex_);
        all_.push_back(us);
    }
    std::vector<double> take() {
        wanted_ = true;
        const std::lock_guard lock(mutex_);
        return std::exchange(all_, {});
    }

private:
    bool wanted_ = false;  ///< used only by the publishing thread
    std::mutex mutex_;
    std::vector<double> all_;
};

}  // namespace

int serve_feed(Meter& meter, const FeedService& service) {
    ::signal(SIGPIPE, SIG_IGN);
    ::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);  // lets BareLoop duplicate our sockets
    const auto log = [](base::LogLevel level, std::string_view text) {
        if (level >= base::LogLevel::warning) fmt::print(stderr, "feed server: {}\n", text);
    };
    base::SystemClock clock;
    app::Node::Options options{{.directory = service.store}, {}, need(app::load_genesis({})), {}, {}, {}};
    options.hub.limits.catch_up_distance = 1'000'000'000;
    options.hub.journal = service.store.parent_path() / "sessions";
    options.server.port = 0;
    options.server.loops = 1;
    options.server.limits.ping_interval = service.ping_interval;
    if (service.certificate_folder != "-") {
        const std::filesystem::path folder = service.certificate_folder;
        options.server.tls = need(net::TlsContext::load(folder / "certificate.pem", folder / "key.pem"));
    }
    // The chain never runs, so only this function writes to the store.
    const auto node = need(app::Node::create(std::move(options), clock, log));
    node->serve();
    store::Store* const store = &node->store();
    feed::Hub* const hub = &node->hub();
    net::Server* const server = &node->server();
    fmt::print("port {}\n", server->port());
    std::fflush(stdout);

    Events events;
    Latencies latencies;
    std::optional<std::ptrdiff_t> longer;  // bytes of an event's decoded message beyond those of the stored one
    serve_orders(
        meter, service.sessions,
        [&](const Order& order) {
            store::MempoolCommit commit;
            for (std::size_t i = 0; i < order.burst; ++i) commit.events.push_back(events.next(order.topic));
            const double begin = now_us();
            auto batch = need(store->commit_mempool(commit));
            std::size_t bytes = 0;
            for (const auto& record : *batch) bytes += record.message.size();
            if (order.topic == kDecodedEvents) {
                if (!longer) longer = decoded_difference(batch->front().message);
                bytes += static_cast<std::size_t>(*longer * static_cast<std::ptrdiff_t>(batch->size()));
            }
            hub->appended(std::move(batch));
            // Runs after the delivery that this commit caused.
            if (latencies.wanted()) server->post(0, [&latencies, begin] { latencies.add(now_us() - begin); });
            return bytes;
        },
        [&] { return latencies.take(); });
    std::_Exit(0);  // no state needs to be saved
}

void make_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(), &X509_free);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), 86'400);
    X509_set_pubkey(x509.get(), pair.get());
    require(X509_sign(x509.get(), pair.get(), EVP_sha256()) > 0, "no certificate");
    const std::unique_ptr<std::FILE, decltype(&std::fclose)> to(std::fopen(certificate.c_str(), "w"), &std::fclose);
    const std::unique_ptr<std::FILE, decltype(&std::fclose)> key_to(std::fopen(key.c_str(), "w"), &std::fclose);
    require(PEM_write_X509(to.get(), x509.get()) == 1 &&
                PEM_write_PKCS8PrivateKey(key_to.get(), pair.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
            "a certificate cannot be written");
}

}  // namespace rues::bench
