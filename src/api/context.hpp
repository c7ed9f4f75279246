#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/contract_drivers.hpp"
#include "api/exchange.hpp"
#include "api/file.hpp"
#include "chain/control.hpp"
#include "chain/submission.hpp"
#include "chain/view.hpp"
#include "feed/hub.hpp"
#include "net/timer.hpp"
#include "store/store.hpp"

namespace rues::api {
class Elsewhere;
class Prover;
}  // namespace rues::api
namespace rues::api::graphql_http {
class Service;
}

/// The context of all handlers. Every member may be used from any thread, and lives as long as the server.
namespace rues::api {

/// The other rooms, and the threads that do the work of requests.
struct Services {
    store::Store& store;
    chain::Submission& submission;
    chain::View& view;
    chain::Control& control;
    feed::Hub& hub;
    base::Log log;
    /// Runs a task on a thread that may wait for the disk. False when too many tasks wait: then the task never runs.
    net::Executor read_pool;
    /// The same for GraphQL, so that long queries delay nothing else. Empty: GraphQL uses `read_pool`.
    net::Executor query_pool{};
    /// The same for calls of contracts, which may take long.
    net::Executor call_pool{};
    /// The same for feeders: `kMostFeeders` threads, and no task that a thread does not begin at once.
    net::Executor feeder_pool{};
    /// The same for the compilation of data drivers: few threads, so that most of the machine is left for other work.
    net::Executor compile_pool{};
    /// The same for proofs: one thread.
    net::Executor prove_pool{};
    std::shared_ptr<Prover> prover{};                ///< null: this node does not prove
    std::shared_ptr<Elsewhere> elsewhere{};          ///< null: this process answers everything itself
    std::shared_ptr<const base::Clients> clients{};  ///< null: /debug/clients lists nobody
    ContractDrivers* drivers = nullptr;              ///< never null while requests are served
    /// Runs a task on a loop's thread.
    std::function<void(std::size_t loop, std::move_only_function<void()>)> on_loop{};
    /// The same for work of the client for whom the caller acts, which has its turn by what the client has spent on the
    /// loop (net::Server::post_in_turn). Empty: `on_loop`.
    std::function<void(std::size_t loop, std::move_only_function<void()>)> on_loop_in_turn{};
    /// Runs a task on a loop's thread after `delay`, unless the caller drops the timer before.
    std::function<net::Timer(std::size_t loop, std::chrono::milliseconds delay, std::move_only_function<void()>)>
        start_timer{};
    /// Why the chain has not started or has stopped, for /readyz; empty: the chain runs.
    std::function<std::string_view()> not_ready{};

    void in_turn(std::size_t loop, std::move_only_function<void()> task) const {
        (on_loop_in_turn ? on_loop_in_turn : on_loop)(loop, std::move(task));
    }
    const net::Executor& pool(Pool which) const noexcept {
        if (which == Pool::query && query_pool) return query_pool;
        if (which == Pool::call && call_pool) return call_pool;
        if (which == Pool::prove && prove_pool) return prove_pool;
        return which == Pool::feeder && feeder_pool ? feeder_pool : read_pool;
    }
};

/// The operator's choices, and the files and addresses that this node offers.
struct Settings {
    std::string version{};                ///< the program's version
    std::string_view setup = "official";  ///< whose verifier keys the chain uses, for /status: `official`, `developer`
    std::optional<File> crs{};            ///< the common reference string; its tag is its SHA-256 in hex
    std::map<std::string, File, std::less<>> static_drivers{};  ///< the wallets' data drivers, by file name
    bool contracts_wildcard = true;   ///< whether one subscription can cover the events of every contract
    bool dev_endpoints = true;        ///< whether /dev and /debug are served; else they are 404
    bool legacy = false;              ///< whether the legacy event system is served; else its paths are 404
    bool legacy_any_version = false;  ///< its clients may require any version of Rusk
    std::string debug_token{};        ///< allows others than this machine's user to read /debug; empty: nobody else may
    std::vector<std::string> peers{};  ///< the answer to network/peers
    /// Origins whose pages may open WebSockets, such as `https://wallet.example`; empty: all.
    std::vector<std::string> ws_origins{};
    base::json::array peers_location{};  ///< the answer to network/peers_location
};

/// Bounds that all requests share.
struct Limits {
    static constexpr std::size_t kGraphqlUnsentBytes = 256 << 20;
    static constexpr std::size_t kLegacyBytes = 256 << 20;
    static constexpr std::size_t kMostBodiesOfWaiting = 64 << 20;

    Places places{};
    Bound graphql_unsent{kGraphqlUnsentBytes};  ///< unsent bytes of GraphQL WebSockets above the high water
    /// Bytes that sockets of the legacy event system hold above their high water: requests in progress, and answers
    /// and events that are not sent.
    Bound legacy_bytes{kLegacyBytes};
    /// Bytes of the bodies of requests that wait for a block (`Work::block_wait`).
    Bound bodies_of_waiting{kMostBodiesOfWaiting};
    /// How long such a request waits at most.
    std::chrono::milliseconds tip_wait{5'000};
};

/// Answers that `Api` makes once.
struct Documents {
    std::string openapi{};      ///< the document of the served routes
    std::string openapi_tag{};  ///< its ETag
    std::string node_info{};    ///< the answer to node/info, which never changes
};

struct Context : Services, Settings, Limits, Documents {
    std::shared_ptr<graphql_http::Service> graphql{};  ///< made by `Api` when it is null
    std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
};

}  // namespace rues::api
