#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "store/store.hpp"

/// What the schema's fields are asked of.
namespace rues::query {

using base::Bytes;
using base::ByteView;

struct Transaction {
    ledger::TxId id{};
    Bytes raw;
    std::optional<ledger::UncheckedTransaction> body;  ///< none: the stored bytes are not a transaction

    Transaction(const ledger::TxId& of, Bytes bytes);
};

/// One that was executed. Never changes.
struct Spent {
    Transaction transaction;
    std::uint64_t height = 0;
    std::uint64_t gas_spent = 0;
    std::optional<std::string> error;

    Spent(const ledger::TxId& id, store::StoredTransaction stored);
};
using SpentPtr = std::shared_ptr<const Spent>;
/// Those of one block, in its order; nullptr for one that the store should have but has not.
using SpentList = std::vector<SpentPtr>;

/// A block as one request sees it.
struct Block {
    std::shared_ptr<const store::StoredBlock> stored;
    /// nullptr as long as nobody asked; see Context::read_transactions.
    mutable std::shared_ptr<const SpentList> transactions;

    const ledger::Header& header() const noexcept { return stored->header; }
    bool is_final() const noexcept { return stored->label.kind == ledger::Label::Kind::final; }
};

/// JSON that is a field's whole value.
struct JsonValue {
    std::string text;
};

}  // namespace rues::query
