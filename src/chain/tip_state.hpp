#pragma once

#include <atomic>
#include <map>
#include <unordered_map>

#include "chain/queries.hpp"
#include "ledger/account.hpp"

namespace rues::chain {

/// The properties of a contract at one tip.
struct ContractProperties {
    std::size_t code_bytes = 0;
    base::Hash32 code_hash{};  ///< BLAKE3 of the bytecode
    std::shared_ptr<const base::Bytes> owner;
    std::uint32_t memory_pages = 0;  ///< size of its memory, in pages of 64 KiB
};

/// The state of the contracts at one tip, and the answers that were asked of it before. Immutable to its users. Any
/// thread may keep it for as long as it needs this state; the pages of a state that nobody keeps are given back.
///
/// Functions that run contract code may take long (`QueryBounds::time`) and are not for loops. What begins with `kept`
/// only looks up an answer.
class TipState {
public:
    using Gone = Queries::Gone;
    /// `queries` outlives it. `environment` is what contracts learn of the chain in a query; `hash` is that of the tip.
    /// `line` belongs to all states of one line of blocks; null: a new line begins.
    struct Line {
        std::atomic<std::uint64_t> accounts{0};
    };
    TipState(Queries& queries, std::shared_ptr<const vm::State> state, const vm::Environment& environment,
             const base::Hash32& hash, std::shared_ptr<Line> line = nullptr)
        : queries_(queries),
          state_(std::move(state)),
          environment_(environment),
          hash_(hash),
          line_(line ? std::move(line) : std::make_shared<Line>()) {}

    std::uint64_t height() const noexcept { return environment_.height; }
    const base::Hash32& hash() const noexcept { return hash_; }
    const std::shared_ptr<const vm::State>& state() const noexcept { return state_; }
    Queries& queries() const noexcept { return queries_; }
    const std::shared_ptr<Line>& line() const noexcept { return line_; }
    const vm::Environment& environment() const noexcept { return environment_; }

    /// The owner's bytes; null: no such contract.
    std::shared_ptr<const base::Bytes> owner(const ledger::ContractId& contract) const;

    /// nullopt: no such contract.
    std::optional<ContractProperties> properties(const ledger::ContractId& contract) const;

    /// Calls a function of a contract and keeps a short answer.
    std::expected<base::Bytes, QueryFailure> call(const ledger::ContractId& contract, std::string_view function,
                                                  base::ByteView argument, const Gone& gone = {}) const;
    /// The same, and records what the call does. Nothing is kept.
    std::expected<base::Bytes, QueryFailure> traced_call(const ledger::ContractId& contract, std::string_view function,
                                                         base::ByteView argument, vm::CallTrace& trace,
                                                         const Gone& gone = {}) const;
    std::optional<base::Bytes> kept(const ledger::ContractId& contract, std::string_view function,
                                    base::ByteView argument) const;
    /// Calls a feeder; `sink` gets its items in order.
    std::expected<void, QueryFailure> feed(const ledger::ContractId& contract, std::string_view function,
                                           base::ByteView argument, const vm::Sink& sink, const Gone& gone = {}) const;

    /// An account of the transfer contract; zeros when it has no entry.
    std::expected<ledger::Account, QueryFailure> account(const crypto::PublicKey& key) const;
    std::optional<ledger::Account> kept_account(const ledger::AccountKey& key) const;

    /// Those of `nullifiers` that are spent, in their order. REQUIRES: scalars.
    std::expected<std::vector<base::Hash32>, QueryFailure> spent_nullifiers(
        std::span<const base::Hash32> nullifiers) const;

    /// The number of accounts that have an entry. Only those are counted that came since an earlier state of the line:
    /// within a line accounts never go away.
    std::expected<std::uint64_t, QueryFailure> account_count() const;
    std::optional<std::uint64_t> kept_account_count() const;

    /// A text that is made once for each tip, such as a long JSON document; null when `make` has not run for `name`.
    std::shared_ptr<const std::string> kept_text(std::string_view name) const;
    std::shared_ptr<const std::string> keep_text(std::string_view name, std::string text) const;

    /// @name Bounds of what one state keeps. Beyond them answers are given, but not kept.
    /// @{
    static constexpr std::size_t kMaxAnswers = 16'384;
    static constexpr std::size_t kMaxAnswerBytes = 4'096;
    static constexpr std::size_t kMaxArgumentBytes = 4'096;
    static constexpr std::size_t kMaxKeptBytes = 8 << 20;
    static constexpr std::size_t kMaxAccounts = 65'536;
    /// @}

private:
    Queries& queries_;
    const std::shared_ptr<const vm::State> state_;
    const vm::Environment environment_;
    const base::Hash32 hash_;
    const std::shared_ptr<Line> line_;

    mutable std::mutex mutex_;
    mutable std::unordered_map<base::Hash32, base::Bytes, base::UniformHash> answers_;
    mutable std::size_t answer_bytes_ = 0;
    /// A tree, not a hash table: clients choose their keys.
    mutable std::map<ledger::AccountKey, ledger::Account> accounts_;
    mutable std::optional<std::uint64_t> account_count_;
    mutable std::map<std::string, std::shared_ptr<const std::string>, std::less<>> texts_;
};

}  // namespace rues::chain
