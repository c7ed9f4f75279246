#include "app/node.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "api/api.hpp"
#include "api/graphql/service.hpp"
#include "app/cli.hpp"
#include "app/descriptors.hpp"
#include "app/exposure.hpp"
#include "app/input.hpp"
#include "app/node_log.hpp"
#include "app/offered.hpp"
#include "app/output.hpp"
#include "app/transaction_log.hpp"
#include "app/worker_pool.hpp"
#include "base/random.hpp"
#include "chain/chain.hpp"
#include "client/amount.hpp"
#include "crypto/keys.hpp"
#include "rues/version.hpp"

namespace rues::app {
namespace {

using base::LogLevel;
using base::Result;

constexpr unsigned kReadThreads = 2;
constexpr std::size_t kReadQueue = 16'384;
constexpr unsigned kQueryThreads = 2;
constexpr std::size_t kQueryQueue = 1'024;
/// Time for answers under way and for the close handshakes of clients, after the time over which sessions are closed.
constexpr auto kGrace = std::chrono::seconds(5);
/// Part of `kGrace` that GraphQL queries get, even if `graphql-time` is longer, so that their answers are still sent.
constexpr auto kQueriesGo = std::chrono::seconds(3);
/// The grace of the server's last step, also after a second signal: close frames must still be sent.
constexpr auto kShortGrace = std::chrono::milliseconds(500);
constexpr auto kLook = std::chrono::milliseconds(20);

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
            return base::failure(base::Error::Kind::io, "no temporary folder could be made");
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

Result<base::HashKey> draw_hash_key() {
    base::HashKey key;
    if (!base::system_random(key)) return base::failure(base::Error::Kind::io, "the system gives no randomness");
    return key;
}

/// The key of session ids. It is made once and stored in a file that only its owner can read.
Result<base::ByteArray<16>> session_key(const std::filesystem::path& folder) {
    const auto path = folder / "session.key";
    base::ByteArray<16> key;
    if (const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC); fd >= 0) {
        const auto got = ::read(fd, key.data(), key.size());
        ::close(fd);
        if (got == static_cast<ssize_t>(key.size())) return key;
    }
    if (!base::system_random(key)) return base::failure(base::Error::Kind::io, "the system gives no randomness");
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool written = fd >= 0 && ::write(fd, key.data(), key.size()) == static_cast<ssize_t>(key.size());
    if (fd >= 0) ::close(fd);
    if (!written) return base::failure(base::Error::Kind::io, fmt::format("{} cannot be written", path.string()));
    return key;
}

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
bool greet(const NodeSettings& settings, const ledger::Genesis& genesis, const chain::View& chain,
           const ledger::StateReader& state, std::uint16_t port) {
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
    for (const auto& account : genesis.accounts) {
        if (number == 10) break;
        const auto held = state.account(account.account.bytes());
        if (state.failed()) break;
        put("  account {}   {}  {} DUSK\n", number++, base::to_base58(account.account.bytes()),
            client::dusk(held ? held->balance : 0));
    }
    if (!genesis.notes.empty())
        put("  note        the genesis' Phoenix balances are kept, but this version has no note tree\n");
    if (!settings.chain.producer)
        put("  note        no producer's seed: seeds and signatures of new blocks are zeros\n");
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
void serve(const sigset_t& signals, bool in_terminal, Reload& reload) {
    for (;;) {
        int signal = 0;
        sigwait(&signals, &signal);
        if (signal != SIGHUP || (in_terminal && ::isatty(STDIN_FILENO) != 1)) return;
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
        return log(LogLevel::info, fmt::format("told again to stop: {} connections are cut off", server.connections()));
    }
}

}  // namespace

int run_node(const NodeSettings& given, Reload::Read read) {
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
    const auto genesis = load_genesis(settings.genesis.string());
    if (!genesis) return complain(genesis.error());
    const auto producer = load_producer(settings);
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
    store::Options store_options;
    store_options.directory = folder->path() / "store";
    store_options.sync_blocks = settings.sync_blocks;
    store_options.retention = settings.retention;
    store_options.accept_lost_events = settings.accept_lost_events;
    store_options.log = log;
    const auto store = store::Store::open(store_options);
    if (!store) return complain(store.error());
    const auto key = session_key(folder->path());
    if (!key) return complain(key.error());
    const auto hash_key = draw_hash_key();
    if (!hash_key) return complain(hash_key.error());

    net::Server* loops = nullptr;  // set before anything is posted
    WorkerPool readers(kReadThreads, kReadQueue);
    WorkerPool queries(kQueryThreads, kQueryQueue);
    const feed::Executors executors{
        [&loops](std::size_t loop, std::move_only_function<void()> task) {
            if (loops != nullptr) loops->post(loop, std::move(task));
        },
        [&readers](std::move_only_function<void()> task) { return readers.add(std::move(task)); },
        [&loops](std::size_t loop, std::chrono::milliseconds delay, std::move_only_function<void()> task) {
            if (loops != nullptr) loops->post_after(loop, delay, std::move(task));
        },
        [&loops](std::size_t loop, std::span<const std::uint32_t> lanes, base::ByteView messages, auto& rest) {
            loops->send_to_all(loop, lanes, messages, rest);
        }};
    const auto created =
        feed::Hub::create(**store, {settings.server.loops, settings.feed, *key, folder->path() / "sessions", *hash_key},
                          executors, clock, log);
    if (!created) return complain(created.error());
    const auto& hub = *created;
    std::atomic<bool> broken{false};
    std::optional<TransactionLog> lines;
    if (::isatty(STDERR_FILENO) == 1 && !settings.quiet) lines.emplace(log);
    auto chain = chain::Chain::create(
        **store, *genesis, settings.chain, clock, log,
        [&hub, &lines](store::LogBatch batch) {
            if (lines) lines->committed(batch);
            hub->appended(std::move(batch));
        },
        [&broken](const std::string&) {
            broken = true;
            ::kill(::getpid(), SIGTERM);
        });
    if (!chain) return complain(chain.error());
    std::unique_ptr<chain::Submission> watched;
    if (lines) watched = with_refusals_logged(**chain, *lines);
    std::atomic<bool> runs{false};
    api::Context context{**store,
                         watched ? *watched : **chain,
                         **chain,
                         **chain,
                         *hub,
                         log,
                         [&readers](std::move_only_function<void()> task) { return readers.add(std::move(task)); }};
    context.query_pool = [&queries](std::move_only_function<void()> task) { return queries.add(std::move(task)); };
    context.version = kVersion;
    const auto graphql = std::make_shared<api::graphql_http::Service>(
        api::graphql_http::Service::Limits{.cache_bytes = settings.graphql_cache, .deadline = settings.graphql_time});
    context.graphql = graphql;
    context.contracts_wildcard = settings.contracts_wildcard;
    context.dev_endpoints = settings.dev_endpoints;
    context.debug_token = settings.debug_token;
    context.on_loop = executors.on_loop;
    context.start_timer = [&loops](std::size_t loop, std::chrono::milliseconds delay,
                                   std::move_only_function<void()> task) {
        return loops != nullptr ? loops->start_timer(loop, delay, std::move(task)) : nullptr;
    };
    store::DriverFiles drivers(folder->path() / "drivers");
    context.drivers = &drivers;
    context.contracts_owner = genesis->owner.value_or(ledger::dusk_key()).bytes();
    context.not_ready = [&runs, &broken]() -> std::string_view {
        if (broken) return "the store cannot be written";
        return runs ? "" : "the chain has not started";
    };
    if (const auto offered = offer(settings, context); !offered) return complain(offered.error());
    api::Api api(std::move(context));
    const auto server = net::Server::create(settings.server, api, log);
    if (!server) return complain(server.error());
    loops = server->get();

    (*server)->start();
    hub->start();
    (*chain)->start();
    runs = true;
    const bool greeted = greet(settings, *genesis, **chain, *(*store)->snapshot(), (*server)->port());
    warn(settings, *genesis, folder->path(), log);

    Reload reload(settings, std::move(read), {**server, *hub, logger.use_level, log});
    if (greeted) serve(signals, in_terminal, reload);
    log(LogLevel::info, broken ? "stopping: the store cannot be written" : "stopping");
    // An order of many blocks would keep its client, and so the server, running for longer than anybody waits for a
    // stop.
    (*chain)->end_mining();
    // Requests end first, then the threads that work for them, then the parts that these use. The loops stay until
    // nobody posts to them any more.
    graphql->finish_by(std::chrono::steady_clock::now() + kQueriesGo);
    drain(**server, signals, broken ? std::chrono::milliseconds(0) : reload.current().drain_time, log);
    (*server)->stop(kShortGrace);
    (*chain)->stop();
    readers.stop();
    queries.stop();
    loops = nullptr;  // what the server destroys later may still call the hub, which must not post then
    return broken || !greeted ? kFailed : kDone;
}

}  // namespace rues::app
