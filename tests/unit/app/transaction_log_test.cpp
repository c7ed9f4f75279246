#include "app/transaction_log.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>

#include "base/json.hpp"
#include "ledger/event.hpp"

namespace rues::app {
namespace {

constexpr std::string_view kContent = "application/json";

base::Bytes message(std::string_view topic, std::string_view payload, std::string_view entity = "a1") {
    ledger::Event event;
    event.component = wire::Component::transactions;
    event.entity = entity;
    event.topic = topic;
    if (!payload.empty()) event.content_type = kContent;
    event.payload = base::to_bytes(payload);
    event.height = 7;
    return ledger::encode_message(event, {1, 2});
}

class Lines {
public:
    base::Log log() {
        return [this](base::LogLevel, std::string_view text) {
            const std::lock_guard lock(mutex_);
            lines_.emplace_back(text);
            changed_.notify_all();
        };
    }
    std::vector<std::string> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(30), [&] { return lines_.size() >= count; });
        return lines_;
    }
    /// Whether a line with `text` comes.
    bool wait_for_line(std::string_view text) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(30), [&] {
            return std::ranges::any_of(lines_, [&](const std::string& line) { return line.contains(text); });
        });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
};

/// A log that takes no line before `go_on`.
class BlockedLines {
public:
    base::Log log() {
        return [this, inner = lines.log()](base::LogLevel level, std::string_view text) {
            const std::lock_guard lock(still_);
            inner(level, text);
        };
    }
    void go_on() { held_.unlock(); }

    Lines lines;

private:
    std::mutex still_;
    std::unique_lock<std::mutex> held_{still_};
};

constexpr std::size_t kMore = 10;  ///< lines beyond those that have room
constexpr std::size_t kTooMany = LineWriter::kMaxWaiting + 1 + kMore;
constexpr std::string_view kLeftOut = "left out, because the log is written too slowly: ";

store::LogBatch batch(const std::vector<base::Bytes>& messages,
                      wire::Component component = wire::Component::transactions) {
    auto out = std::make_shared<store::LogRecords>();
    for (const auto& each : messages) {
        store::LogRecord record;
        record.filter.component = component;
        record.message = each;
        out->add(record);
    }
    return out;
}

TEST(TransactionLog, each_end_of_a_transaction_has_its_own_sentence) {
    EXPECT_EQ(transaction_line(message("executed", R"({"block_height":3,"gas_spent":1852700,"err":null,"inner":{}})")),
              "transaction a1 executed in block 3, 1852700 gas spent");
    EXPECT_EQ(transaction_line(message("executed", R"({"block_height":3,"gas_spent":5,"err":"Panic: no"})")),
              "transaction a1 executed in block 3, 5 gas spent, with an error: Panic: no");
    EXPECT_EQ(transaction_line(message("dropped", R"({"reason":"nonce gap"})")), "transaction a1 dropped: nonce gap");
    EXPECT_EQ(transaction_line(message("removed", "")), "transaction a1 left the mempool without being executed");
    EXPECT_EQ(transaction_line(message("included", "{}")), std::nullopt);
    EXPECT_EQ(transaction_line(message("deferred", "{}")), std::nullopt);
}

TEST(TransactionLog, each_transaction_gets_one_line) {
    Lines lines;
    TransactionLog log(lines.log());

    log.committed(batch({message("executed", R"({"block_height":3,"gas_spent":5,"err":null})"), message("removed", ""),
                         message("removed", "", "b2"), message("dropped", R"({"reason":"r"})", "c3"),
                         message("removed", "", "c3")}));
    log.refused({chain::Rejection::Kind::refused, "Tx d4 not accepted: why"});

    EXPECT_EQ(lines.wait_for(4),
              (std::vector<std::string>{"transaction a1 executed in block 3, 5 gas spent",
                                        "transaction b2 left the mempool without being executed",
                                        "transaction c3 dropped: r", "transaction refused: Tx d4 not accepted: why"}));
}

TEST(TransactionLog, a_blocked_log_delays_nobody_and_the_missing_lines_are_counted) {
    BlockedLines blocked;
    TransactionLog log(blocked.log());

    for (std::size_t i = 0; i < kTooMany; ++i) log.refused({{}, "r"});
    blocked.go_on();
    // Either one line was being written while the others waited, or none was.
    blocked.lines.wait_for(LineWriter::kMaxWaiting);
    log.refused({{}, "last"});

    EXPECT_TRUE(blocked.lines.wait_for_line(kLeftOut));
}

TEST(LineWriter, a_log_through_it_delays_nobody_and_counts_the_lines_that_it_left_out) {
    BlockedLines blocked;
    LineWriter writer(blocked.log(), "lines");
    const auto log = log_through(writer);

    for (std::size_t i = 0; i < kTooMany; ++i) log(base::LogLevel::info, "line");
    blocked.go_on();
    blocked.lines.wait_for(LineWriter::kMaxWaiting);
    log(base::LogLevel::info, "last");

    ASSERT_TRUE(blocked.lines.wait_for_line("last"));
    EXPECT_TRUE(blocked.lines.wait_for_line(kLeftOut));
}

TEST(LineWriter, a_stop_writes_what_waits_and_says_how_many_were_left_out) {
    BlockedLines blocked;
    LineWriter writer(blocked.log(), "lines");

    for (std::size_t i = 0; i < kTooMany; ++i) log_through(writer)(base::LogLevel::info, "early");
    blocked.go_on();
    writer.stop();

    const auto all = blocked.lines.wait_for(LineWriter::kMaxWaiting + 1);
    const std::size_t early = all.size() - 1;
    EXPECT_EQ(std::ranges::count(all, "early"), early);
    EXPECT_EQ(all.back(), fmt::format("{}{} lines", kLeftOut, kTooMany - early));
}

TEST(LineWriter, a_write_that_never_returns_does_not_hold_up_the_end) {
    struct Stuck {
        std::mutex mutex;
        std::condition_variable changed;
        bool is_writing = false;
        bool goes_on = false;
    };
    const auto stuck = std::make_shared<Stuck>();
    LineWriter writer(
        [stuck](base::LogLevel, std::string_view) {
            std::unique_lock lock(stuck->mutex);
            stuck->is_writing = true;
            stuck->changed.notify_all();
            stuck->changed.wait(lock, [&] { return stuck->goes_on; });
        },
        "lines");
    const auto token = std::make_shared<int>();
    log_through(writer)(base::LogLevel::info, "under way");
    std::unique_lock lock(stuck->mutex);
    stuck->changed.wait(lock, [&] { return stuck->is_writing; });
    lock.unlock();
    writer.add([token](const base::Log&) {});

    writer.stop();

    EXPECT_EQ(token.use_count(), 1) << "what waited is dropped";
    writer.add([token](const base::Log&) {});
    EXPECT_EQ(token.use_count(), 1) << "and nothing more is taken";
    lock.lock();
    stuck->goes_on = true;
    stuck->changed.notify_all();
}

}  // namespace
}  // namespace rues::app
