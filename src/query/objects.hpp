#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "store/store.hpp"

/// The objects from which the schema's fields are resolved.
namespace rues::query {

using base::Bytes;
using base::ByteView;

struct Transaction {
    ledger::TxId id{};
    Bytes raw;
    std::optional<ledger::UncheckedTransaction> body;  ///< missing when the stored bytes are not a transaction

    Transaction(const ledger::TxId& of, Bytes bytes);
};

/// An executed transaction. Never changes.
struct Spent {
    Transaction transaction;
    std::uint64_t height = 0;
    std::uint64_t gas_spent = 0;
    std::optional<std::string> error;

    Spent(const ledger::TxId& id, store::StoredTransaction stored);
};
using SpentPtr = std::shared_ptr<const Spent>;
/// The transactions of one block, in its order; nullptr for a transaction that is missing in the store.
using SpentList = std::vector<SpentPtr>;
inline bool is_whole(const SpentList& list) {
    return std::ranges::find(list, nullptr) == list.end();
}

/// A block as one request sees it.
struct Block {
    std::shared_ptr<const store::StoredBlock> stored;
    /// nullptr until Context::read_transactions reads them.
    mutable std::shared_ptr<const SpentList> transactions;

    const ledger::Header& header() const noexcept { return stored->header; }
    bool is_final() const noexcept { return stored->label.is_final(); }
};

/// JSON text that is a field's whole value.
struct JsonValue {
    std::string text;
};

}  // namespace rues::query
