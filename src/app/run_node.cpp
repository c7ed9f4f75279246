#include "app/run_node.hpp"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "api/graphql/service.hpp"
#include "app/cli.hpp"
#include "app/contract_machine.hpp"
#include "app/descriptors.hpp"
#include "app/exposure.hpp"
#include "app/gateway_parts.hpp"
#include "app/input.hpp"
#include "app/keys.hpp"
#include "app/line_writer.hpp"
#include "app/memory_watch.hpp"
#include "app/node.hpp"
#include "app/node_log.hpp"
#include "app/offered.hpp"
#include "app/output.hpp"
#include "app/proving.hpp"
#include "app/transaction_log.hpp"
#include "client/amount.hpp"
#include "crypto/keys.hpp"
#include "rues/version.hpp"

namespace rues::app {
namespace {

using base::LogLevel;
using base::Result;

/// Time for answers under way and for the close handshakes of clients, after the time over which sessions are closed.
constexpr auto kGrace = std::chrono::seconds(5);
/// Part of `kGrace` that GraphQL queries get, even if `graphql-time` is longer, so that their answers are still sent.
constexpr auto kQueriesGo = std::chrono::seconds(3);
/// The grace of the server's last step, also after a second signal: close frames must still be sent.
constexpr auto kShortGrace = std::chrono::milliseconds(500);
constexpr auto kLook = std::chrono::milliseconds(20);
constexpr auto kMemoryLook = std::chrono::milliseconds(1'000);

/// The data folder: the given one, or a temporary one that is removed at the end.
class DataFolder {
public:
    static Result<DataFolder> open(const std::filesystem::path& given) {
        DataFolder out;
        std::error_code error;
        if (!given.empty()) {
            std::filesystem::create_directories(given, error);
            if (error)
                return base::failure(base::Error::Kind::io, fmt::format("{}: {}", given.string(), error.message()));
            out.path_ = given;
            return out;
        }
        std::string name = (std::filesystem::temp_directory_path() / "rues-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            return base::failure(base::Error::Kind::io, "no temporary folder could be created");
        out.path_ = name;
        out.temporary_ = true;
        return out;
    }
    DataFolder(DataFolder&& other) noexcept
        : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, false)) {}
    ~DataFolder() {
        std::error_code ignored;
        if (temporary_) std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const { return path_; }

private:
    DataFolder() = default;
    std::filesystem::path path_;
    bool temporary_ = false;
};

Result<std::optional<crypto::SecretKey>> load_producer(const NodeSettings& settings) {
    if (!settings.producer_seed.empty()) {
        const auto text = read_file(settings.producer_seed.string());
        if (!text) return std::unexpected(text.error());
        const auto seed = base::array_from_hex<64>(base::trimmed(*text));
        if (!seed) return base::failure(base::Error::Kind::invalid, "the producer's seed must be 128 hex digits");
        return crypto::account_key(*seed, 0);
    }
    if (!settings.genesis.empty()) return std::nullopt;
    return crypto::account_key(ledger::local_chain_seed(), 0);
}

std::size_t cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
}

/// Logs warnings about what other machines can reach and about key files that others can read.
void warn(const NodeSettings& settings, const ledger::Genesis& genesis, const std::filesystem::path& data,
          const base::Log& log) {
    for (const auto& sentence : exposure(settings, genesis)) log(LogLevel::warning, sentence);
    for (const auto& file : {settings.tls_key, settings.producer_seed, data / "session.key"}) {
        if (const auto warning = key_file_warning(file)) log(LogLevel::warning, *warning);
    }
}

/// Prints the greeting. It describes the running chain, which may be older than this start. False: the standard output
/// cannot be written, so nobody would learn the URL.
bool greet(const NodeSettings& settings, const ledger::Genesis& genesis, const chain::View& chain, phoenix::Keys keys,
           std::uint16_t port) {
    const bool v6 = settings.server.address.find(':') != std::string::npos;
    put("rues {} (speaks Rusk {})\n", kVersion, kRuskVersion);
    put("  url         {}://{}{}{}:{}\n", settings.server.tls ? "https" : "http", v6 ? "[" : "",
        settings.server.address, v6 ? "]" : "", port);
    const chain::Parameters& parameters = chain.parameters();
    put("  chain id    {}\n", parameters.chain_id);
    const std::string pace =
        parameters.mining == chain::Mining::manual
            ? "by POST /dev/mine"
            : fmt::format("{} {} ms", parameters.mining == chain::Mining::interval ? "every" : "instant, final after",
                          parameters.block_time.count());
    put("  blocks      {}, tip {}\n", pace, chain.tip().height);
    put("  data        {}\n", settings.data.empty() ? "temporary, removed at exit" : settings.data.string());
    if (settings.genesis.empty()) {
        put("  accounts    0 to 2 from the seed (public test data)\n              {}\n",
            base::to_hex(ledger::local_chain_seed()));
        put("              3 from the phrase\n              {}\n", ledger::local_chain_phrase());
    }
    std::size_t number = 0;
    const auto state = chain.state();
    for (const auto& account : genesis.accounts) {
        if (number == 10) break;
        const auto held = state->account(account.account);
        if (!held) break;
        put("  account {}   {}  {} DUSK\n", number++, base::to_base58(account.account.bytes()),
            client::dusk(held->balance));
    }
    if (keys == phoenix::Keys::developer)
        put("  setup       developer: proofs of Phoenix transactions hold only on such chains\n");
    if (settings.legacy) put("  legacy      Messages at /legacy\n");
    if (settings.contract_log) put("  note        contracts may log here; Rusk refuses contracts that do\n");
    if (!settings.chain.producer)
        put("  note        no producer's seed: seeds and signatures of new blocks are zeros\n");
    return flush_output();
}

/// The same for a gateway.
bool greet(const NodeSettings& settings, const chain::View& chain, std::uint16_t port) {
    const bool v6 = settings.server.address.find(':') != std::string::npos;
    put("rues {} gateway (speaks Rusk {})\n", kVersion, kRuskVersion);
    put("  url         {}://{}{}{}:{}\n", settings.server.tls ? "https" : "http", v6 ? "[" : "",
        settings.server.address, v6 ? "]" : "", port);
    put("  chain id    {}\n", chain.parameters().chain_id);
    put("  tip         {}\n", chain.tip().height);
    put("  data        {}\n", settings.data.empty() ? "temporary, removed at exit" : settings.data.string());
    if (settings.execute) put("  executes    every block, and compares its state\n");
    for (const auto& node : settings.upstreams) put("  upstream    {}\n", node);
    for (const auto& server : settings.cluster)
        put("  cluster     {} at {}\n", settings.cluster_name, gateway::cluster::without_user(server));
    return flush_output();
}

/// The next of `signals`; nullopt after `most`.
std::optional<int> next_signal(const sigset_t& signals, std::chrono::milliseconds most) {
    const timespec time{most.count() / 1'000, most.count() % 1'000 * 1'000'000};
    const int signal = sigtimedwait(&signals, nullptr, &time);
    return signal > 0 ? std::optional(signal) : std::nullopt;
}

/// Returns when a signal asks the program to stop. SIGHUP reloads the settings, unless the program started in a
/// terminal that is closed now: then SIGHUP comes from the terminal and stops the program.
/// Meanwhile it looks at the program's memory.
void serve(const sigset_t& signals, bool in_terminal, Reload& reload, net::Server& server, base::Clients& clients,
           const base::Log& log) {
    MemoryWatch watch;
    for (;;) {
        const auto signal = next_signal(signals, kMemoryLook);
        if (!signal) {
            make_room(clients, server, log);
            const auto limit = reload.current().memory_limit;
            watch_memory(watch, limit > 0 ? limit : default_memory_limit(), clients, server, log);
            continue;
        }
        if (*signal != SIGHUP || (in_terminal && ::isatty(STDIN_FILENO) != 1)) return;
        reload.run();
    }
}

/// Closes sessions over the time `spread`. Returns when all connections have ended, `kGrace` after that time, or at a
/// second signal.
void drain(net::Server& server, const sigset_t& signals, std::chrono::milliseconds spread, const base::Log& log) {
    server.drain(spread);
    const auto until = std::chrono::steady_clock::now() + spread + kGrace;
    while (server.connections() > 0 && std::chrono::steady_clock::now() < until) {
        const auto signal = next_signal(signals, kLook);
        if (!signal || *signal == SIGHUP) continue;
        return log(LogLevel::info, fmt::format("second signal: {} connections are closed", server.connections()));
    }
}

/// Whether one of the signals that stop the program waits for `serve`.
bool is_to_stop() {
    sigset_t pending;
    return sigpending(&pending) == 0 && (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1);
}

}  // namespace

int run_node(const NodeSettings& given, Reload::Read read, Role role) {
    NodeSettings settings = given;
    const auto complain = [](const base::Error& error) { return app::complain(kFailed, error.text); };
    // Every thread inherits the mask; this thread waits for the signals.
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    const bool in_terminal = ::isatty(STDIN_FILENO) == 1;

    const NodeLog logger = make_node_log(settings.log_level, settings.log_json);
    const base::Log& log = logger.log;
    base::SystemClock clock;
    const bool is_gateway = role == Role::gateway;
    if (is_gateway) settings.prover = settings.legacy = false;  // a file may have settings of a node too
    const bool executes = !is_gateway || settings.execute;
    const auto genesis = executes ? load_genesis(settings.genesis.string()) : Result<ledger::Genesis>();
    if (!genesis) return complain(genesis.error());
    const auto contracts = load_contracts(settings.genesis_contracts);
    if (!contracts) return complain(contracts.error());
    const auto producer = is_gateway ? std::nullopt : load_producer(settings);
    if (!producer) return complain(producer.error());
    settings.chain.producer = *producer;
    const auto tls = load_tls(settings);
    if (!tls) return complain(tls.error());
    settings.server.tls = *tls;
    if (settings.server.loops == 0) settings.server.loops = cpus();
    // Before the store is opened, because the store takes its share of this limit.
    const std::size_t files = net::raise_descriptor_limit();
    if (const std::size_t least = least_descriptors(settings.server.loops); files < least)
        return complain(
            {base::Error::Kind::invalid,
             fmt::format("the process may open only {} files (ulimit -n), and needs at least {}", files, least)});
    settings.server.reserved_descriptors = reserved_descriptors(files, settings.server.loops);
    const auto folder = DataFolder::open(settings.data);
    if (!folder) return complain(folder.error());
    const auto key = session_key(folder->path());
    if (!key) return complain(key.error());
    const auto hash_key = draw_hash_key();
    if (!hash_key) return complain(hash_key.error());

    std::optional<TransactionLog> lines;
    if (!is_gateway && ::isatty(STDERR_FILENO) == 1 && !settings.quiet) lines.emplace(logger.stream);
    std::optional<LineWriter> contract_lines;
    if (settings.contract_log)
        settings.chain.contract_lines = log_through(contract_lines.emplace(logger.stream, "lines of contracts"));
    Node::Options options{{.directory = folder->path() / "store",
                           .sync_blocks = settings.sync_blocks,
                           .block_cache_bytes = settings.block_cache,
                           .retention = settings.retention,
                           .blob_blocks = settings.blob_blocks,
                           .log = log,
                           .accept_lost_events = settings.accept_lost_events},
                          {settings.server.loops, settings.feed, *key, folder->path() / "sessions", *hash_key},
                          *genesis,
                          settings.chain,
                          settings.server,
                          {}};
    options.api.version = kVersion;
    options.api.contracts_wildcard = settings.contracts_wildcard;
    options.api.dev_endpoints = settings.dev_endpoints;
    options.api.legacy = settings.legacy;
    options.api.legacy_any_version = settings.legacy_any_version;
    options.api.debug_token = settings.debug_token;
    if (const auto offered = offer(settings, options.api); !offered) return complain(offered.error());
    auto nodes = is_gateway ? upstreams_of(settings) : std::vector<gateway::Upstream>();
    if (!nodes) return complain(nodes.error());
    std::optional<phoenix::Keys> keys;  // of the nodes whose chain begins here
    if (is_gateway && executes) {
        const auto of_nodes = keys_of_nodes(settings, *nodes, folder->path());
        if (!of_nodes) return complain(of_nodes.error());
        keys = *of_nodes;
    }
    auto proving =
        prepare_proving(settings, options.api.crs, folder->path(), log, executes ? keys : phoenix::Keys::network);
    if (!proving) return complain(proving.error());
    options.keys = proving->keys;
    options.prover = std::move(proving->prover);
    options.drivers = folder->path() / "drivers";
    options.contracts = *contracts;
    options.machine.contract_log = settings.contract_log;
    options.machine.module_cache_bytes = settings.module_cache;
    options.machine.compiled = compiled_in(folder->path() / "compiled");
    options.graphql = std::make_shared<api::graphql_http::Service>(api::graphql_http::Service::Limits{
        .cache_bytes = settings.graphql_cache, .read_bytes = settings.read_cache, .deadline = settings.graphql_time});
    options.on_fatal = [](const std::string&) { ::kill(::getpid(), SIGTERM); };
    if (lines) {
        options.on_log = [&lines](const store::LogBatch& batch) { lines->committed(batch); };
        options.watch = [&lines](chain::Submission& chain) { return with_refusals_logged(chain, *lines); };
    }
    std::optional<GatewayParts> gateway;
    if (is_gateway) {
        gateway.emplace(std::move(*nodes), settings, clock, log);
        if (const auto done = gateway->sit(settings, folder->path(), is_to_stop); !done) return complain(done.error());
        gateway->use_for(options);
    }
    const auto clients = options.server.clients = std::make_shared<base::Clients>();
    const auto created = Node::create(std::move(options), clock, log);
    if (!created) return complain(created.error());
    if (keys) {  // the chain has begun with them
        if (const auto noted = note_keys(folder->path(), *keys); !noted) return complain(noted.error());
    }
    Node& node = **created;

    node.serve();
    node.run_chain();
    const bool greeted = is_gateway ? greet(settings, node.chain(), node.server().port())
                                    : greet(settings, *genesis, node.chain(), proving->keys, node.server().port());
    warn(settings, *genesis, folder->path(), log);

    Reload reload(settings, std::move(read), {node.server(), node.hub(), logger.use_level, log});
    if (greeted) serve(signals, in_terminal, reload, node.server(), *clients, log);
    log(LogLevel::info, node.is_broken() ? "stopping: the store cannot be written" : "stopping");
    // An order of many blocks would keep its client, and so the server, running for longer than anybody waits for a
    // stop.
    node.chain().end_mining();
    node.graphql().finish_by(std::chrono::steady_clock::now() + kQueriesGo);
    const auto spread = node.is_broken() ? std::chrono::milliseconds(0) : reload.current().drain_time;
    drain(node.server(), signals, spread, log);
    node.stop(kShortGrace);
    return node.is_broken() || !greeted ? kFailed : kDone;
}

}  // namespace rues::app
