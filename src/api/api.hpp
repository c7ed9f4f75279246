#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>

#include "api/call.hpp"
#include "api/file.hpp"
#include "chain/chain.hpp"
#include "feed/hub.hpp"
#include "net/server.hpp"
#include "store/driver_files.hpp"
#include "store/store.hpp"

namespace rues::api::graphql_http {
class Service;
}

/// Requests in, answers out: the node's HTTP surface. RP 3, 8; rusk-1.7 1.
namespace rues::api {

/// Feeds that are sent at once; each keeps in memory what it gives.
inline constexpr std::size_t kMaxFeeds = 16;

/// What handlers work with. All of it may be used from any thread; it outlives the server.
struct Context {
    store::Store& store;
    chain::Chain& chain;
    feed::Hub& hub;
    base::Log log;
    /// Runs a task that reads the store off the loops; false when too many wait.
    std::function<bool(std::move_only_function<void()>)> read_pool;
    /// The same for GraphQL, so that long queries hold up nothing else; none: `read_pool`.
    std::function<bool(std::move_only_function<void()>)> query_pool{};
    std::string version{};                  ///< of the program
    store::DriverFiles* drivers = nullptr;  ///< null: none are stored
    ledger::AccountKey contracts_owner{};   ///< of the genesis' contracts
    std::optional<File> crs{};              ///< the common reference string; its tag is its SHA-256 in hex
    std::map<std::string, File, std::less<>> static_drivers{};
    bool contracts_wildcard = true;  ///< whether events of every contract can be subscribed to at once
    bool dev_endpoints = true;       ///< whether there are /dev and /debug
    std::string debug_token{};       ///< lets others than this machine's user look at sessions; empty: nobody
    /// Runs a task on a loop.
    std::function<void(std::size_t loop, std::move_only_function<void()>)> on_loop{};
    /// Runs a task on a loop after a while, unless the timer is given up before.
    std::function<net::Timer(std::size_t loop, std::chrono::milliseconds delay, std::move_only_function<void()>)>
        start_timer{};
    std::vector<std::string> peers{};
    base::json::array peers_location{};
    /// Why the chain does not run or does not go on; empty: it does.
    std::function<std::string_view()> not_ready{};
    std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
    std::shared_ptr<std::atomic<std::size_t>> feeds =
        std::make_shared<std::atomic<std::size_t>>(0);  ///< feeds being sent, at most kMaxFeeds
    std::shared_ptr<std::atomic<std::size_t>> waits =
        std::make_shared<std::atomic<std::size_t>>(0);  ///< answers that wait for transactions
    std::shared_ptr<std::atomic<std::size_t>> pages =
        std::make_shared<std::atomic<std::size_t>>(0);  ///< of history that are made or wait
    std::shared_ptr<std::atomic<std::size_t>> graphql_unsent =
        std::make_shared<std::atomic<std::size_t>>(0);  ///< bytes that wait in GraphQL's WebSockets
    std::size_t max_fed_entries = 1'000'000;            ///< of state that one feed may look at; tests set less
    std::string openapi{};                              ///< made by Api: the document of the routes that there are
    std::string openapi_tag{};                          ///< made by Api: names its content in ETag
    std::shared_ptr<graphql_http::Service> graphql{};   ///< made by Api where there is none
    std::string node_info{};                            ///< made by Api: the answer to node/info, which never changes
};

/// Stateless but for its context; `handle` runs on the loops.
class Api final : public net::HttpHandler {
public:
    explicit Api(Context context);

    std::size_t body_limit(std::string_view method, std::string_view path) const override;
    net::Response refusal(unsigned status, std::string_view text, const net::Request* head) const override;
    void handle(net::Request request, net::Responder responder, std::size_t loop) override;

private:
    FailureLog failures_;
    Context context_;
};

}  // namespace rues::api
