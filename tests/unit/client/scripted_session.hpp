#pragma once

#include <string>
#include <string_view>

#include "support/websocket_frames.hpp"
#include "unit/client/scripted_server.hpp"
#include "wire/frame.hpp"
#include "wire/websocket.hpp"

/// The messages that a scripted server sends on the socket of a session.
namespace rues::client::test {

inline constexpr std::string_view kId = "00112233445566778899aabbccddeeff";

using rues::test::server_frame;

/// Answers an upgrade and returns its head; `headers` are whole lines.
inline std::string accept_upgrade(Peer& peer, std::string_view headers = {}) {
    const std::string head = peer.read_until("\r\n\r\n");
    constexpr std::string_view kName = "Sec-WebSocket-Key: ";
    const auto at = head.find(kName) + kName.size();
    peer.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
        wire::websocket::accept_key(head.substr(at, head.find("\r\n", at) - at)) + "\r\n" + std::string(headers) +
        "\r\n");
    return head;
}

inline std::string event(std::string_view topic, std::string_view position = {}) {
    wire::Frame out{{{"Content-Location", std::string("/on/blocks:00/").append(topic)}}, base::to_bytes("{}")};
    if (!position.empty()) out.headers.emplace_back("Rues-Position", position);
    return server_frame(0x82, base::text(out.encode()));
}

}  // namespace rues::client::test
