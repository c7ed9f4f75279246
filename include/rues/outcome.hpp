#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace rues {

/// The state of a transaction that a caller waits for.
enum class Goal : std::uint8_t { included, executed, finalized };

/// The result of a transaction.
struct Outcome {
    enum class Kind : std::uint8_t {
        included,   ///< in the mempool
        executed,   ///< without an error
        finalized,  ///< executed without an error, in a block that is final
        failed,     ///< executed with the error in `error`
        removed,    ///< left the mempool unexecuted
        dropped,    ///< given up by the node; `error` says why
        pending,    ///< none of these within the timeout
    };
    std::string id;  ///< 64 hex digits
    Kind kind = Kind::pending;
    std::optional<std::string> error;
    std::optional<std::uint64_t> block_height;  ///< height of the block that executed it
    std::string block_hash;                     ///< hash of that block in hex; empty when it is not known
    std::optional<std::uint64_t> gas_spent;
    std::string replaced_by;  ///< id of the transaction that took its place in the mempool; empty: none did
};

}  // namespace rues
