#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/client.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "net/handler.hpp"
#include "net/lanes.hpp"
#include "net/limits.hpp"
#include "net/timer.hpp"
#include "net/tls.hpp"

/// Sockets: event loops, HTTP/1.1, WebSocket. Knows nothing of routes, events or the chain.
namespace rues::net {

struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;              ///< 0: any free one
    std::size_t loops = 0;                  ///< 0: one per CPU of the affinity mask
    std::shared_ptr<const TlsContext> tls;  ///< nullptr: plain
    Limits limits;
    /// The accounts of clients, for others to read. Null: a table of the server's own.
    std::shared_ptr<base::Clients> clients{};
    /// Proxies whose `X-Forwarded-For` names the client. Any other's is ignored.
    std::vector<base::ClientKey> trusted_proxies{};
    /// Descriptors of the process that connections never take, whatever `Limits::max_connections` says: those for
    /// files, loops and everything else that the program opens. The default is enough for a few loops and no files.
    std::size_t reserved_descriptors = 64;
    /// Runs the steps of TLS handshakes, `Handshakes::kThreads` at once at most. Empty: the loops do.
    Executor handshake_pool{};
};

/// Raises the process's soft limit of open files to the hard limit. The soft limit protects programs that use select();
/// the hard limit is what the operator allows. Returns the limit that holds now.
std::size_t raise_descriptor_limit() noexcept;

/// An HTTP server with one thread per loop. One thread calls `start` and `stop`; any thread may call the other methods,
/// unless they say otherwise.
class Server {
public:
    /// Binds and listens; nothing is accepted before `start`. Error kinds: `invalid` for a wrong address, or if the
    /// process may not open more files than `reserved_descriptors`; `io` if it cannot listen. `handler` outlives the
    /// server.
    static base::Result<std::unique_ptr<Server>> create(const Options& options, HttpHandler& handler, base::Log log);
    virtual ~Server() = default;  ///< stops without grace
    /// Starts the threads of the loops and accepts connections. Call it once.
    virtual void start() = 0;
    /// Stops accepting. Idle connections end at once, others after their answer. WebSockets and pushed bodies get
    /// `on_drain` one after the other, evenly over `spread`; those whose client has not received everything come last.
    /// A later call with `spread` 0 drains all that are left at once. Does not wait: `connections` tells when all have
    /// gone.
    virtual void drain(std::chrono::milliseconds spread) = 0;
    /// Drains all at once, waits at most `grace` for the end of connections, ends those that are left, and joins the
    /// threads. Not on a loop. Tasks that still wait then never run.
    virtual void stop(std::chrono::milliseconds grace) = 0;
    /// Replaces the limits for everything that begins from now on, such as the next ping of a WebSocket.
    virtual void use_limits(const Limits& limits) = 0;
    /// Ends the connections of a client, because it must give way: WebSockets with 1008 and `reason`, requests that are
    /// not whole with 503 and `reason`, others at once. `holding`: only those connections whose end gives back some of
    /// it; nullopt: all.
    virtual void end_client(const base::ClientKey& key, std::string reason, std::optional<base::Holding> holding) = 0;
    /// Replaces the certificate for connections accepted from now on. REQUIRES: the server was created with TLS.
    virtual void use_tls(std::shared_ptr<const TlsContext> tls) = 0;
    virtual std::uint16_t port() const noexcept = 0;
    virtual std::size_t loops() const noexcept = 0;
    /// Runs `task` on the thread of `loop`, never inside this call. The tasks of one caller run in order. Tasks that
    /// still wait when the server stops never run.
    virtual void post(std::size_t loop, std::move_only_function<void()> task) = 0;
    /// The same for work of the client for whom the caller acts (`base::ActingFor`). The client pays for it, and a
    /// client that has had its part of the loop's time has its turn later. The tasks of one caller for one client run
    /// in order.
    virtual void post_in_turn(std::size_t loop, std::move_only_function<void()> task) = 0;
    /// Runs `task` on the thread of `loop`, `delay` later.
    virtual void post_after(std::size_t loop, std::chrono::milliseconds delay,
                            std::move_only_function<void()> task) = 0;
    /// The same for a task that may become unwanted: when the returned timer is released, `task` is destroyed at once
    /// and never runs. So a timeout takes no memory once its request has ended.
    [[nodiscard]] virtual Timer start_timer(std::size_t loop, std::chrono::milliseconds delay,
                                            std::move_only_function<void()> task) = 0;
    /// Sends whole messages to many WebSockets of one loop (see `Lanes::send`). Loop thread.
    virtual void send_to_all(std::size_t loop, std::span<const Lane> lanes, base::ByteView messages,
                             Shortfalls& rest) const = 0;
    /// Number of open connections of all loops.
    virtual std::size_t connections() const noexcept = 0;
};

}  // namespace rues::net
