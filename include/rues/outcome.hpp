#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace rues {

/// What a transaction is waited for.
enum class Goal : std::uint8_t { included, executed, finalized };

/// What became of a transaction.
struct Outcome {
    enum class Kind : std::uint8_t {
        included,   ///< in the mempool
        executed,   ///< without an error
        finalized,  ///< executed without an error, in a block that is final
        failed,     ///< executed, and `error` says with what it ended
        removed,    ///< left the mempool unexecuted
        dropped,    ///< was given up; `error` says why
        pending,    ///< none of these in time
    };
    std::string id;  ///< 64 hex digits
    Kind kind = Kind::pending;
    std::optional<std::string> error;
    std::optional<std::uint64_t> block_height;  ///< of the block that executed it
    std::string block_hash;                     ///< the same, in hex; empty: not known
    std::optional<std::uint64_t> gas_spent;
    std::string replaced_by;  ///< id of the transaction that took its place in the mempool; empty: none did
};

}  // namespace rues
