#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "graphql/resolver.hpp"
#include "store/store.hpp"

/// What the resolvers of one request share: the moment it reads, and what was read of it.
namespace rues::query {

using base::Bytes;
using base::ByteView;

/// A transaction as its bytes say it. They are read when something is asked of them.
class Transaction {
public:
    Transaction(const ledger::TxId& id, Bytes raw) : id_(id), raw_(std::move(raw)) {}

    const ledger::TxId& id() const noexcept { return id_; }
    const Bytes& raw() const noexcept { return raw_; }
    /// nullptr: the stored bytes are not a transaction.
    const ledger::UncheckedTransaction* body() const;

private:
    ledger::TxId id_;
    Bytes raw_;
    mutable std::optional<ledger::UncheckedTransaction> body_;
};

struct Block;

/// One that was executed.
struct Spent {
    Transaction transaction;
    std::uint64_t height = 0;
    std::uint64_t gas_spent = 0;
    std::optional<std::string> error;

    static Spent of(const ledger::TxId& id, store::StoredTransaction stored);
};

struct Block {
    store::StoredBlock stored;
    /// nullopt as long as nobody asked; see Context::read_transactions.
    mutable std::optional<std::vector<Spent>> transactions;
};

/// JSON that is a field's whole value.
struct JsonValue {
    std::string text;
};

/// Of one request and one thread. Objects that it gives live as long as it does. After a failed read the snapshot says
/// so, and no answer may be made of what was found.
class Context {
public:
    explicit Context(const store::Snapshot& snapshot) : snapshot_(snapshot), tip_(snapshot.height()) {}
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    const store::Snapshot& snapshot() const noexcept { return snapshot_; }
    std::uint64_t tip() const noexcept { return tip_; }

    /// nullptr: there is none, or it could not be read.
    const Block* block(std::uint64_t height);
    /// The same by hash; what is not of a hash's size finds nothing.
    const Block* block_of(ByteView hash);
    /// Those from `first` to `last`, ascending.
    std::vector<const Block*> blocks(std::uint64_t first, std::uint64_t last);
    /// Reads what `blocks` have not read yet, all of it at once. False when one could not be.
    bool read_transactions(std::span<const Block* const> blocks);
    const Spent& keep(Spent spent) { return loose_.emplace_back(std::move(spent)); }
    const JsonValue& keep(JsonValue value) { return values_.emplace_back(std::move(value)); }

    /// Best paying first, then the larger id (GQ 3). nullptr: could not be read.
    const std::deque<Transaction>* mempool();
    const Transaction* pooled(const ledger::TxId& id);
    /// Whether the answer depends on more than the blocks.
    bool has_read_mempool() const noexcept { return has_read_mempool_; }

private:
    const Block& keep(store::StoredBlock stored);

    const store::Snapshot& snapshot_;
    std::uint64_t tip_;
    std::map<std::uint64_t, Block> blocks_;  ///< by height
    std::deque<Spent> loose_;
    std::deque<JsonValue> values_;
    std::deque<Transaction> pooled_;
    std::optional<std::deque<Transaction>> mempool_;
    bool has_read_mempool_ = false;
};

}  // namespace rues::query
