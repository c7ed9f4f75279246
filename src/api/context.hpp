#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/exchange.hpp"
#include "api/file.hpp"
#include "chain/control.hpp"
#include "chain/submission.hpp"
#include "chain/view.hpp"
#include "feed/hub.hpp"
#include "net/timer.hpp"
#include "store/driver_files.hpp"
#include "store/store.hpp"

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
    store::DriverFiles* drivers = nullptr;  ///< null: this node stores no drivers
    /// Runs a task on a loop's thread.
    std::function<void(std::size_t loop, std::move_only_function<void()>)> on_loop{};
    /// Runs a task on a loop's thread after `delay`, unless the caller drops the timer before.
    std::function<net::Timer(std::size_t loop, std::chrono::milliseconds delay, std::move_only_function<void()>)>
        start_timer{};
    /// Why the chain has not started or has stopped, for /readyz; empty: the chain runs.
    std::function<std::string_view()> not_ready{};

    const net::Executor& pool(Pool which) const noexcept {
        return which == Pool::query && query_pool ? query_pool : read_pool;
    }
};

/// The operator's choices, and the files and addresses that this node offers.
struct Settings {
    std::string version{};                 ///< the program's version
    ledger::AccountKey contracts_owner{};  ///< the owner of the genesis contracts
    std::optional<File> crs{};             ///< the common reference string; its tag is its SHA-256 in hex
    std::map<std::string, File, std::less<>> static_drivers{};  ///< the wallets' data drivers, by file name
    bool contracts_wildcard = true;  ///< whether one subscription can cover the events of every contract
    bool dev_endpoints = true;       ///< whether /dev and /debug are served; else they are 404
    std::string debug_token{};       ///< allows others than this machine's user to read /debug; empty: nobody else may
    std::vector<std::string> peers{};            ///< the answer to network/peers
    base::json::array peers_location{};          ///< the answer to network/peers_location
    std::size_t max_feeder_entries = 1'000'000;  ///< most entries of state that one feeder reads; tests set less
};

/// Bounds that all requests share.
struct Limits {
    static constexpr std::size_t kGraphqlUnsentBytes = 256 << 20;

    Places places{};
    Bound graphql_unsent{kGraphqlUnsentBytes};  ///< unsent bytes of GraphQL WebSockets above the high water
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
