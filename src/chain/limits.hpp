#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Limits that every node of the network applies. A chain with other limits would be another network, so they are not
/// settings.
namespace rues::chain {

inline constexpr std::uint64_t kBlockGasLimit = 3'000'000'000;
inline constexpr std::size_t kMaxBlockBytes = 1 << 20;
inline constexpr std::size_t kMaxBlockTransactions = 1'000;

inline constexpr std::size_t kBlockOverhead = 863;  ///< bytes of the smallest header
/// So every admitted transaction fits into an empty block (docs/reference/ledger.md 3.2 #1).
inline constexpr std::size_t kMaxTransactionBytes = kMaxBlockBytes - kBlockOverhead;
/// A transaction is handed to the transfer contract in a buffer of this size (docs/reference/ledger.md 3.2 #2).
inline constexpr std::size_t kMaxArchived = 65'536;

/// A block takes no further transaction when it has been executed for so long (docs/reference/ledger.md 4.4).
inline constexpr std::chrono::milliseconds kGenerationTimeout{3'000};
/// A transaction that runs longer is discarded when the block is made. Gas alone does not bound the time: bulk
/// operations on memory cost nothing for each byte (docs/reference/machine.md 2.1).
inline constexpr std::chrono::milliseconds kTransactionTime{10'000};

/// @name Deployments (docs/reference/ledger.md 3.2 #8, #9): the least gas price, and the charge for the bytecode.
/// @{
inline constexpr std::uint64_t kMinDeployPrice = 2'000;
inline constexpr std::uint64_t kGasPerDeployByte = 100;
inline constexpr std::uint64_t kMinDeployCharge = 5'000'000;
/// @}

/// @name Blobs (docs/reference/ledger.md 3.2 #11, 4.1 step 5): the most of one transaction, and what each costs at
/// least.
/// @{
inline constexpr std::size_t kMaxBlobs = 6;
inline constexpr std::uint64_t kGasPerBlob = 1'000'000;
/// @}

/// Credits of a full certificate (docs/reference/ledger.md 10.3).
inline constexpr std::uint64_t kCredits = 128;

}  // namespace rues::chain
