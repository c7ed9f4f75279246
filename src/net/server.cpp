#include "net/server.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>

#include "net/listener.hpp"
#include "net/loop.hpp"

namespace rues::net {
namespace {

std::size_t usable_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return std::max(1U, std::thread::hardware_concurrency());
    return static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
}

void run_on_thread(const std::shared_ptr<Loop>& loop) {
    const std::string name = "net-" + std::to_string(loop->number());
    ::pthread_setname_np(::pthread_self(), name.c_str());
    loop->run();
}

/// `descriptors`: all that connections may take.
base::ClientLimits client_limits(const Limits& limits, std::size_t descriptors) {
    using base::Holding;
    const std::size_t connections = std::min(limits.max_connections, descriptors);
    const std::size_t quarter = std::max(connections / 4, Limits::kFewConnections);
    base::ClientLimits out;
    out.one(Holding::connections) = limits.client_connections > 0 ? limits.client_connections : quarter;
    out.one(Holding::uploads) = limits.client_upload_bytes;
    out.one(Holding::messages) = limits.client_message_bytes;
    out.one(Holding::unread) = limits.client_unread_bytes;
    out.one(Holding::subscriptions) = limits.client_subscriptions;
    out.one(Holding::sessions) = limits.client_sessions;
    out.one(Holding::journal) = limits.client_journal_bytes;
    out.one(Holding::kept) = limits.client_kept_sessions;
    out.one(Holding::resumes) = limits.client_resumes;
    out.one(Holding::handshakes) = limits.client_handshakes;
    out.all(Holding::uploads) = limits.max_upload_bytes;
    out.all(Holding::unread) = limits.max_unread_bytes;
    out.all(Holding::subscriptions) = limits.max_subscriptions;
    out.all(Holding::journal) = limits.max_journal_bytes;
    constexpr std::uint64_t kMicrosecondsPerPercent = 10'000;
    out.share_us = kMicrosecondsPerPercent * limits.client_share * usable_cpus();
    return out;
}

class AsioServer final : public Server {
public:
    AsioServer(std::vector<std::shared_ptr<Loop>> loops, std::unique_ptr<Listener> listener,
               std::shared_ptr<Population> population, std::shared_ptr<base::Clients> clients)
        : loops_(std::move(loops)),
          listener_(std::move(listener)),
          population_(std::move(population)),
          clients_(std::move(clients)) {}
    ~AsioServer() override { AsioServer::stop(std::chrono::milliseconds(0)); }

    void start() override {
        for (const auto& loop : loops_) {
            threads_.emplace_back(run_on_thread, loop);
        }
        loops_.front()->post([this] { listener_->accept_when_ready(); });
    }

    void drain(std::chrono::milliseconds spread) override {
        loops_.front()->post([this] { listener_->close(); });
        for (const auto& loop : loops_) loop->post([raw = loop.get(), spread] { raw->drain(spread); });
    }

    void stop(std::chrono::milliseconds grace) override {
        if (threads_.empty()) return;
        drain(std::chrono::milliseconds(0));
        population_->wait_until_empty(grace);
        for (const auto& loop : loops_) loop->post([raw = loop.get()] { raw->stop_here(); });
        for (auto& thread : threads_) thread.join();
        threads_.clear();
    }

    void use_tls(std::shared_ptr<const TlsContext> tls) override {
        loops_.front()->post([this, tls = std::move(tls)]() mutable { listener_->use_tls(std::move(tls)); });
    }
    void use_limits(const Limits& limits) override {
        clients_->use_limits(client_limits(limits, listener_->descriptors()));
        loops_.front()->uploads()->use_limit(limits.max_upload_bytes);
        loops_.front()->post([this, most = limits.max_connections] { listener_->use_max_connections(most); });
        for (const auto& loop : loops_) loop->post([raw = loop.get(), limits] { raw->use_limits(limits); });
    }
    void end_client(const base::ClientKey& key, std::string reason, std::optional<base::Holding> holding) override {
        for (const auto& loop : loops_)
            loop->post([raw = loop.get(), key, reason, holding] { raw->end_client(key, reason, holding); });
    }
    std::uint16_t port() const noexcept override { return listener_->port(); }
    std::size_t loops() const noexcept override { return loops_.size(); }
    void post(std::size_t loop, std::move_only_function<void()> task) override { loops_[loop]->post(std::move(task)); }
    void post_in_turn(std::size_t loop, std::move_only_function<void()> task) override {
        loops_[loop]->post_in_turn(std::move(task));
    }
    void post_after(std::size_t loop, std::chrono::milliseconds delay, std::move_only_function<void()> task) override {
        loops_[loop]->post_after(delay, std::move(task));
    }
    Timer start_timer(std::size_t loop, std::chrono::milliseconds delay,
                      std::move_only_function<void()> task) override {
        return loops_[loop]->start_timer(delay, std::move(task));
    }
    void send_to_all(std::size_t loop, std::span<const Lane> lanes, ByteView messages,
                     Shortfalls& rest) const override {
        loops_[loop]->lanes().send(lanes, messages, rest);
    }
    std::size_t connections() const noexcept override { return population_->count(); }

private:
    std::vector<std::shared_ptr<Loop>> loops_;
    std::unique_ptr<Listener> listener_;
    std::shared_ptr<Population> population_;
    std::shared_ptr<base::Clients> clients_;
    std::vector<std::thread> threads_;
};

}  // namespace

std::size_t raise_descriptor_limit() noexcept {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);  // the answer is what holds, whatever the calls before did
    return limit.rlim_cur;
}

base::Result<std::unique_ptr<Server>> Server::create(const Options& options, HttpHandler& handler, base::Log log) {
    const auto population = std::make_shared<Population>();
    const auto uploads = std::make_shared<Budget>(options.limits.max_upload_bytes);
    const auto clients = options.clients ? options.clients : std::make_shared<base::Clients>();
    clients->use_unlimited(options.trusted_proxies);
    std::vector<std::shared_ptr<Loop>> loops;
    const std::size_t count = options.loops == 0 ? usable_cpus() : options.loops;
    loops.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        loops.push_back(std::make_shared<Loop>(i, options.limits, handler, population, uploads, clients));
    const auto handshakes = std::make_shared<Handshakes>(options.limits, options.handshake_pool);
    for (const auto& loop : loops) loop->use_handshakes(handshakes);
    auto listener = Listener::open(options, loops, population, std::move(log));
    if (!listener) return std::unexpected(listener.error());
    clients->use_limits(client_limits(options.limits, (*listener)->descriptors()));
    return std::make_unique<AsioServer>(std::move(loops), std::move(*listener), population, clients);
}

}  // namespace rues::net
