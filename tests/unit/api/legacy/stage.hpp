#pragma once

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <iostream>

#include "api/graphql/service.hpp"
#include "api/legacy/socket.hpp"
#include "api/routes.hpp"
#include "app/contract_machine.hpp"
#include "chain/chain.hpp"
#include "chain/genesis_file.hpp"
#include "unit/store/samples.hpp"
#include "wire/legacy.hpp"
#include "wire/websocket.hpp"

/// Sockets of the legacy event system without a server, for tests and for fuzzing.
namespace rues::api::legacy::test {

using Task = std::move_only_function<void()>;

/// A WebSocket that takes `room` bytes, then nothing until the test sets `room` again.
class Peer final : public net::WebSocket {
public:
    void send_text(std::string_view) override { std::abort(); }  // messages go out in order, by write
    std::size_t write(std::span<const base::ByteView> buffers, bool) override {
        ++writes;
        std::size_t taken = 0;
        for (const auto& buffer : buffers) {
            const std::size_t now = std::min(room, buffer.size());
            received += base::text(buffer.first(now));
            room -= now;
            taken += now;
        }
        return taken;
    }
    void close(std::uint16_t code, std::string_view reason) override {
        if (closed.empty()) closed = std::to_string(code) + " " + std::string(reason);
    }
    void pause() override { is_paused = true; }
    void resume() override { is_paused = false; }
    net::Lane lane() override { return net::kNoLane; }
    void use_lane(bool) override {}
    void stopped_in_lane() override {}

    struct Frame {
        bool is_text = false;
        std::string payload;
    };
    /// The whole frames so far.
    std::vector<Frame> frames() const {
        std::vector<Frame> out;
        for (base::ByteView rest = base::view(received);;) {
            const auto header = wire::websocket::frame_header(rest);
            if (!header || header->payload_bytes > rest.size() - header->bytes) return out;
            const auto size = static_cast<std::size_t>(header->payload_bytes);
            out.push_back({rest[0] == std::byte{0x81}, std::string(base::text(rest.subspan(header->bytes, size)))});
            rest = rest.subspan(header->bytes + size);
        }
    }
    /// The binary Messages so far.
    std::vector<wire::legacy::Message> messages() const {
        std::vector<wire::legacy::Message> out;
        for (const auto& frame : frames()) {
            if (frame.is_text) continue;
            auto message = wire::legacy::Message::parse(base::view(frame.payload));
            if (!message) std::abort();
            out.push_back(std::move(*message));
        }
        return out;
    }

    std::size_t room = SIZE_MAX;
    std::string received;
    std::string closed;
    bool is_paused = false;
    std::size_t writes = 0;
};

/// Refuses every transaction at once, so that no thread of a chain is needed; or answers never.
class NoSubmission final : public chain::Submission {
public:
    void preverify(base::Bytes, chain::OnVerdict done, chain::Wanted) override {
        if (keeps) return kept_.push_back(std::move(done));
        done(refusal());
    }
    void propagate(base::Bytes, chain::OnVerdict done, chain::Wanted) override { done(refusal()); }
    void simulate(base::Bytes, chain::Traced, chain::Wanted, chain::OnSimulated done) override { done(refusal()); }
    void forget() { kept_.clear(); }

    bool keeps = false;

private:
    std::vector<chain::OnVerdict> kept_;
    static std::unexpected<chain::Rejection> refusal() {
        return std::unexpected(chain::Rejection{chain::Rejection::Kind::undecodable, "no transaction"});
    }
};

/// A store with the local chain's genesis and a hub, on a loop and a pool that run their tasks only in `work`.
class Stage {
public:
    Stage() {
        store_ = std::move(*store::Store::open({.directory = folder_.path() / "store", .sync_blocks = false}));
        machine_ = std::move(*app::ContractMachine::create());
        // Without notes no feeder has more items than one thread can give before it takes.
        auto genesis = *chain::read_genesis(chain::default_genesis());
        genesis.notes.clear();
        chain_ = std::move(*chain::Chain::create(
            *store_, **machine_, {genesis, vm::genesis_contracts()}, {}, clock_, base::no_log(),
            [](const store::LogBatch&) {}, [](const std::string&) { std::abort(); }));
        const feed::Executors executors{[this](std::size_t, Task task) { loop_.push_back(std::move(task)); },
                                        [this](Task task) { return loop_.push_back(std::move(task)), true; },
                                        [this](std::size_t, std::chrono::milliseconds after, Task task) {
                                            later_.emplace_back(after, std::move(task));
                                        }};
        hub_ = std::move(*feed::Hub::create(*store_, {}, executors, clock_, base::no_log()));
        context = std::make_unique<Context>(
            Context{Services{*store_, submission, *chain_, *chain_, *hub_, base::no_log(), {}}, {}, {}, {}, {}});
        drivers_.emplace(*chain_, nullptr, (**machine_).drivers());
        context->drivers = &*drivers_;
        context->read_pool = [this](Task task) {
            if (pool_is_full) return false;
            return pool_.push_back(std::move(task)), true;
        };
        context->graphql = std::make_shared<graphql_http::Service>();
        context->node_info = node::info_text(chain_->parameters());
        context->on_loop = executors.on_loop;
        context->start_timer = [this](std::size_t, std::chrono::milliseconds after, Task task) {
            auto kept = std::make_shared<Task>(std::move(task));
            later_.emplace_back(after, [weak = std::weak_ptr(kept)] {
                if (const auto wanted = weak.lock()) (*wanted)();
            });
            timers_.push_back(kept);
            return kept;
        };
    }
    ~Stage() {
        submission.forget();
        work();
        pool_.clear();
        loop_.clear();
        later_.clear();
    }

    std::unique_ptr<Socket> connect(Peer& peer, Opening opening = {}, Limits limits = {}) {
        opening.failures = &failures_;
        opening.may_debug = true;
        auto out = std::make_unique<Socket>(*context, std::move(opening), limits);
        out->on_open(peer);
        return out;
    }
    void work() {
        while (!loop_.empty() || (!pool_.empty() && !pool_waits)) {
            while (!loop_.empty()) run_first(loop_);
            if (!pool_.empty() && !pool_waits) run_first(pool_);
        }
    }
    /// Runs the tasks that were delayed by exactly `time`.
    void wait_for(std::chrono::milliseconds time) {
        auto due = std::exchange(later_, {});
        for (auto& [after, task] : due) {
            if (after == time) {
                task();
            } else {
                later_.emplace_back(after, std::move(task));
            }
        }
    }
    /// Timers that were started and are neither over nor dropped: their tasks hold memory.
    std::size_t live_timers() const {
        return static_cast<std::size_t>(
            std::ranges::count_if(timers_, [](const auto& timer) { return !timer.expired(); }));
    }
    void add_blocks(std::size_t count) {
        for (; count > 0; --count) {
            ledger::Block block;
            block.header.height = store_->snapshot()->height() + 1;
            block.header.hash = block.header.compute_hash();
            store::BlockCommit commit;
            commit.block = &block;
            commit.events = {ledger::block_accepted(block)};
            hub_->appended(*store_->commit_block(commit));
        }
    }
    void publish(const ledger::ContractEvent& event) {
        hub_->appended(*store_->commit_mempool({{}, {}, {ledger::contract_event(event, {})}}));
    }
    feed::Hub& hub() { return *hub_; }
    store::Store& store() { return *store_; }
    std::size_t pool_tasks() const { return pool_.size(); }

    NoSubmission submission;
    std::unique_ptr<Context> context;
    bool pool_waits = false;
    bool pool_is_full = false;

private:
    static void run_first(std::deque<Task>& tasks) {
        auto task = std::move(tasks.front());
        tasks.pop_front();
        task();
    }

    store::samples::TemporaryFolder folder_;
    base::ManualClock clock_{std::chrono::milliseconds(1'700'000'000'000)};
    FailureLog failures_{base::no_log()};
    std::unique_ptr<app::ContractMachine> machine_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<chain::Chain> chain_;
    std::optional<ContractDrivers> drivers_;
    std::unique_ptr<feed::Hub> hub_;
    std::deque<Task> loop_, pool_;
    std::vector<std::pair<std::chrono::milliseconds, Task>> later_;
    std::vector<std::weak_ptr<Task>> timers_;
};

/// A binary Message of a client, as its bytes.
inline base::Bytes message(wire::HeaderList headers, TargetType type, std::string_view target, std::string_view topic,
                           std::string_view data = {}) {
    return wire::legacy::Message{std::move(headers),
                                 {type, std::string(target), std::string(topic), base::to_bytes(data)}}
        .encode();
}

}  // namespace rues::api::legacy::test
