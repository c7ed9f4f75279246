#include "app/transaction_log.hpp"

#include <gtest/gtest.h>

#include <algorithm>

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
    std::mutex still;
    Lines lines;
    const auto inner = lines.log();
    std::unique_lock held(still);
    TransactionLog log([&](base::LogLevel level, std::string_view text) {
        const std::lock_guard lock(still);
        inner(level, text);
    });

    constexpr std::size_t kMore = 10;
    for (std::size_t i = 0; i < LineWriter::kMaxWaiting + 1 + kMore; ++i) log.refused({{}, "r"});
    held.unlock();
    // Either one line was being written while the others waited, or none was.
    lines.wait_for(LineWriter::kMaxWaiting);
    log.refused({{}, "last"});

    EXPECT_TRUE(lines.wait_for_line("left out, because the log is written too slowly: "));
}

TEST(LineWriter, a_log_through_it_delays_nobody_and_counts_the_lines_that_it_left_out) {
    std::mutex still;
    Lines lines;
    const auto inner = lines.log();
    std::unique_lock held(still);
    LineWriter writer(
        [&](base::LogLevel level, std::string_view text) {
            const std::lock_guard lock(still);
            inner(level, text);
        },
        "lines");
    const auto log = log_through(writer);

    constexpr std::size_t kMore = 10;
    for (std::size_t i = 0; i < LineWriter::kMaxWaiting + 1 + kMore; ++i) log(base::LogLevel::info, "line");
    held.unlock();
    lines.wait_for(LineWriter::kMaxWaiting);
    log(base::LogLevel::info, "last");

    ASSERT_TRUE(lines.wait_for_line("last"));
    EXPECT_TRUE(lines.wait_for_line("left out, because the log is written too slowly: "));
}

}  // namespace
}  // namespace rues::app
