#include "app/transaction_input.hpp"

#include "app/input.hpp"
#include "base/encoding.hpp"

namespace rues::app {

base::Result<base::Bytes> read_transaction(const std::string& argument) {
    const auto text = read_argument(argument);
    if (!text) return std::unexpected(text.error());
    std::string_view digits = base::trimmed(*text);
    if (digits.starts_with("0x")) digits.remove_prefix(2);
    auto bytes = base::from_hex(digits);
    if (bytes && !bytes->empty()) return std::move(*bytes);
    if (!text->empty() && !bytes && (argument == "-" || argument.starts_with('@'))) return base::to_bytes(*text);
    return base::failure(base::Error::Kind::invalid, text->empty() ? "there is no transaction" : "not hex digits");
}

std::string_view kind_of(const ledger::Transaction& tx) {
    if (tx.call() != nullptr) return "call";
    if (tx.deploy() != nullptr) return "deploy";
    if (tx.blobs() != nullptr) return "blob";
    return tx.memo() ? "memo" : "transfer";
}

}  // namespace rues::app
