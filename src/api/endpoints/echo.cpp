#include <array>
#include <string>

#include "api/routes.hpp"
#include "net/websocket.hpp"
#include "wire/websocket.hpp"

/// `/dev/echo` sends every message back, so that public WebSocket test suites can test the codec that sessions use.
namespace rues::api::dev {
namespace {

using wire::websocket::Opcode;

constexpr std::size_t kMaxMessage = 16'777'216;  // the largest message of these suites

/// Handles one message at a time: it reads nothing while a message is unsent.
class Echo final : public net::WebSocketHandler {
public:
    void on_open(net::WebSocket& socket) override { socket_ = &socket; }
    void on_text(std::string_view text) override { answer(Opcode::text, text); }
    void on_binary(base::ByteView bytes) override { answer(Opcode::binary, base::text(bytes)); }
    void on_writable() override {
        const std::array buffers{base::view(unsent_).subspan(sent_)};
        sent_ += socket_->write(buffers, true);
        if (sent_ < unsent_.size()) return;
        unsent_ = std::string{};
        sent_ = 0;
        socket_->resume();
    }
    void on_closed(bool) override {}

private:
    void answer(Opcode kind, std::string_view payload) {
        std::string header;
        wire::websocket::append_frame_header(header, kind, payload.size());
        const std::array buffers{base::view(header), base::view(payload)};
        const std::size_t sent = socket_->write(buffers, true);
        if (sent == header.size() + payload.size()) return;
        unsent_ = header.append(payload);
        sent_ = sent;
        socket_->pause();
    }

    net::WebSocket* socket_ = nullptr;
    std::string unsent_;
    std::size_t sent_ = 0;  ///< of `unsent_`
};

}  // namespace

void echo(const Context& context, Exchange exchange) {
    if (const auto failure = sessions::handshake_failure(context, exchange.request))
        return std::move(exchange).fail(*failure);
    net::UpgradeOptions options;
    options.max_message_bytes = kMaxMessage;
    options.binary = true;
    std::move(exchange).take_responder().upgrade(common_headers(false), std::make_unique<Echo>(), options);
}

}  // namespace rues::api::dev
