// CPU time that one transaction costs the server, from its bytes to its block, next to blst's own verification of its
// signature: one core, over HTTP, rounds interleaved. The chain makes a block only on request, so that each row
// measures only its own work.
#include <unistd.h>

#include "chain/parts.hpp"
#include "support/load.hpp"

namespace {

using namespace rues;
using namespace rues::bench;

constexpr int kRounds = 9;
constexpr std::size_t kAccounts = Senders::kAccounts;
// In each round; the transfers of a round fit in one block (at most 1,000 transactions and 3e9 gas).
constexpr std::size_t kPerAccount = 15;
constexpr std::size_t kTransfers = kAccounts * kPerAccount;
constexpr std::size_t kAlone = 200;
constexpr std::string_view kDomain = "BLS_SIG_BLS12381G1_XMD:SHA-256_DUSK_V2";  // docs/reference/ledger.md 2.2

/// Clients that preverify or simulate transactions. All transactions are valid at any time, and no two are equal.
std::vector<Client> askers(std::string_view topic, const Senders& senders, std::uint16_t port, std::size_t connections,
                           std::size_t accounts) {
    std::vector<Client> out;
    for (std::size_t i = 0; i < connections; ++i) {
        Client client{connect_to(port), {}};
        for (std::uint64_t value = 1; value <= kPerAccount; ++value) {
            client.requests.push_back(post(topic, senders.transfer(i % accounts, 1, value + kPerAccount * i)));
        }
        out.push_back(std::move(client));
    }
    return out;
}

/// Clients that propagate every transaction once, in order of the nonces of its account.
std::vector<Client> propagators(const std::vector<std::vector<std::string>>& requests, std::uint16_t port) {
    std::vector<Client> out;
    for (const auto& of_account : requests) out.push_back({connect_to(port), of_account});
    return out;
}

/// A node that gets all transfers, a part of them in each round.
struct Chain {
    Node node;
    Load propagate;
    Row row_propagate;
    Row row_block;
    std::vector<double> elapsed_us{};

    Chain(const std::string& genesis, const std::string& sync, const std::vector<std::vector<std::string>>& requests,
          int cpu, int other)
        : node({"--loops", "1", "--mining", "manual", "--genesis", genesis, "--sync-blocks", sync}, cpu),
          propagate(propagators(requests, node.port()), 202, other),
          row_propagate{fmt::format("propagate, 64 clients, {}", sync == "true" ? "synced" : "unsynced")},
          row_block{fmt::format("executed and committed, {}", sync == "true" ? "synced" : "unsynced")} {}

    void round() {
        row_propagate.us.push_back(propagate.run(kTransfers, node.process()));
        const int socket = connect_to(node.port());
        timespec start{};
        timespec end{};
        ::clock_gettime(CLOCK_MONOTONIC, &start);
        const double before = node.process().cpu_us();
        ask(socket, http_request("POST", "/dev/mine"), 200);
        row_block.us.push_back((node.process().cpu_us() - before) / static_cast<double>(kTransfers));
        ::clock_gettime(CLOCK_MONOTONIC, &end);
        elapsed_us.push_back(static_cast<double>(end.tv_sec - start.tv_sec) * 1e6 +
                             static_cast<double>(end.tv_nsec - start.tv_nsec) / 1e3);
        ::close(socket);
    }
};

}  // namespace

bool rues::bench::measure_transactions() {
    const auto [cpu, other] = cpus();
    const Senders senders;
    const TemporaryFolder folder;
    const std::string genesis = folder.write("genesis.toml", senders.genesis());

    std::vector<std::vector<std::string>> transfers(kAccounts);
    for (std::size_t from = 0; from < kAccounts; ++from) {
        for (std::uint64_t nonce = 1; nonce <= kPerAccount * kRounds; ++nonce) {
            transfers[from].push_back(post("propagate", senders.transfer(from, nonce, 1)));
        }
    }
    Chain synced(genesis, "true", transfers, cpu, other);
    Chain unsynced(genesis, "false", transfers, cpu, other);

    Node node({"--loops", "1", "--mining", "manual", "--genesis", genesis}, cpu);
    Load alone(askers("preverify", senders, node.port(), 1, 1), 202, other);
    Load waiting(askers("preverify", senders, node.port(), 64, kAccounts), 202, other);
    Load one_sender(askers("preverify", senders, node.port(), 64, 1), 202, other);
    Load simulated(askers("simulate", senders, node.port(), 1, 1), 200, other);

    const auto tx = senders.transfer(0, 1, 1);
    const auto verify = [&] {
        const auto& body = *tx.moonlight();
        const auto& message = tx.signature_message();
        const auto error =
            blst_core_verify_pk_in_g2(&body.sender.point(), &body.signature.point(), true, base::u8(message),
                                      message.size(), base::u8(base::view(kDomain)), kDomain.size(), nullptr, 0);
        require(error == BLST_SUCCESS, "blst refused a signature");
    };

    Row blst{"blst_core_verify_pk_in_g2, the same message"};
    Row one{"preverify, 1 client", {}, &blst, 1.3};
    Row many{"preverify, 64 clients, each its own account", {}, &blst, 0.55};
    Row same{"preverify, 64 clients, one account", {}, &blst};
    Row simulate{"simulate, 1 client", {}, &blst, 1.3};
    for (Chain* chain : {&synced, &unsynced}) {
        chain->row_propagate.peer = chain->row_block.peer = &blst;
        chain->row_block.promised = 0.15;
    }
    waiting.run(kAccounts, node.process());  // lets the server decode every key once before the measurement
    for (int round = 0; round < kRounds; ++round) {
        blst.us.push_back(cpu_us_of(100, verify));
        one.us.push_back(alone.run(kAlone, node.process()));
        many.us.push_back(waiting.run(kTransfers, node.process()));
        same.us.push_back(one_sender.run(kTransfers, node.process()));
        simulate.us.push_back(simulated.run(kAlone, node.process()));
        synced.round();
        unsynced.round();
    }
    for (const Chain* chain : {&synced, &unsynced}) {
        require(senders.next_nonce(chain->node.port()) == kPerAccount * kRounds + 1,
                "blocks did not hold all transfers");
    }
    const bool kept =
        print("Transactions, one core, over HTTP", {&blst, &one, &many, &same, &simulate, &synced.row_propagate,
                                                    &synced.row_block, &unsynced.row_propagate, &unsynced.row_block});
    fmt::print(
        "\nA block of {} transfers took, by the clock and with what else the machine did: {:.1f} ms synced, {:.1f} ms "
        "unsynced\n",
        kTransfers, median(synced.elapsed_us) / 1e3, median(unsynced.elapsed_us) / 1e3);
    return kept;
}
