// Contracts that log: where their lines go, and what bounds them.
#include "chain/contract_log.hpp"

#include <gmock/gmock.h>

#include "chain/replay.hpp"
#include "chain/simulation.hpp"
#include "chain/verify_store.hpp"
#include "local_chain.hpp"
#include "support/test_contract.hpp"
#include "support/test_deployment.hpp"

namespace rues::chain {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr ledger::ContractId kContract{std::byte{0xab}};
constexpr ledger::TxId kTransaction{std::byte{0xcd}};
const std::string kZeros(62, '0');

class ContractLogs : public ::testing::Test {
protected:
    base::Log log() {
        return [this](base::LogLevel, std::string_view line) { lines_.emplace_back(line); };
    }
    static void write(ContractLog::Run& run, std::string_view line) { run.lines()(kContract, line); }

    std::vector<std::string> lines_;
    base::ManualClock clock_{std::chrono::hours(1)};
};

TEST_F(ContractLogs, a_line_says_contract_height_and_transaction) {
    ContractLog log(this->log(), clock_);
    ContractLog::Block block;
    {
        ContractLog::Run run(log, block, 12, kTransaction);
        write(run, "hello");
    }

    EXPECT_THAT(lines_, ElementsAre("contract ab" + kZeros + " in block 12, transaction cd" + kZeros + ": \"hello\""));
}

TEST_F(ContractLogs, a_line_of_a_request_is_marked) {
    ContractLog log(this->log(), clock_);
    ContractLog::Run run(log, "a simulation", 7);
    write(run, "hello");

    EXPECT_THAT(lines_, ElementsAre("contract ab" + kZeros + " in a simulation at height 7: \"hello\""));
}

TEST_F(ContractLogs, characters_that_are_not_seen_are_escaped) {
    ContractLog log(this->log(), clock_);
    ContractLog::Run run(log, "a query", 7);
    write(run, "a\n\x1b[2J\"\xe2\x80\xae\xc2\x9b\xc3\xa4");

    EXPECT_THAT(lines_, ElementsAre(EndsWith(": \"a\\n\\u{1b}[2J\\\"\\u{202e}\\u{9b}\xc3\xa4\"")));
}

TEST_F(ContractLogs, a_long_line_is_cut_between_characters) {
    ContractLog log(this->log(), clock_);
    ContractLog::Run run(log, "a query", 7);
    write(run, std::string(ContractLog::kLineBytes - 1, 'x') + "\xc3\xa4" + "yyy");

    EXPECT_THAT(lines_, ElementsAre(EndsWith("xx\" and 5 bytes more")));
}

TEST_F(ContractLogs, a_transaction_has_a_bound_and_a_block_has_one_for_all_of_its_transactions) {
    ContractLog log(this->log(), clock_);
    ContractLog::Block block;
    for (std::size_t run = 0; run < 11; ++run) {
        ContractLog::Run one(log, block, 12, kTransaction);
        for (std::size_t i = 0; i < ContractLog::kLinesOfRun + run; ++i) write(one, "line");
    }
    log.end(block, 12);

    const auto counts = [&](const std::string& part) {
        return static_cast<std::size_t>(std::ranges::count_if(lines_, [&](auto& line) { return line.contains(part); }));
    };
    EXPECT_EQ(counts(": \"line\""), ContractLog::kLinesOfBlock);
    EXPECT_EQ(counts(" left out"), 10U);
    EXPECT_EQ(counts("1 line that contracts logged in block 12, transaction cd" + kZeros + " was left out"), 1U);
    EXPECT_EQ(lines_.back(), "110 lines that contracts logged in block 12 were left out");
}

// Otherwise a block of many transactions would write a line for each of them.
TEST_F(ContractLogs, transactions_that_find_no_room_in_their_block_have_one_line_together) {
    ContractLog log(this->log(), clock_);
    ContractLog::Block block;
    block.left = 1;
    for (std::size_t run = 0; run < 500; ++run) {
        ContractLog::Run one(log, block, 12, kTransaction);
        write(one, "line");
    }
    log.end(block, 12);

    EXPECT_THAT(lines_,
                ElementsAre(EndsWith(": \"line\""), "499 lines that contracts logged in block 12 were left out"));
}

TEST_F(ContractLogs, a_block_whose_lines_are_all_written_says_nothing_more) {
    ContractLog log(this->log(), clock_);
    log.end(ContractLog::Block{}, 12);

    EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(ContractLogs, requests_together_have_a_bound_for_each_second) {
    {
        ContractLog log(this->log(), clock_);
        for (std::size_t i = 0; i < 3; ++i) {
            ContractLog::Run run(log, "a query", 7);
            for (std::size_t line = 0; line < ContractLog::kLinesOfRequests / 2; ++line) write(run, "line");
        }
        EXPECT_EQ(lines_.size(), ContractLog::kLinesOfRequests);
        clock_.advance(std::chrono::seconds(1));
        ContractLog::Run run(log, "a query", 8);
        write(run, "next");
        EXPECT_EQ(lines_.size(), ContractLog::kLinesOfRequests + 2);
        EXPECT_EQ(lines_[ContractLog::kLinesOfRequests],
                  "50 lines that contracts logged in simulations and queries were left out");
        for (std::size_t line = 0; line < ContractLog::kLinesOfRun + 2; ++line) write(run, "line");
    }
    EXPECT_EQ(lines_.back(), "3 lines that contracts logged in a query at height 8 were left out");
}

TEST_F(ContractLogs, lines_of_requests_that_were_left_out_last_are_told_at_the_end) {
    {
        ContractLog log(this->log(), clock_);
        for (std::size_t i = 0; i < 2; ++i) {
            ContractLog::Run run(log, "a query", 7);
            for (std::size_t line = 0; line < ContractLog::kLinesOfRun; ++line) write(run, "line");
        }
        EXPECT_EQ(lines_.size(), ContractLog::kLinesOfRequests);
    }
    EXPECT_EQ(lines_.back(), "100 lines that contracts logged in simulations and queries were left out");
}

vm::Machine& logging_machine() {
    static const auto made = vm::Machine::create({.contract_log = true}, test::host_queries()).value();
    return *made;
}

/// A chain whose contracts may log.
class LoggingChain : public test::LocalChain {
protected:
    void SetUp() override {
        LocalChain::SetUp();
        log_ = [this](base::LogLevel, std::string_view line) {
            const std::lock_guard lock(mutex_);
            if (line.starts_with("contract ")) lines_.emplace_back(line);
        };
    }
    vm::Machine& chain_machine() override { return may_log_ ? logging_machine() : test::machine(); }
    static ledger::Transaction transaction(std::uint64_t nonce, ledger::Data data) {
        auto body = test::transfer(nonce, kMinDeployPrice);
        body.receiver.reset();
        body.value = 0;
        body.gas_limit = 30'000'000;
        body.data = std::move(data);
        return test::signed_by(1, body);
    }
    static ledger::Deploy deployment() { return rues::test::deployment(vm::test::logging_contract().build()); }
    static ledger::ContractId id() { return ledger::contract_id(deployment()); }
    void deploy() {
        ASSERT_TRUE(propagate(transaction(1, deployment())));
        mine();
    }
    std::vector<std::string> lines() {
        const std::lock_guard lock(mutex_);
        return std::exchange(lines_, {});
    }
    std::string refusal() {
        stop();
        store_ = std::move(*store::Store::open(store_options_));
        const auto made = Chain::create(
            *store_, chain_machine(), test::parts_of(genesis_file_), options_, clock_, base::no_log(),
            [](const store::LogBatch&) {}, [](const std::string&) {});
        return made ? "" : made.error().text;
    }

    bool may_log_ = true;

private:
    std::mutex mutex_;
    std::vector<std::string> lines_;
};

TEST_F(LoggingChain, lines_of_blocks_simulations_and_queries_go_to_the_log) {
    begin();
    deploy();
    const auto tx = transaction(2, ledger::Call{id(), "log", base::to_bytes("hello")});
    const std::string contract = "contract " + base::to_hex(id());

    ASSERT_TRUE(simulate(tx.encode(ledger::Envelope::aegis)));
    EXPECT_THAT(lines(), ElementsAre(contract + " in a simulation at height 2: \"hello\""));
    ASSERT_TRUE(propagate(tx));
    EXPECT_THAT(lines(), IsEmpty());
    mine();
    EXPECT_THAT(lines(), ElementsAre(contract + " in block 2, transaction " + base::to_hex(tx.id()) + ": \"hello\""));
    ASSERT_TRUE(chain_->state()->call(id(), "log", base::to_bytes("hi")));
    EXPECT_THAT(lines(), ElementsAre(contract + " in a query at height 2: \"hi\""));
}

TEST_F(LoggingChain, the_chain_may_be_given_another_log_for_lines_of_contracts) {
    std::vector<std::string> taken;
    options_.contract_lines = [&taken](base::LogLevel, std::string_view line) { taken.emplace_back(line); };
    begin();
    deploy();
    ASSERT_TRUE(propagate(transaction(2, ledger::Call{id(), "log", base::to_bytes("hello")})));
    mine();
    chain_.reset();

    EXPECT_THAT(taken, ElementsAre(EndsWith(": \"hello\"")));
    EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(LoggingChain, a_transaction_that_fails_has_its_lines) {
    begin();
    deploy();
    ASSERT_TRUE(propagate(transaction(2, ledger::Call{id(), "log_and_panic", base::to_bytes("oh no")})));
    mine();

    EXPECT_THAT(lines(), ElementsAre(HasSubstr("\"oh no\"")));
}

TEST_F(LoggingChain, the_chain_verifies_and_goes_on_after_a_restart) {
    begin();
    deploy();
    ASSERT_TRUE(propagate(transaction(2, ledger::Call{id(), "log", base::to_bytes("one")})));
    mine();
    restart();
    ASSERT_TRUE(propagate(transaction(3, ledger::Call{id(), "log", base::to_bytes("two")})));
    mine();

    chain_.reset();
    const auto parts = test::parts_of(test::default_genesis_file());
    const auto report = verify_store(*store_, logging_machine(), parts);
    EXPECT_TRUE(report) << report.error().text;
    EXPECT_EQ(
        verify_store(*store_, test::machine(), parts).error().text,
        "the stored chain began with contract-log on; start it with the same settings, or use another data folder");
}

TEST_F(LoggingChain, a_chain_keeps_the_setting_that_it_began_with) {
    begin();
    may_log_ = false;
    EXPECT_EQ(
        refusal(),
        "the stored chain began with contract-log on; start it with the same settings, or use another data folder");
    may_log_ = true;
    EXPECT_EQ(refusal(), "");
}

TEST_F(LoggingChain, a_chain_that_began_without_it_cannot_turn_it_on) {
    may_log_ = false;
    begin();
    may_log_ = true;
    EXPECT_EQ(
        refusal(),
        "the stored chain began with contract-log off; start it with the same settings, or use another data folder");
}

TEST_F(LoggingChain, without_the_setting_a_contract_that_logs_does_not_deploy) {
    may_log_ = false;
    begin();
    const auto tx = transaction(1, deployment());
    EXPECT_EQ(simulate(tx.encode(ledger::Envelope::aegis))->error,
              "Panic(\"failed deployment: InvalidFunction(\\\"hdebug\\\")\")");
    ASSERT_TRUE(propagate(tx));
    mine();

    EXPECT_EQ(store_->snapshot()->transaction(tx.id()).value()->error,
              "Panic: failed deployment: InvalidFunction(\"hdebug\")");
}

}  // namespace
}  // namespace rues::chain
