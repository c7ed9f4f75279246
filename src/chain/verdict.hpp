#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "ledger/transaction.hpp"

namespace rues::chain {

/// Why the chain did not accept a transaction, an order of blocks or a move of the clock. `text` is the text for the
/// client; `api` puts `Invalid input: ` before it when the status is 400.
struct Rejection {
    enum class Kind : std::uint8_t {
        undecodable,  ///< 400 Invalid input: Data: …
        refused,      ///< 400 Invalid input: Tx <id> not accepted: …
        full,         ///< 503: the mempool or a queue is full, or the node is stopping; a later attempt may succeed
        failed,       ///< 500: our store could not be read or written
    };
    Kind kind = Kind::refused;
    std::string text;
};
/// Admission's answer.
using Verdict = std::expected<ledger::TxId, Rejection>;

/// @name Texts of rejections that several parts of the chain give.
/// @{
inline constexpr const char* kStopping = "the node is stopping";           ///< `full`
inline constexpr const char* kUnreadable = "state could not be read";      ///< `failed`
inline constexpr const char* kUnwritable = "the store cannot be written";  ///< `failed`
/// @}

}  // namespace rues::chain
