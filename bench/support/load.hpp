#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/process.hpp"

namespace rues::bench {

/// A connected socket of the loopback interface; owned by who called.
int connect_to(std::uint16_t port);
/// A request with the headers that a plain client sends.
std::string http_request(std::string_view method, std::string_view path, std::string_view body = {},
                         std::string_view extra_headers = {});
/// Asks for a session, whose id is the first message.
std::string upgrade_request();
inline constexpr std::size_t kSessionIdBytes = 2 + 32;  ///< RFC 6455 5.2: two bytes before a short text of a server
/// Opens a session and returns its id; the socket stays open until the program ends.
std::string open_session(std::uint16_t port);
/// Sends one request and reads its answer, with nobody else on the connection. The answer's body.
std::string ask(int socket, std::string_view request, unsigned status);

/// A keep-alive connection and what is sent over it, each request after the answer to the one before it, from the start
/// again after the last.
struct Client {
    int socket;  ///< closed by the load; -1: a new one for every request, closed after the answer
    std::vector<std::string> requests;
    std::uint16_t port = 0;  ///< for new ones
};

/// Clients that keep a server busy, all in one process of their own: what they cost is not the server's.
class Load {
public:
    /// `status` is the one every answer must have.
    Load(std::vector<Client> clients, unsigned status, int cpu);
    ~Load();
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;

    /// `requests` of them in all, as many of each client; the CPU time that `server` spent meanwhile, per request, in
    /// microseconds.
    double run(std::size_t requests, const Process& server);

private:
    pid_t pid_;
    int orders_;
    int reports_;
};

}  // namespace rues::bench
