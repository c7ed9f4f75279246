#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>

#include "api/call.hpp"
#include "api/file.hpp"
#include "chain/control.hpp"
#include "chain/submission.hpp"
#include "chain/view.hpp"
#include "feed/hub.hpp"
#include "net/server.hpp"
#include "store/driver_files.hpp"
#include "store/store.hpp"

namespace rues::api::graphql_http {
class Service;
}

/// The node's HTTP surface: finds the handler of each request and makes the bytes of each answer.
/// docs/reference/protocol.md 3, 8; docs/reference/rusk-1.7.md 1.
namespace rues::api {

/// Most feeders that are sent at once. Each keeps its items in memory until they are sent.
inline constexpr std::size_t kMaxFeeds = 16;

/// The services and settings that handlers use. Every member may be used from any thread. The context outlives the
/// server.
struct Context {
    store::Store& store;
    chain::Submission& submission;
    chain::View& view;
    chain::Control& control;
    feed::Hub& hub;
    base::Log log;
    /// Runs a task on a thread that may wait for the disk. False when too many tasks wait: then the task never runs.
    std::function<bool(std::move_only_function<void()>)> read_pool;
    /// The same for GraphQL, so that long queries delay nothing else. Empty: GraphQL uses `read_pool`.
    std::function<bool(std::move_only_function<void()>)> query_pool{};
    std::string version{};                  ///< the program's version
    store::DriverFiles* drivers = nullptr;  ///< null: this node stores no drivers
    ledger::AccountKey contracts_owner{};   ///< the owner of the genesis contracts
    std::optional<File> crs{};              ///< the common reference string; its tag is its SHA-256 in hex
    std::map<std::string, File, std::less<>> static_drivers{};  ///< the wallets' data drivers, by file name
    bool contracts_wildcard = true;  ///< whether one subscription can cover the events of every contract
    bool dev_endpoints = true;       ///< whether /dev and /debug are served; else they are 404
    std::string debug_token{};       ///< allows others than this machine's user to read /debug; empty: nobody else may
    /// Runs a task on a loop's thread.
    std::function<void(std::size_t loop, std::move_only_function<void()>)> on_loop{};
    /// Runs a task on a loop's thread after `delay`, unless the caller drops the timer before.
    std::function<net::Timer(std::size_t loop, std::chrono::milliseconds delay, std::move_only_function<void()>)>
        start_timer{};
    std::vector<std::string> peers{};    ///< the answer to network/peers, from the settings
    base::json::array peers_location{};  ///< the answer to network/peers_location
    /// Why the chain has not started or has stopped, for /readyz; empty: the chain runs.
    std::function<std::string_view()> not_ready{};
    std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
    std::shared_ptr<std::atomic<std::size_t>> feeds =
        std::make_shared<std::atomic<std::size_t>>(0);  ///< feeders being sent, at most kMaxFeeds
    std::shared_ptr<std::atomic<std::size_t>> waits =
        std::make_shared<std::atomic<std::size_t>>(0);  ///< answers that wait for transactions, at most kMaxWaits
    std::shared_ptr<std::atomic<std::size_t>> pages =
        std::make_shared<std::atomic<std::size_t>>(0);  ///< pages of history that are being made or wait for the pool
    std::shared_ptr<std::atomic<std::size_t>> graphql_unsent =
        std::make_shared<std::atomic<std::size_t>>(0);  ///< unsent bytes of GraphQL WebSockets above the high water
    std::size_t max_fed_entries = 1'000'000;            ///< most entries of state that one feeder reads; tests set less
    std::string openapi{};                              ///< made by Api: the document of the served routes
    std::string openapi_tag{};                          ///< made by Api: the document's ETag
    std::shared_ptr<graphql_http::Service> graphql{};   ///< made by Api when it is null
    std::string node_info{};                            ///< made by Api: the answer to node/info, which never changes
};

/// Answers the requests of all loops. It keeps nothing of a request between two calls, so the loops may call it at the
/// same time.
class Api final : public net::HttpHandler {
public:
    explicit Api(Context context);

    /// The body limit of the row that answers `method` at `path`, else of the path's first row; a small one for unknown
    /// paths. Any thread.
    std::size_t body_limit(std::string_view method, std::string_view path) const override;
    /// The answer of the error table for `status`. With `head` the checks of the head come first, in the node's order.
    /// Any thread.
    net::Response refusal(unsigned status, std::string_view text, const net::Request* head) const override;
    /// Checks the request in the node's order (docs/reference/rusk-1.7.md 1.3) and hands it to the handler of its row.
    /// On the thread of `loop`; does not block.
    void handle(net::Request request, net::Responder responder, std::size_t loop) override;

private:
    FailureLog failures_;
    Context context_;
};

}  // namespace rues::api
