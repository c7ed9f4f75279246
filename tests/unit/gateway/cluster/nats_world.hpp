#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "bus_world.hpp"
#include "gateway/cluster/nats.hpp"
#include "support/temporary_folder.hpp"

/// A real nats-server, for tests of the adapter.
namespace rues::gateway::cluster {

inline const char* nats_server() {
    for (const auto* path : {"/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"}) {
        if (::access(path, X_OK) == 0) return path;
    }
    return nullptr;
}

/// One nats-server with JetStream in a temporary folder, at a port that is kept over `kill` and `start`.
class NatsServer {
public:
    /// REQUIRES: nats_server() != nullptr. `lines`: further ones of its configuration.
    explicit NatsServer(const std::string& lines = "") : port_(free_port()) {
        configure(lines);
        start();
    }
    ~NatsServer() { kill(); }
    NatsServer(const NatsServer&) = delete;
    NatsServer& operator=(const NatsServer&) = delete;

    void start() {
        pid_ = ::fork();
        if (pid_ != 0) return;
        const int log = ::open((folder_.path() / "log").c_str(), O_CREAT | O_APPEND | O_WRONLY, 0600);
        ::dup2(log, 1);
        ::dup2(log, 2);
        const auto conf = (folder_.path() / "conf").string();
        ::execl(nats_server(), "nats-server", "-c", conf.c_str(), nullptr);
        ::_exit(127);
    }
    /// For the next start.
    void configure(const std::string& lines) const {
        std::ofstream(folder_.path() / "conf") << "listen: 127.0.0.1:" << port_ << "\njetstream {\n store_dir: \""
                                               << (folder_.path() / "data").string() << "\"\n}\n"
                                               << lines << "\n";
    }
    /// Loses everything that it has stored. REQUIRES: it does not run.
    void wipe() const { std::filesystem::remove_all(folder_.path() / "data"); }
    void kill() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
    std::string url(const std::string& user = "") const {
        return "nats://" + user + "127.0.0.1:" + std::to_string(port_);
    }
    std::filesystem::path folder() const { return folder_.path(); }

private:
    static int free_port() {
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
        ::close(socket);
        return ntohs(address.sin_port);
    }

    rues::test::TemporaryFolder folder_;
    int port_;
    pid_t pid_ = -1;
};

class NatsWorld final : public BusWorld {
public:
    explicit NatsWorld(const std::string& lines = "") : server_(lines) {}
    /// Waits until it has a connection and JetStream is ready.
    std::unique_ptr<Bus> machine() override { return machine_as(""); }
    std::unique_ptr<Bus> machine_as(const std::string& user) {
        auto out = nats_bus({{server_.url(user)}, "test", "machine", "", ""});
        if (!out) return nullptr;
        for (int turn = 0; turn < 500 && !(*out)->stream(Timeout(1'000)); ++turn)
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        return std::move(*out);
    }
    std::size_t most_bytes() const override { return (1 << 20) - 1'024; }
    NatsServer& server() { return server_; }

private:
    NatsServer server_;
};

}  // namespace rues::gateway::cluster
