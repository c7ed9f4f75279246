#pragma once

#include "ledger/block.hpp"

/// The genesis: a TOML file (docs/reference/ledger.md 11.1), and the header of the first block. Pure.
namespace rues::ledger {

struct GenesisStake {
    crypto::PublicKey account;
    std::optional<crypto::PublicKey> owner;
    std::uint64_t amount = 0;
    std::uint64_t eligibility = 0;
    std::uint64_t reward = 0;
};
struct GenesisAccount {
    crypto::PublicKey account;
    std::uint64_t balance = 0;
};
struct GenesisNotes {
    ByteArray<64> address{};
    std::optional<std::uint64_t> seed;
    std::vector<std::uint64_t> notes;
};
/// Hashes of the parts of a genesis, so that a stored chain can name the part in which another genesis differs.
struct GenesisDigest {
    Hash32 owner{};
    Hash32 stakes{};    ///< in the order of the file: the first stake produces the blocks
    Hash32 accounts{};  ///< the total balance of each account, whatever the order in the file
    Hash32 notes{};
    friend bool operator==(const GenesisDigest&, const GenesisDigest&) = default;
};
struct Genesis {
    std::optional<crypto::PublicKey> owner;
    std::vector<GenesisStake> stakes;
    std::vector<GenesisAccount> accounts;
    std::vector<GenesisNotes> notes;

    /// Why no chain can begin with this genesis; nullopt: nothing is wrong with it. The balances of repeated entries
    /// add up.
    std::optional<std::string> problem() const;
    /// The header of docs/reference/ledger.md 10.9 with this state hash and timestamp.
    Header header(const Hash32& state_hash, std::uint64_t timestamp) const;
    /// Hashes of the parts; see GenesisDigest.
    GenesisDigest digest() const;
};

/// The owner of both genesis contracts. It gets a tenth of every reward (docs/reference/ledger.md 10.8).
const crypto::PublicKey& dusk_key();

/// The 64-byte seed of the local chain's accounts 0 to 2, and the phrase of the fourth (docs/reference/ledger.md 14).
/// Public test data.
base::ByteArray<64> local_chain_seed();
std::string_view local_chain_phrase();

}  // namespace rues::ledger
