#include "app/node.hpp"

#include "api/graphql/service.hpp"
#include "net/handshakes.hpp"

namespace rues::app {
namespace {

constexpr unsigned kReadThreads = 2;
constexpr std::size_t kReadQueue = 16'384;
constexpr unsigned kQueryThreads = 2;
constexpr std::size_t kQueryQueue = 1'024;
constexpr unsigned kCallThreads = 2;
constexpr std::size_t kCallQueue = 1'024;
/// Threads that compile data drivers; only one does so at a time (`vm::Drivers::kCompilations`).
constexpr unsigned kCompileThreads = 1;
constexpr std::size_t kCompileQueue = 256;
/// Threads that each make a proof; each proof has more threads for its tasks (`prover-threads`).
constexpr unsigned kProveThreads = 1;
/// Threads of a gateway that wait for answers of nodes, each made when it is needed.
constexpr unsigned kRelayThreads = 64;
constexpr std::size_t kRelayQueue = 2'048;

/// Checks proofs of version V3, which the machine accepts too.
chain::ProofCheck proof_check(phoenix::Keys keys) {
    return [keys](std::span<const ledger::Transaction* const> transactions,
                  const std::optional<base::ByteArray<32>>& seed) {
        return phoenix::verify_proofs(transactions, plonk::Version::v3, seed, keys);
    };
}

net::Executor executor_of(std::unique_ptr<WorkerPool>& pool, unsigned threads, std::size_t queue,
                          WorkerPool::ShortLane lane = WorkerPool::ShortLane::no) {
    pool = std::make_unique<WorkerPool>(threads, queue, lane);
    return [&pool = *pool](std::move_only_function<void()> task) { return pool.add(std::move(task)); };
}

}  // namespace

feed::Executors Node::executors() {
    return {
        [this](std::size_t loop, std::move_only_function<void()> task) { loops_.post(loop, std::move(task)); },
        [this](std::move_only_function<void()> task) { return catch_up_.add(std::move(task)); },
        [this](std::size_t loop, std::chrono::milliseconds delay, std::move_only_function<void()> task) {
            loops_.post_after(loop, delay, std::move(task));
        },
        [this](std::size_t loop, std::span<const std::uint32_t> lanes, base::ByteView messages, auto& rest) {
            loops_.send_to_all(loop, lanes, messages, rest);
        },
        [this](std::move_only_function<void()> task) { return decoders_.add(std::move(task)); },
        [this](std::move_only_function<void()> task) { return decoded_reads_.add(std::move(task)); },
        [this](std::size_t loop, std::move_only_function<void()> task) { loops_.post_in_turn(loop, std::move(task)); }};
}

feed::Decoder Node::event_decoder() {
    return [this](const base::ByteArray<32>& contract, std::string_view topic,
                  base::ByteView payload) -> std::expected<base::json::value, std::string> {
        auto decoded = drivers_->decode_event(contract, topic, payload);
        if (decoded) return std::move(*decoded);
        return std::unexpected(api::ContractDrivers::reason_of(decoded.error()));
    };
}

api::Context Node::context(Options& options, const base::Log& log) {
    api::Context out{api::Services{*store_, watched_ ? *watched_ : *chain_, *chain_, *chain_, *hub_, log, read_pool_,
                                   query_pool_, call_pool_, feeder_pool_},
                     std::move(options.api),
                     std::move(options.limits),
                     {},
                     graphql_};
    out.compile_pool = compile_pool_;
    out.prove_pool = prove_pool_;
    out.prover = std::move(options.prover);
    out.setup = options.keys == phoenix::Keys::developer ? "developer" : "official";
    out.clients = options.server.clients;
    out.drivers = &*drivers_;
    if (options.make_elsewhere) out.elsewhere = options.make_elsewhere(relay_pool_);
    out.on_loop = executors().on_loop;
    out.on_loop_in_turn = executors().in_turn;
    out.start_timer = [this](std::size_t loop, std::chrono::milliseconds delay, std::move_only_function<void()> task) {
        return loops_.start_timer(loop, delay, std::move(task));
    };
    out.not_ready = [this]() -> std::string_view {
        if (is_broken_) return "the store cannot be written";
        return runs_ ? "" : "the chain has not started";
    };
    return out;
}

base::Result<std::unique_ptr<chain::Chain>> Node::make_chain(Options& options, base::Clock& clock,
                                                             const base::Log& log) {
    auto on_log = [&hub = *hub_, on_log = std::move(options.on_log)](store::LogBatch batch) {
        if (on_log) on_log(batch);
        hub.appended(std::move(batch));
    };
    auto on_fatal = [this, on_fatal = std::move(options.on_fatal)](const std::string& why) {
        is_broken_ = true;
        if (on_fatal) on_fatal(why);
    };
    if (options.make_chain) {
        relay_pool_ = executor_of(relays_, kRelayThreads, kRelayQueue);
        return options.make_chain(*store_, **machine_, options.chain, relay_pool_, std::move(on_log),
                                  std::move(on_fatal));
    }
    const vm::GenesisContracts& contracts = options.contracts ? *options.contracts : vm::genesis_contracts();
    return chain::Chain::create(*store_, **machine_, {options.genesis, contracts, options.prepared_genesis},
                                options.chain, clock, log, std::move(on_log), std::move(on_fatal));
}

base::Result<std::unique_ptr<Node>> Node::create(Options options, base::Clock& clock, const base::Log& log) {
    std::unique_ptr<Node> node(new Node());
    auto store = store::Store::open(options.store);
    if (!store) return std::unexpected(store.error());
    node->store_ = std::move(*store);
    if (!options.drivers.empty()) node->driver_files_.emplace(options.drivers);
    node->read_pool_ = options.read_pool
                           ? std::move(options.read_pool)
                           : executor_of(node->readers_, kReadThreads, kReadQueue, WorkerPool::ShortLane::yes);
    node->query_pool_ = options.query_pool
                            ? std::move(options.query_pool)
                            : executor_of(node->queries_, kQueryThreads, kQueryQueue, WorkerPool::ShortLane::yes);
    node->call_pool_ = options.call_pool
                           ? std::move(options.call_pool)
                           : executor_of(node->calls_, kCallThreads, kCallQueue, WorkerPool::ShortLane::yes);
    node->feeder_pool_ = executor_of(node->feeders_, api::kMostFeeders, api::kMostFeeders);
    node->compile_pool_ = executor_of(node->compilers_, kCompileThreads, kCompileQueue);
    node->prove_pool_ = executor_of(node->provers_, kProveThreads, api::kMostProofs);
    auto machine = ContractMachine::create(std::move(options.machine), options.keys);
    if (!machine) return std::unexpected(machine.error());
    node->machine_ = std::move(*machine);
    options.chain.long_work = node->call_pool_;
    if (!options.chain.proof_check) options.chain.proof_check = proof_check(options.keys);
    options.hub.loops = options.server.loops;
    if (!options.hub.decoder) options.hub.decoder = node->event_decoder();
    auto hub = feed::Hub::create(*node->store_, options.hub, node->executors(), clock, log);
    if (!hub) return std::unexpected(hub.error());
    node->hub_ = std::move(*hub);
    auto chain = node->make_chain(options, clock, log);
    if (!chain) return std::unexpected(chain.error());
    node->chain_ = std::move(*chain);
    node->drivers_.emplace(*node->chain_, node->driver_files_ ? &*node->driver_files_ : nullptr,
                           (**node->machine_).drivers());
    if (options.watch) node->watched_ = options.watch(*node->chain_);
    if (!options.server.clients) options.server.clients = std::make_shared<base::Clients>();
    node->graphql_ = options.graphql ? std::move(options.graphql) : std::make_shared<api::graphql_http::Service>();
    node->api_ = std::make_unique<api::Api>(node->context(options, log));
    if (options.server.tls && !options.server.handshake_pool)
        options.server.handshake_pool =
            executor_of(node->handshakers_, net::Handshakes::kThreads, net::Handshakes::kThreads);
    auto server = net::Server::create(options.server, *node->api_, log);
    if (!server) return std::unexpected(server.error());
    node->server_ = std::move(*server);
    node->loops_.attach(*node->server_);
    return node;
}

Node::~Node() {
    if (server_) {
        stop(std::chrono::milliseconds(0));
        return;
    }
    // The node is not whole. Tasks of the pools may use the hub.
    for (auto* pool : {&catch_up_, &decoders_, &decoded_reads_}) pool->stop();
    stop_workers();
}

void Node::stop_workers() {
    for (auto* pool : {&readers_, &queries_, &calls_, &feeders_, &compilers_, &provers_, &handshakers_, &relays_}) {
        if (*pool) (*pool)->stop();
    }
}

void Node::serve() {
    server_->start();
    hub_->start();
}

void Node::run_chain() {
    chain_->start();
    runs_ = true;
}

void Node::stop(std::chrono::milliseconds grace) {
    // Requests end first, then the threads that work for them, then the rooms that these use. The loops stay until
    // nobody posts to them any more.
    server_->stop(grace);
    chain_->stop();
    drivers_->end();  // a pool that stops waits for the calls that its threads are in
    stop_workers();
    for (auto* pool : {&catch_up_, &decoders_, &decoded_reads_}) pool->stop();
    loops_.detach();  // what the server destroys later may still call the hub, which must not post then
}

}  // namespace rues::app
