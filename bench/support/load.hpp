#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.hpp"

namespace rues::bench {

/// A connected socket to `port` on the loopback interface. The caller owns it.
int connect_to(std::uint16_t port);
/// A request with the headers that a plain client sends.
std::string http_request(std::string_view method, std::string_view path, std::string_view body = {},
                         std::string_view extra_headers = {});
/// The request that opens a session; the session's id is the first message of the server.
std::string upgrade_request();
/// RFC 6455 5.2: a short text message of a server has two bytes of header.
inline constexpr std::size_t kSessionIdBytes = 2 + 32;
/// Opens a session and returns its id; the socket stays open until the program ends.
std::string open_session(std::uint16_t port);
/// Sends one request and returns the body of the answer. Nobody else may use the connection.
std::string ask(int socket, std::string_view request, unsigned status);

/// A keep-alive connection and its requests. Each request is sent after the answer to the previous one; after the last
/// request the client starts again with the first.
struct Client {
    int socket;  ///< the Load closes it; -1: a new connection for every request, closed after the answer
    std::vector<std::string> requests;
    std::uint16_t port = 0;  ///< for new connections
};

/// Clients that keep a server busy. All run in one separate process, so their CPU time is not counted as the server's.
class Load {
public:
    /// `status` is the status that every answer must have.
    Load(std::vector<Client> clients, unsigned status, int cpu);
    ~Load();
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    /// Sends `requests` requests in all, the same number from each client. Returns the CPU microseconds that `server`
    /// used for each request.
    double run(std::size_t requests, const Process& server);

private:
    pid_t pid_;
    int orders_;
    int reports_;
};

}  // namespace rues::bench
