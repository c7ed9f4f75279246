#include "app/transaction_input.hpp"

#include <fmt/format.h>

#include "app/input.hpp"
#include "base/encoding.hpp"
#include "crypto/secret.hpp"

namespace rues::app {

base::Result<base::Bytes> read_bytes(const std::string& argument, std::string_view what) {
    auto text = read_argument(argument);
    if (!text) return std::unexpected(text.error());
    std::string_view digits = base::trimmed(*text);
    if (digits.starts_with("0x")) digits.remove_prefix(2);
    auto bytes = base::from_hex(digits);
    const bool is_file = argument == "-" || argument.starts_with('@');
    if (!bytes && is_file) bytes = base::to_bytes(*text);
    crypto::wipe(std::as_writable_bytes(std::span(*text)));  // a circuit is secret
    if (bytes && !bytes->empty()) return std::move(*bytes);
    return base::failure(base::Error::Kind::invalid,
                         text->empty() ? fmt::format("there is no {}", what) : "not hex digits");
}

std::string_view kind_of(const ledger::Transaction& tx) {
    if (tx.call() != nullptr) return "call";
    if (tx.deploy() != nullptr) return "deploy";
    if (tx.blobs() != nullptr) return "blob";
    return tx.memo() ? "memo" : "transfer";
}

}  // namespace rues::app
