#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "api/api.hpp"
#include "api/elsewhere.hpp"
#include "api/prover.hpp"
#include "app/contract_machine.hpp"
#include "app/loops.hpp"
#include "app/worker_pool.hpp"
#include "chain/chain.hpp"
#include "chain/default_state.hpp"
#include "feed/decoded_events.hpp"

namespace rues::app {

/// A node: store, hub, chain, API and server, joined. It is the one composition of these rooms: the program, the
/// benches and the tests of the API use it, with other parts where they need them.
class Node {
public:
    struct Options {
        store::Options store;
        feed::Hub::Options hub;  ///< `loops` is that of the server; `decoder` empty: the contracts' data drivers
        ledger::Genesis genesis;
        chain::Options chain;
        net::Options server;
        api::Settings api;
        std::filesystem::path drivers{};  ///< folder of uploaded data drivers; empty: none are stored
        std::shared_ptr<api::graphql_http::Service> graphql{};  ///< null: with the limits that all have
        api::Limits limits{};
        /// The contracts of a new chain; null: the network's, which the program has.
        std::shared_ptr<const vm::GenesisContracts> contracts{};
        /// A state of block 0 that was made before (`chain::GenesisParts::prepared`). It outlives `create`.
        base::ByteView prepared_genesis = chain::default_state();
        vm::MachineOptions machine{};
        /// The setup whose verifier keys admission and the machine use. A chain must always have the same one.
        phoenix::Keys keys = phoenix::Keys::network;
        std::shared_ptr<api::Prover> prover{};  ///< null: the node does not prove

        /// Threads for requests that may wait for the disk, for GraphQL, and for calls of contracts that may take long.
        /// Empty: pools of the node's own. What the
        /// hub reads for slow sessions is always done on a pool of its own, so that neither delays the other.
        net::Executor read_pool{};
        net::Executor query_pool{};
        net::Executor call_pool{};
        /// Called on the chain thread with every batch of the log, before the hub gets it. Empty: not called.
        std::function<void(const store::LogBatch&)> on_log{};
        /// Called once, on the chain thread, when a commit failed (`chain::Chain::create`). Empty: not called.
        std::function<void(const std::string&)> on_fatal{};
        /// Makes the chain, in place of a local chain with `genesis`, `contracts` and `chain`, whose present values it
        /// gets. `relay` runs tasks that wait for other nodes. The result uses what it gets as a chain of
        /// `chain::Chain::create` does. Empty: a local chain.
        using OnLog = std::function<void(store::LogBatch)>;
        using OnFatal = std::function<void(std::string)>;
        std::function<base::Result<std::unique_ptr<chain::Chain>>(store::Store&, vm::Machine&, const chain::Options&,
                                                                  net::Executor relay, OnLog, OnFatal)>
            make_chain{};
        /// Called after `make_chain`: makes the object that answers requests in place of the API's own handlers.
        /// Empty: the API answers all.
        std::function<std::shared_ptr<api::Elsewhere>(net::Executor relay)> make_elsewhere{};
        /// Makes the object to which the API submits transactions in place of the chain. Empty: the chain itself.
        std::function<std::unique_ptr<chain::Submission>(chain::Submission&)> watch{};
    };

    /// Opens or makes everything in `options`; nothing runs yet. `clock` outlives the node. The error says what is
    /// wrong with the store, the genesis or the address.
    static base::Result<std::unique_ptr<Node>> create(Options options, base::Clock& clock, const base::Log& log);
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    /// As `stop` with no grace.
    ~Node();

    /// Accepts connections. Until `run_chain` the node is not ready, and transactions wait.
    void serve();
    void run_chain();
    /// Ends the server, waiting `grace` for its connections, then the threads that work for requests.
    void stop(std::chrono::milliseconds grace);

    store::Store& store() noexcept { return *store_; }
    feed::Hub& hub() noexcept { return *hub_; }
    chain::Chain& chain() noexcept { return *chain_; }
    net::Server& server() noexcept { return *server_; }
    api::graphql_http::Service& graphql() noexcept { return *graphql_; }
    api::ContractDrivers& drivers() noexcept { return *drivers_; }
    bool is_broken() const noexcept { return is_broken_; }

private:
    /// Twice DecodedEvents::kMostOfOne, so that one contract does not hold up the others.
    static constexpr std::size_t kDecoders = 2 * feed::DecodedEvents::kMostOfOne;

    Node() = default;
    void stop_workers();
    feed::Executors executors();
    api::Context context(Options& options, const base::Log& log);
    feed::Decoder event_decoder();
    base::Result<std::unique_ptr<chain::Chain>> make_chain(Options& options, base::Clock& clock, const base::Log& log);

    // In the order in which they are made. Each uses only those before it, and `loops_`.
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<ContractMachine> machine_;
    std::optional<store::DriverFiles> driver_files_;
    Loops loops_;
    std::unique_ptr<WorkerPool> readers_;
    std::unique_ptr<WorkerPool> queries_;
    std::unique_ptr<WorkerPool> calls_;
    std::unique_ptr<WorkerPool> feeders_;
    std::unique_ptr<WorkerPool> compilers_;
    std::unique_ptr<WorkerPool> provers_;
    std::unique_ptr<WorkerPool> handshakers_;
    std::unique_ptr<WorkerPool> relays_;  ///< null: this is no gateway
    WorkerPool catch_up_{2, 16'384};      ///< the hub's reads of the log, and the care for its journals
    WorkerPool decoders_{kDecoders, 2 * feed::DecodedEvents::kMaxWaiting};  ///< decode new events
    WorkerPool decoded_reads_{2, 16'384};  ///< the hub's reads of the log whose events are decoded
    net::Executor read_pool_;
    net::Executor query_pool_;
    net::Executor call_pool_;
    net::Executor feeder_pool_;
    net::Executor compile_pool_;
    net::Executor prove_pool_;
    net::Executor relay_pool_;
    std::unique_ptr<feed::Hub> hub_;
    std::atomic<bool> is_broken_{false};
    std::atomic<bool> runs_{false};
    std::unique_ptr<chain::Chain> chain_;
    std::unique_ptr<chain::Submission> watched_;
    std::optional<api::ContractDrivers> drivers_;
    std::shared_ptr<api::graphql_http::Service> graphql_;
    std::unique_ptr<api::Api> api_;
    std::unique_ptr<net::Server> server_;
};

}  // namespace rues::app
