#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "api/api.hpp"
#include "chain/chain.hpp"
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
        auto opened = store::Store::open({.directory = folder_.path() / "store"});
        ASSERT_TRUE(opened) << opened.error().text;
        store_ = std::move(*opened);
        chain::Options options;
        options.mining = chain::Mining::manual;
        auto chain = chain::Chain::create(
            *store_, *chain::read_genesis(chain::default_genesis()), options, clock_, base::no_log(),
            [this](store::LogBatch batch) { hub_->appended(std::move(batch)); },
            [](const std::string& why) { ADD_FAILURE() << why; });
        ASSERT_TRUE(chain) << chain.error().text;
        chain_ = std::move(*chain);
        const feed::Executors executors{
            [this](std::size_t loop, auto task) { loops_->post(loop, std::move(task)); },
            [this](auto task) { return queue(std::move(task)); },
            [this](std::size_t loop, auto delay, auto task) { loops_->post_after(loop, delay, std::move(task)); },
            [this](std::size_t loop, auto lanes, auto messages, auto& rest) {
                loops_->send_to_all(loop, lanes, messages, rest);
            }};
        hub_ = std::move(*feed::Hub::create(*store_, {}, executors, clock_, base::no_log()));
        Context context{
            *store_, *chain_, *chain_, *chain_, *hub_, log(), [this](auto task) { return queue(std::move(task)); }};
        context.version = "0.0.0";
        context.on_loop = executors.on_loop;
        context.start_timer = [this](std::size_t loop, auto delay, auto task) {
            return loops_->start_timer(loop, delay, std::move(task));
        };
        context.feeds = feeds_;
        context.waits = waits_;
        context.crs = crs_;
        context.static_drivers = static_drivers_;
        context.drivers = &*drivers_;
        context.contracts_owner = owner_.public_key().bytes();
        context.graphql = graphql_;
        context.contracts_wildcard = contracts_wildcard_;
        context.max_fed_entries = max_fed_entries_;
        context.dev_endpoints = dev_endpoints_;
        context.not_ready = [this]() -> std::string_view { return runs_ ? "" : "the chain has not started"; };
        api_ = std::make_unique<Api>(std::move(context));
        net::Options at;
        at.port = 0;
        at.loops = 1;
        auto server = net::Server::create(at, *api_, base::no_log());
        ASSERT_TRUE(server) << server.error().text;
        server_ = std::move(*server);
        loops_ = server_.get();
        server_->start();
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
        return true;
    }
    void work() {
        pool_waits_ = false;
        std::vector<std::move_only_function<void()>> tasks;
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
        if (chain_) chain_->stop();  // answers the calls that wait for the chain, while the server still exists
        server_.reset();
        api_.reset();
        hub_.reset();
        chain_.reset();
        store_.reset();
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
    std::optional<store::DriverFiles> drivers_{folder_.path() / "drivers"};
    const crypto::SecretKey owner_ = crypto::account_key(ledger::local_chain_seed(), 0);  ///< owns the contracts
    base::SystemClock clock_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<chain::Chain> chain_;
    std::unique_ptr<feed::Hub> hub_;
    std::unique_ptr<Api> api_;
    std::unique_ptr<net::Server> server_;
    net::Server* loops_ =
        nullptr;  ///< the same server; stays valid while its destructor ends the loops, which post to it
    std::atomic<int> queued_ = 0;
    std::atomic<bool> pool_is_full_ = false;
    std::atomic<bool> pool_forgets_ = false;
    std::atomic<bool> pool_waits_ = false;
    std::atomic<bool> runs_ = true;
    bool contracts_wildcard_ = true;
    std::shared_ptr<std::atomic<std::size_t>> feeds_ = std::make_shared<std::atomic<std::size_t>>(0);
    std::shared_ptr<std::atomic<std::size_t>> waits_ = std::make_shared<std::atomic<std::size_t>>(0);
    std::optional<File> crs_;
    std::map<std::string, File, std::less<>> static_drivers_;
    std::size_t max_fed_entries_ = 1'000;
    bool dev_endpoints_ = true;
    std::shared_ptr<graphql_http::Service> graphql_;  ///< null: a service with the default limits
    std::vector<std::move_only_function<void()>> waiting_;
    std::mutex mutex_;
    std::string logged_;
};

}  // namespace rues::api::test
