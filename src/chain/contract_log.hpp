#pragma once

#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "vm/session.hpp"

namespace rues::chain {

/// Writes the lines that contracts log to the log of the node, with contract, height and transaction. Bounded: of what
/// is beyond a bound, the number is written. Any thread.
class ContractLog {
public:
    static constexpr std::size_t kLineBytes = 1'024;      ///< of one line; the rest of it is left out
    static constexpr std::size_t kLinesOfRun = 100;       ///< of one transaction, simulation or query
    static constexpr std::size_t kLinesOfBlock = 1'000;   ///< of all transactions of a block
    static constexpr std::size_t kLinesOfRequests = 100;  ///< of all simulations and queries in a second

    ContractLog(base::Log log, const base::Clock& clock) : log_(std::move(log)), clock_(clock) {}
    ContractLog(const ContractLog&) = delete;
    ContractLog& operator=(const ContractLog&) = delete;
    ~ContractLog();

    /// The lines of the transactions of one block.
    struct Block {
        std::size_t left = kLinesOfBlock;  ///< that it still may have
        std::size_t left_out = 0;          ///< because it may have no more
    };
    /// Writes how many lines a block left out. Call it when the block has no more transactions.
    void end(const Block& block, std::uint64_t height);

    /// Contract code that runs for one transaction or one request. One thread; it outlives the calls that it listens
    /// to.
    class Run {
    public:
        /// Logs for a transaction in a block that is being made.
        Run(ContractLog& log, Block& block, std::uint64_t height, const ledger::TxId& transaction);
        /// Logs for a request. `purpose`, such as `a query`, marks its lines.
        Run(ContractLog& log, std::string_view purpose, std::uint64_t height);
        Run(const Run&) = delete;
        Run& operator=(const Run&) = delete;
        ~Run();

        /// For `vm::Session::contract_lines`.
        vm::ContractLines lines() {
            return [this](const vm::ContractId& contract, std::string_view line) { write(contract, line); };
        }

    private:
        void write(const vm::ContractId& contract, std::string_view line);

        ContractLog& log_;
        Block* const block_ = nullptr;  ///< null: of a request
        const std::string where_;
        std::size_t left_ = kLinesOfRun;
        std::size_t left_out_ = 0;  ///< because of `kLinesOfRun`
    };

private:
    bool may_write_for_request();

    const base::Log log_;
    const base::Clock& clock_;
    std::mutex mutex_;
    // Under mutex_:
    base::SteadyTime second_{};    ///< when the second began whose lines are counted
    std::size_t of_requests_ = 0;  ///< lines in it
    std::size_t left_out_ = 0;     ///< lines of requests that were left out, and nobody was told
};

}  // namespace rues::chain
