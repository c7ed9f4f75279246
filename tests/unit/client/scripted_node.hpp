#pragma once

#include "unit/client/scripted_server.hpp"

namespace rues::client::test {

struct Reply {
    std::string status, body;
    std::string headers = "Rusk-Version: 1.7.0\r\n";
};
using Replies = std::vector<Reply>;

/// Answers each request with the next of the replies, and keeps the requests.
struct Node {
    explicit Node(Replies replies) : server(scripts(std::move(replies))) {}

    std::vector<ScriptedServer::Script> scripts(Replies replies) {
        std::vector<ScriptedServer::Script> out;
        for (auto& reply : replies) {
            out.emplace_back([this, reply = std::move(reply)](Peer& peer) {
                std::string head = peer.read_until("\r\n\r\n");
                const auto length = head.find("Content-Length: ");
                const auto size = length == std::string::npos ? 0 : std::stoul(head.substr(length + 16));
                asked.push_back(head + peer.read(size));
                peer.send("HTTP/1.1 " + reply.status + "\r\n" + reply.headers +
                          "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body);
            });
        }
        return out;
    }
    const Url& url() const { return server.url(); }

    std::vector<std::string> asked;
    ScriptedServer server;
};

}  // namespace rues::client::test
