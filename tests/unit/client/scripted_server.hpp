#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "client/url.hpp"

namespace rues::client::test {

/// One accepted connection, on the server's thread.
class Peer {
public:
    explicit Peer(int descriptor) : descriptor_(descriptor) {}
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() { ::close(descriptor_); }

    /// Reads up to and including `end`; less when the client closes before.
    std::string read_until(std::string_view end) {
        std::string out;
        char byte = 0;
        while (!out.ends_with(end) && ::recv(descriptor_, &byte, 1, 0) == 1) out += byte;
        return out;
    }
    std::string read(std::size_t count) {
        if (count == 0) return {};  // recv would wait for a byte all the same
        std::string out(count, '\0');
        out.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::recv(descriptor_, out.data(), count, MSG_WAITALL))));
        return out;
    }
    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto done = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (done <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(done));
        }
    }

private:
    int descriptor_;
};

/// A server that runs the n-th script on its n-th connection and then closes it.
class ScriptedServer {
public:
    using Script = std::function<void(Peer&)>;

    explicit ScriptedServer(std::vector<Script> scripts) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(listener_, 16), 0);
        EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
        url_ = {"127.0.0.1", ntohs(address.sin_port), nullptr};
        thread_ = std::jthread([listener = listener_, scripts = std::move(scripts)] {
            for (const auto& script : scripts) {
                const int descriptor = ::accept(listener, nullptr, nullptr);
                if (descriptor < 0) return;  // shut down: the test is over
                Peer peer(descriptor);
                script(peer);
            }
        });
    }
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;
    ~ScriptedServer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    const Url& url() const { return url_; }

private:
    int listener_;
    Url url_;
    std::jthread thread_;
};

}  // namespace rues::client::test
