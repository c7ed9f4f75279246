#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "api/elsewhere.hpp"
#include "app/node.hpp"
#include "chain/genesis_file.hpp"
#include "crypto/keys.hpp"
#include "unit/net/client.hpp"
#include "unit/store/samples.hpp"

namespace rues::api::test {

/// A node on a temporary folder. Its pool counts its tasks and runs each at once.
class ApiTest : public ::testing::Test {
protected:
    void SetUp() override { begin(); }
    void TearDown() override { end(); }

    void begin() {
        app::Node::Options options{{.directory = folder_.path() / "store"},
                                   {},
                                   genesis_,
                                   {},
                                   {},
                                   {.version = "0.0.0",
                                    .crs = crs_,
                                    .static_drivers = static_drivers_,
                                    .contracts_wildcard = contracts_wildcard_,
                                    .dev_endpoints = dev_endpoints_,
                                    .legacy = legacy_,
                                    .legacy_any_version = legacy_any_version_,
                                    .ws_origins = ws_origins_}};
        options.chain = chain_options_;
        options.chain.mining = chain::Mining::manual;
        options.server.port = 0;
        options.server.loops = 1;
        options.server.limits = limits_;
        options.server.clients = clients_;
        options.drivers = folder_.path() / "drivers";
        options.hub.decoder = decoder_;
        options.graphql = graphql_;
        options.prover = prover_;
        options.limits.places = places_;
        options.limits.tip_wait = tip_wait_;
        options.limits.bodies_of_waiting = bodies_of_waiting_;
        if (elsewhere_) options.make_elsewhere = [this](const net::Executor&) { return elsewhere_; };
        options.read_pool = [this](auto task) { return queue(std::move(task)); };
        options.query_pool = options.read_pool;
        options.call_pool = options.read_pool;
        options.on_fatal = [](const std::string& why) { ADD_FAILURE() << why; };
        auto node = app::Node::create(std::move(options), *time_, log());
        ASSERT_TRUE(node) << node.error().text;
        node_ = std::move(*node);
        store_ = &node_->store();
        chain_ = &node_->chain();
        hub_ = &node_->hub();
        server_ = &node_->server();
        node_->serve();
    }
    /// Adds a task to the pool. It runs at once, or waits for `work` while `pool_waits_`; the pool refuses it while
    /// `pool_is_full_`, and drops it while `pool_forgets_`.
    bool queue(std::move_only_function<void()> task) {
        ++queued_;
        if (pool_is_full_) return false;
        if (pool_forgets_) return true;
        if (!pool_waits_) return task(), true;
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(task));
        came_.notify_all();
        return true;
    }
    using Tasks = std::vector<std::move_only_function<void()>>;
    /// Waits for tasks of the pool, and takes them. Empty: none came.
    Tasks next_tasks() {
        std::unique_lock lock(mutex_);
        came_.wait_for(lock, std::chrono::seconds(30), [this] { return !waiting_.empty(); });
        return std::exchange(waiting_, {});
    }
    void work() {
        pool_waits_ = false;
        Tasks tasks;
        {
            const std::lock_guard lock(mutex_);
            tasks.swap(waiting_);
        }
        for (auto& task : tasks) task();
    }
    base::Log log() {
        return [this](base::LogLevel, std::string_view text) {
            const std::lock_guard lock(mutex_);
            logged_ += std::string(text) + "\n";
        };
    }
    void end() {
        if (node_) chain_->stop();  // answers the exchanges that wait for the chain, while the server still exists
        node_.reset();
    }

    /// Begins again with an empty store, for another genesis.
    void begin_anew() {
        end();
        std::filesystem::remove_all(folder_.path() / "store");
        std::filesystem::remove(folder_.path() / "store.head");
        begin();
    }

    using Answer = net::test::Client::Answer;
    /// One request on a connection of its own. `headers`: whole lines, added to Host and Content-Length.
    Answer ask(const std::string& method, const std::string& path, const std::string& headers = {},
               const std::string& body = {}) {
        net::test::Client client(server_->port());
        return client.ask(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                          std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
    }
    std::string logged() {
        const std::lock_guard lock(mutex_);
        return logged_;
    }

    store::samples::TemporaryFolder folder_;
    ledger::Genesis genesis_ = *chain::read_genesis(chain::default_genesis());
    base::SystemClock clock_;
    base::Clock* time_ = &clock_;
    chain::Options chain_options_;  ///< but for the mining, which is manual
    std::unique_ptr<app::Node> node_;
    // Parts of it:
    store::Store* store_ = nullptr;
    chain::Chain* chain_ = nullptr;
    feed::Hub* hub_ = nullptr;
    net::Server* server_ = nullptr;
    std::atomic<int> queued_ = 0;
    std::atomic<bool> pool_is_full_ = false;
    std::atomic<bool> pool_forgets_ = false;
    std::atomic<bool> pool_waits_ = false;
    net::Limits limits_;
    const std::shared_ptr<base::Clients> clients_ = std::make_shared<base::Clients>();
    bool contracts_wildcard_ = true;
    feed::Decoder decoder_;  ///< empty: the contracts' data drivers
    Places places_;
    std::chrono::milliseconds tip_wait_{60'000};  ///< no test waits so long
    Bound bodies_of_waiting_{Limits::kMostBodiesOfWaiting};
    std::shared_ptr<Elsewhere> elsewhere_;  ///< null: the node answers everything itself
    std::shared_ptr<Prover> prover_;        ///< null: the node does not prove
    std::optional<File> crs_;
    std::map<std::string, File, std::less<>> static_drivers_;
    bool dev_endpoints_ = true;
    bool legacy_ = false;
    bool legacy_any_version_ = false;
    std::vector<std::string> ws_origins_;
    std::shared_ptr<graphql_http::Service> graphql_;  ///< null: a service with the default limits
    Tasks waiting_;
    std::condition_variable came_;  ///< `waiting_` is not empty
    std::mutex mutex_;
    std::string logged_;
};

}  // namespace rues::api::test
