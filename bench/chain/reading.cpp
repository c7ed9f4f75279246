// Contracts and accounts, read over HTTP: next to node/info of the same server, or to nginx with a static file of the
// same size. An answer that was given before at this tip is kept; the others run the contract.
#include <unistd.h>

#include "chain/parts.hpp"
#include "support/load.hpp"
#include "support/peers.hpp"
#include "wire/layouts.hpp"

namespace {

using namespace rues;
using namespace rues::bench;

constexpr int kRounds = 9;
constexpr std::size_t kConnections = 64;
constexpr std::size_t kAccounts = 4'096;
constexpr std::size_t kRequests = 300 * kConnections;

std::string call(std::string_view function, std::string_view argument = {}) {
    return http_request("POST", fmt::format("/on/contracts:01{:062}/{}", 0, function), argument,
                        "Content-Type: application/octet-stream\r\nAccept: application/octet-stream\r\n");
}

std::string call_account(const crypto::PublicKey& account) {
    const auto argument = wire::rkyv::archive(wire::layouts::Key{account.raw()});
    return call("account", base::text(argument));
}

/// All connections send this request.
std::vector<Client> same(std::uint16_t port, const std::string& request) {
    std::vector<Client> out;
    for (std::size_t i = 0; i < kConnections; ++i) out.push_back({connect_to(port), {request}});
    return out;
}

/// The requests are shared out to the connections.
std::vector<Client> different(std::uint16_t port, const std::vector<std::string>& requests) {
    std::vector<Client> out;
    for (std::size_t i = 0; i < kConnections; ++i) out.push_back({connect_to(port), {}});
    for (std::size_t i = 0; i < requests.size(); ++i) out[i % kConnections].requests.push_back(requests[i]);
    return out;
}

}  // namespace

bool rues::bench::measure_reading() {
    const auto [cpu, other] = cpus();
    const Senders senders(kAccounts);
    const TemporaryFolder folder;
    const std::string genesis = folder.write("genesis.toml", senders.genesis());
    Node node({"--loops", "1", "--mining", "manual", "--genesis", genesis}, cpu);
    std::vector<std::string> statuses;
    std::vector<std::string> calls;
    for (const auto& account : senders.accounts()) {
        statuses.push_back(http_request("POST", status_path(account)));
        calls.push_back(call_account(account));
    }
    const int socket = connect_to(node.port());
    const Nginx nginx({{"status", ask(socket, statuses[0], 200)}}, cpu);

    struct Case {
        Row row;
        const Process& server;
        Load load;
        bool is_first = false;  ///< at its tip; each request is sent once
        bool is_known = false;  ///< each request is sent once before it is measured
    };
    const auto port = node.port();
    Case cases[] = {
        {{"node/info"}, node.process(), {same(port, http_request("POST", "/on/node/info")), 200, other}},
        {{"nginx, a file of the size of an account's status"},
         nginx.process(),
         {same(nginx.port(), http_request("GET", "/status")), 200, other}},
        {{"transfer/chain_id"}, node.process(), {same(port, call("chain_id")), 200, other}},
        {{"transfer/account, asked before at this tip"}, node.process(), {same(port, calls[0]), 200, other}},
        {{"transfer/account, for the first time"}, node.process(), {different(port, calls), 200, other}, true},
        {{"account status, asked before at this tip"}, node.process(), {different(port, statuses), 200, other}},
        {{"account status, for the first time"}, node.process(), {different(port, statuses), 200, other}, true},
    };
    auto& [info, file, chain_id, account, account_first, status, status_first] = cases;
    for (Case* each : {&chain_id, &account, &account_first}) {
        each->row.peer = &info.row;
        each->row.promised = 4;
    }
    for (Case* each : {&status, &status_first}) each->row.peer = &file.row;
    status.row.promised = 1.3;
    status.is_known = true;
    status_first.row.promised = 4;

    const auto measure = [&](Case& each) {
        if (each.is_first) ask(socket, http_request("POST", "/dev/mine"), 200);
        if (each.is_known) each.load.run(kAccounts, each.server);
        const double us = each.load.run(each.is_first ? kAccounts : kRequests, each.server);
        each.row.us.push_back(us);
    };
    for (Case& each : cases) measure(each);
    for (Case& each : cases) each.row.us.clear();  // the server had not mapped the contracts yet
    for (int round = 0; round < kRounds; ++round) {
        for (Case& each : cases) measure(each);
    }
    ::close(socket);
    std::vector<const Row*> rows;
    for (const Case& each : cases) rows.push_back(&each.row);
    return print(fmt::format("Reading contracts, one core, {} connections, {} accounts", kConnections, kAccounts),
                 rows);
}
