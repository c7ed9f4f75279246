// CPU time of one request on the server, next to nginx that serves a static file of the same size: one core,
// keep-alive, 64 connections, rounds interleaved.
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/keys.hpp"
#include "ledger/genesis.hpp"
#include "support/load.hpp"
#include "support/measure.hpp"
#include "support/peers.hpp"
#include "wire/session_id.hpp"

namespace {

using namespace rues;
using namespace rues::bench;

constexpr int kRounds = 11;
constexpr std::size_t kConnections = 64;
constexpr std::size_t kRequests = 300 * kConnections;  // for each row in each round; takes some tenths of a second

std::vector<Client> clients(std::uint16_t port, const std::string& request) {
    std::vector<Client> out;
    for (std::size_t i = 0; i < kConnections; ++i) out.push_back({connect_to(port), {request}});
    return out;
}

/// Each HTTP connection names a session that lives on the other one of two loops. A new connection goes to the loop
/// with the fewest connections, so they alternate.
std::vector<Client> crossing_clients(std::uint16_t port, const wire::SessionIdCipher& cipher) {
    std::vector<Client> out;
    for (std::size_t i = 0; i < kConnections; ++i) {
        const std::string text = open_session(port);
        const auto id = wire::parse_session_id(text);
        require(id && cipher.open(*id).loop == 0, "a session is on an unexpected loop");
        const std::string header = fmt::format("Rusk-Session-Id: {}\r\n", text);
        const std::string path = "/on/transactions/included";
        const int socket = connect_to(port);
        ask(socket, http_request("GET", path, {}, header), 200);  // now its loop has adopted the connection
        out.push_back({socket, {http_request("DELETE", path, {}, header), http_request("GET", path, {}, header)}});
    }
    return out;
}

wire::SessionIdCipher cipher_of(const TemporaryFolder& data) {
    base::ByteArray<16> key;
    std::FILE* const file = std::fopen((data.path() / "session.key").c_str(), "rb");
    require(file != nullptr && std::fread(key.data(), 1, key.size(), file) == key.size(), "no key of session ids");
    std::fclose(file);
    return wire::SessionIdCipher(key);
}

}  // namespace

int main() {
    const auto [cpu, other] = cpus();
    pin_here(other);
    const TemporaryFolder data;
    const TemporaryFolder data_of_two;
    Node node({"--loops", "1", "--data", data.path().string()}, cpu);
    Node two_loops({"--loops", "2", "--data", data_of_two.path().string()}, cpu);

    const std::string account =
        base::to_base58(crypto::account_key(ledger::local_chain_seed(), 0).public_key().bytes());
    const std::string info = http_request("POST", "/on/node/info");
    const std::string status = http_request("POST", fmt::format("/on/account:{}/status", account));
    const int socket = connect_to(node.port());
    const Nginx nginx({{"info", ask(socket, info, 200)}, {"status", ask(socket, status, 200)}}, cpu);
    ::close(socket);

    struct Case {
        Row row;
        const Process& server;
        Load load;
    };
    Case cases[] = {
        {{"nginx, a file of the size of node/info"},
         nginx.process(),
         {clients(nginx.port(), http_request("GET", "/info")), 200, other}},
        {{"node/info"}, node.process(), {clients(node.port(), info), 200, other}},
        {{"nginx, a file of the size of an account's status"},
         nginx.process(),
         {clients(nginx.port(), http_request("GET", "/status")), 200, other}},
        {{"account status"}, node.process(), {clients(node.port(), status), 200, other}},
        {{"subscribe and unsubscribe, each, to another loop"},
         two_loops.process(),
         {crossing_clients(two_loops.port(), cipher_of(data_of_two)), 200, other}},
    };
    auto& [nginx_info, own_info, nginx_status, own_status, subscribe] = cases;
    own_info.row.peer = &nginx_info.row;
    own_info.row.promised = 1.3;
    own_status.row.peer = &nginx_status.row;
    own_status.row.promised = 1.3;
    subscribe.row.peer = &nginx_status.row;
    subscribe.row.promised = 2;

    for (auto& each : cases) each.load.run(10 * kConnections, each.server);
    for (int round = 0; round < kRounds; ++round) {
        for (auto& each : cases) each.row.us.push_back(each.load.run(kRequests, each.server));
    }
    std::vector<const Row*> rows;
    for (const auto& each : cases) rows.push_back(&each.row);
    return print("HTTP, one core, keep-alive, 64 connections", rows) ? 0 : 1;
}
