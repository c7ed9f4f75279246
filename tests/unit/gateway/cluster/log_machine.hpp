#pragma once

#include <memory>
#include <optional>

#include "gateway/cluster/shared_log.hpp"
#include "support/memory_bus.hpp"
#include "support/temporary_folder.hpp"
#include "unit/gateway/recorded_blocks.hpp"

/// A machine of a cluster without threads: its store, its log and its link to the bus.
namespace rues::gateway::cluster {

inline constexpr std::uint64_t kEpochOfTest = 0x1122334455667788;

/// Writes the first message of a stream.
inline void begin_stream(Bus& bus) {
    const LogBegin begin{kEpochOfTest, 3, gateway::test::recording().header(0).value()};
    bus.stream(Timeout(1'000)).value()->publish(begin.encode(), "begin", 0, Timeout(1'000)).value();
}

class LogMachine {
public:
    LogMachine(Bus& bus, std::uint8_t writer) : bus_(bus), writer_(writer) {
        open();
        store_->commit_genesis(gateway::test::recording().header(0).value(), {}).value();
        begin();
    }
    /// As after kill -9 of the process.
    void kill() {
        shared_.reset();
        log_.reset();
        store_.reset();
        open();
        begin();
    }
    /// Publishes as the ingester does. It gives up after some attempts, as a machine does that loses its lease.
    base::Result<void> commit(Commit commit) {
        attempts_ = 0;
        return shared_->commit(std::move(commit));
    }
    /// The next recorded block.
    Commit next_block() const {
        return {NewBlock{gateway::test::recorded_answer(log_->tip().height + 1), {}, {}}, std::nullopt};
    }
    static ledger::TxId id_of(std::uint32_t number) {
        ledger::TxId id{};
        std::memcpy(id.data(), &number, sizeof number);
        return id;
    }
    /// A change of the mempool that no other has, of about `size` bytes.
    static Commit pool_change(std::uint32_t number, std::size_t size) {
        PoolChange change;
        const auto id = id_of(number);
        change.added.push_back({id, base::Bytes(size, std::byte{5}), number});
        change.events.push_back(ledger::transaction_dropped(id, "test", number));
        return {std::move(change), Checkpoint{"http://node.example", {1, number}}};
    }
    SharedLog& shared() { return *shared_; }
    FollowedLog& log() { return *log_; }
    std::vector<Bytes> messages() const {
        std::vector<Bytes> out;
        const auto records = store_->read_log(1, SIZE_MAX).value();
        for (std::size_t i = 0; i < records.size(); ++i) out.push_back(base::to_bytes(records[i].message));
        return out;
    }
    std::string trouble;
    std::function<void()> on_attempt;  ///< called before each attempt to publish

private:
    static constexpr int kAttempts = 3;

    void open() {
        store_ =
            store::Store::open({.directory = folder_.path() / "store", .sync_blocks = false, .epoch = kEpochOfTest})
                .value();
    }
    void begin() {
        log_.emplace(FollowedLog::open(*store_, [](const store::LogBatch&) {}).value());
        if (!stream_) stream_ = bus_.stream(Timeout(1'000)).value();
        SharedLog::Options options;
        options.epoch = kEpochOfTest;
        options.writer[0] = std::byte{writer_};
        options.writer[1] = std::byte{starts_++};
        options.answer = Timeout(50);
        options.rest = std::chrono::milliseconds(0);
        shared_.emplace(
            bus_, *stream_, *log_, options,
            [this] {
                if (on_attempt) on_attempt();
                return attempts_++ < kAttempts;
            },
            [this](std::string text) { trouble = std::move(text); }, base::no_log());
    }

    Bus& bus_;
    const std::uint8_t writer_;
    std::uint8_t starts_ = 0;
    int attempts_ = 0;
    rues::test::TemporaryFolder folder_{rues::test::memory_folder()};
    std::unique_ptr<store::Store> store_;
    std::optional<FollowedLog> log_;
    std::unique_ptr<Stream> stream_;
    std::optional<SharedLog> shared_;
};

}  // namespace rues::gateway::cluster
