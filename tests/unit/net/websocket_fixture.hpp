#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <thread>

#include "client.hpp"

namespace rues::net::test {

constexpr unsigned kText = 0x81;
constexpr unsigned kClose = 0x88;
constexpr unsigned kPing = 0x89;
constexpr unsigned kPong = 0x8a;

/// What a test does with one WebSocket; each part may be left out.
struct Script {
    std::function<void(WebSocket&)> open;
    std::function<void(WebSocket&)> writable;
    std::function<void(WebSocket&, std::string_view)> text;
    std::function<void(WebSocket&, ByteView)> binary;
    std::function<void(WebSocket&)> drain;
    Signal opened;
    Signal closed;
    std::atomic<int> closed_by_client{0};
};

class Scripted : public WebSocketHandler {
public:
    explicit Scripted(Script& script) : script_(script) {}
    void on_open(WebSocket& socket) override {
        socket_ = &socket;
        if (script_.open) script_.open(socket);
        script_.opened.raise();
    }
    void on_writable() override {
        if (script_.writable) script_.writable(*socket_);
    }
    void on_text(std::string_view text) override {
        if (script_.text) script_.text(*socket_, text);
    }
    void on_binary(ByteView bytes) override {
        if (script_.binary) script_.binary(*socket_, bytes);
    }
    void on_drain() override {
        if (script_.drain) script_.drain(*socket_);
    }
    void on_closed(bool by_client) override {
        if (by_client) ++script_.closed_by_client;
        script_.closed.raise();
    }

private:
    Script& script_;
    WebSocket* socket_ = nullptr;
};

/// Writes the same text message again and again. `next`: index in `message` of the next byte to write.
struct Endless {
    std::string message;
    std::size_t next = 0;

    explicit Endless(std::size_t payload) : message("\x81\x7e") {
        message += static_cast<char>(payload >> 8);
        message += static_cast<char>(payload & 0xff);
        message.append(payload, 'x');
    }
    /// Writes until the kernel takes no more, at most `most` messages.
    void pump(WebSocket& socket, int most = 1'000'000) {
        while (most-- > 0) {
            const std::string_view rest = std::string_view(message).substr(next);
            const std::array buffers{base::view(rest)};
            const std::size_t taken = socket.write(buffers, true);
            next = (next + taken) % message.size();
            if (taken < rest.size()) return;
        }
    }
};

class WebSockets : public EitherTransport {
protected:
    WebSockets() {
        options_.loops = 1;
        handler_.on_websocket = [this] { return std::make_unique<Scripted>(script_); };
    }
    Script script_;
    const StopFirst stop_{server_};
};

}  // namespace rues::net::test
