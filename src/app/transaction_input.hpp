#pragma once

#include <string>

#include "base/error.hpp"
#include "ledger/transaction.hpp"

namespace rues::app {

/// The bytes that an argument stands for: hex with or without `0x`, `@FILE`, or `-` for the standard input. A file and
/// the input may also hold the bytes themselves. `what` they are stands in the error.
base::Result<base::Bytes> read_bytes(const std::string& argument, std::string_view what);
/// `transfer`, `memo`, `call`, `deploy` or `blob`.
std::string_view kind_of(const ledger::Transaction& tx);

}  // namespace rues::app
