#include "support/publishers.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <rocksdb/db.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/encoding.hpp"
#include "support/feed_service.hpp"
#include "support/load.hpp"
#include "support/measure.hpp"

namespace rues::bench {
namespace {

constexpr std::string_view kFeed = "--feed";
constexpr std::string_view kBare = "--bare";
constexpr std::string_view kNats = "--nats";
constexpr std::string_view kIterator = "--iterator";
constexpr std::size_t kCorked = 256 << 10;  // bytes in one send() of the bare iterator

std::vector<std::string> command(std::string_view what, const Meter& meter, std::size_t sessions,
                                 const std::vector<std::string>& more) {
    std::vector<std::string> out{"/proc/self/exe", std::string(what), std::to_string(meter.descriptor()),
                                 std::to_string(sessions)};
    out.insert(out.end(), more.begin(), more.end());
    return out;
}

std::uint16_t port_of(Process& process) {
    const auto port = base::parse_u64(process.line_after("port "));
    require(port.has_value(), "a program did not say its port");
    return static_cast<std::uint16_t>(*port);
}

void send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            pollfd full{socket, POLLOUT, 0};
            ::poll(&full, 1, -1);
            continue;
        }
        require(sent > 0, "a socket does not take bytes");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

/// The connected sockets of another program whose local port is `port`, oldest first, duplicated into this process.
std::vector<int> sockets_of(pid_t program, std::uint16_t port) {
    std::vector<int> theirs;
    for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", program))) {
        theirs.push_back(std::atoi(entry.path().filename().c_str()));
    }
    std::ranges::sort(theirs);
    // Raw system calls, because <sys/pidfd.h> of glibc 2.36 does not declare its functions for C++.
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, program, 0));
    require(handle >= 0, "a program ended early");
    std::vector<int> out;
    for (const int each : theirs) {
        const int socket = static_cast<int>(::syscall(SYS_pidfd_getfd, handle, each, 0));
        // EBADF: it was closed just now.
        require(socket >= 0 || errno == EBADF, "a descriptor of a program cannot be taken");
        sockaddr_in here{};
        sockaddr_in there{};
        socklen_t size = sizeof here;
        if (::getsockname(socket, reinterpret_cast<sockaddr*>(&here), &size) == 0 && here.sin_port == htons(port) &&
            ::getpeername(socket, reinterpret_cast<sockaddr*>(&there), &size) == 0) {
            out.push_back(socket);
        } else {
            ::close(socket);
        }
    }
    ::close(handle);
    return out;
}

/// The sockets of the server's sessions. Waits until the server has closed the other connections of its subscribers.
std::vector<int> session_sockets(pid_t server, std::uint16_t port, std::size_t sessions) {
    for (int attempt = 0; attempt < 100; ++attempt) {
        const std::vector<int> sockets = sockets_of(server, port);
        if (sockets.size() == sessions) return sockets;
        for (const int socket : sockets) ::close(socket);
        ::usleep(10'000);
    }
    give_up("a server has other connections than its sessions");
}

int serve_bare(Meter& meter, std::size_t sessions, pid_t server, std::uint16_t port) {
    allow_most_descriptors();
    const std::vector<int> sockets = session_sockets(server, port, sessions);
    std::vector<double> latencies;
    serve_orders(
        meter, sessions,
        [&](const Order& order) {
            const double begin = now_us();
            const std::string bytes(order.message_bytes * order.burst, 'x');
            for (const int socket : sockets) send_all(socket, bytes);
            latencies.push_back(now_us() - begin);
            return bytes.size();
        },
        [&] { return std::exchange(latencies, {}); });
    return 0;
}

int serve_nats(Meter& meter, std::size_t sessions, std::uint16_t port) {
    const int socket = connect_to(port);
    char greeting[4096];
    require(::recv(socket, greeting, sizeof greeting, 0) > 0, "nats-server does not greet");
    send_all(socket, "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n");
    serve_orders(
        meter, sessions,
        [&](const Order& order) {
            const std::string message =
                fmt::format("PUB bench {}\r\n{}\r\n", order.message_bytes, std::string(order.message_bytes, 'x'));
            for (std::size_t i = 0; i < order.burst; ++i) send_all(socket, message);
            return order.burst *
                   (fmt::format("MSG bench 1 {}\r\n", order.message_bytes).size() + order.message_bytes + 2);
        },
        [] { return std::vector<double>{}; });
    return 0;
}

int serve_iterator(Meter& meter, const std::string& store) {
    const auto [listener, port] = listen_here();
    fmt::print("port {}\n", port);
    std::fflush(stdout);
    const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    rocksdb::DBOptions options;
    std::vector<std::string> names;
    require(rocksdb::DB::ListColumnFamilies(options, store, &names).ok(), "a store cannot be read");
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    require(rocksdb::DB::OpenForReadOnly(options, store, families, &handles, &db).ok(), "a store cannot be opened");
    const auto log = static_cast<std::size_t>(std::ranges::find(names, "log") - names.begin());
    serve_orders(
        meter, 1,
        [&](const Order& order) {
            const std::unique_ptr<rocksdb::Iterator> each(db->NewIterator(rocksdb::ReadOptions(), handles[log]));
            std::string corked;
            std::size_t sent = 0;
            std::size_t entries = 0;
            for (each->SeekToFirst(); each->Valid(); each->Next()) {
                ++entries;
                if (order.topic != "send") continue;
                const auto value = each->value();
                require(value.size() >= order.message_bytes, "an entry is too short");
                corked.append(value.data() + value.size() - order.message_bytes, order.message_bytes);
                if (corked.size() + order.message_bytes <= kCorked) continue;
                send_all(socket, corked);
                sent += corked.size();
                corked.clear();
            }
            send_all(socket, corked);
            require(each->status().ok() && entries == order.events(), "the log has other entries than expected");
            return sent + corked.size();
        },
        [] { return std::vector<double>{}; });
    std::_Exit(0);
}

std::string write_certificate(const TemporaryFolder& folder, bool tls) {
    if (!tls) return "-";
    make_certificate(folder.path() / "certificate.pem", folder.path() / "key.pem");
    return folder.path().string();
}

}  // namespace

FeedServer::FeedServer(const FeedSettings& settings, const Meter& meter, int cpu)
    : process_(command(kFeed, meter, settings.sessions,
                       {std::to_string(settings.ping_interval_ms), store().string(),
                        write_certificate(folder_, settings.tls)}),
               cpu),
      port_(port_of(process_)) {}

BareLoop::BareLoop(const FeedServer& of, std::size_t sessions, const Meter& meter, int cpu)
    : process_(command(kBare, meter, sessions, {std::to_string(of.process().id()), std::to_string(of.port())}), cpu) {}

BareIterator::BareIterator(const std::filesystem::path& store, const Meter& meter, int cpu)
    : process_(command(kIterator, meter, 1, {store.string()}), cpu), port_(port_of(process_)) {}

NatsPublisher::NatsPublisher(std::uint16_t port, std::size_t sessions, const Meter& meter, int cpu)
    : process_(command(kNats, meter, sessions, {std::to_string(port)}), cpu) {}

bool is_publisher(std::span<char* const> arguments) {
    return arguments.size() >= 4 && std::string_view(arguments[1]).starts_with("--");
}

int publish(std::span<char* const> arguments) {
    const std::string_view what = arguments[1];
    Meter meter(std::atoi(arguments[2]));
    const auto sessions = static_cast<std::size_t>(std::atoll(arguments[3]));
    if (what == kFeed && arguments.size() == 7) {
        return serve_feed(meter,
                          {sessions, std::chrono::milliseconds(std::atoll(arguments[4])), arguments[5], arguments[6]});
    }
    if (what == kBare && arguments.size() == 6) {
        return serve_bare(meter, sessions, std::atoi(arguments[4]),
                          static_cast<std::uint16_t>(std::atoi(arguments[5])));
    }
    if (what == kIterator && arguments.size() == 5) return serve_iterator(meter, arguments[4]);
    if (what == kNats && arguments.size() == 5) {
        return serve_nats(meter, sessions, static_cast<std::uint16_t>(std::atoi(arguments[4])));
    }
    return 2;
}

}  // namespace rues::bench
