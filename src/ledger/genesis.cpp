#include "ledger/genesis.hpp"

#include <fmt/format.h>

#include <limits>
#include <map>
#include <set>

#include "base/endian.hpp"
#include "crypto/hash.hpp"

namespace rues::ledger {

std::optional<std::string> Genesis::problem() const {
    constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
    std::map<AccountKey, std::uint64_t> held;
    for (const auto& [account, balance] : accounts) {
        auto& sum = held[account.bytes()];
        if (balance > kMax - sum) return "an account's balances add up to more than 2^64 - 1";
        sum += balance;
    }
    std::uint64_t staked = 0;
    std::set<AccountKey> stakers;
    for (const auto& stake : stakes) {
        if (stake.amount > kMax - staked) return "the stakes add up to more than 2^64 - 1";
        staked += stake.amount;
        if (!stakers.insert(stake.account.bytes()).second) return "an account has two stakes";
    }
    return std::nullopt;
}

Header Genesis::header(const Hash32& state_hash, std::uint64_t timestamp) const {
    Header out;
    out.version = 0;
    out.state_hash = state_hash;
    out.timestamp = timestamp;
    out.hash = out.compute_hash();
    return out;
}

GenesisDigest Genesis::digest() const {
    const auto put_key = [](base::Writer& out, const std::optional<crypto::PublicKey>& key) {
        out.put(static_cast<std::uint8_t>(key.has_value()));
        if (key) out.put(ByteView(key->bytes()));
    };
    base::Writer owned;
    put_key(owned, owner);
    base::Writer staked;
    for (const auto& stake : stakes) {
        staked.put(ByteView(stake.account.bytes()));
        put_key(staked, stake.owner);
        staked.put(stake.amount).put(stake.eligibility).put(stake.reward);
    }
    std::map<ByteArray<96>, std::uint64_t> sums;
    for (const auto& [account, balance] : accounts) sums[account.bytes()] += balance;
    base::Writer held;
    for (const auto& [key, balance] : sums) held.put(ByteView(key)).put(balance);
    base::Writer noted;
    for (const auto& each : notes) {
        noted.put(ByteView(each.address)).put(static_cast<std::uint8_t>(each.seed.has_value()));
        noted.put(each.seed.value_or(0)).put(static_cast<std::uint64_t>(each.notes.size()));
        for (const std::uint64_t value : each.notes) noted.put(value);
    }
    return {crypto::blake3(owned.bytes()), crypto::blake3(staked.bytes()), crypto::blake3(held.bytes()),
            crypto::blake3(noted.bytes())};
}

const crypto::PublicKey& dusk_key() {
    static const crypto::PublicKey key = *crypto::PublicKey::decode(
        *base::from_hex("85906b7d01ea393501938441f43a18e97618b73eb30438a6fcf685f9f7f4ca6b061f229844abbbbb998f9c739d3c36"
                        "861539e2ed19294d16c56b"
                        "1c66491b4f1aecff85b6f39b293145b0f6f4e031b2eccb14e4c1e3618a3e36d8a12ffb2415de"));
    return key;
}

ByteArray<64> local_chain_seed() {
    return *base::array_from_hex<64>(
        "9910666385c437ed2a02a374e9590a7313518c1f26510a2e767097f4915a91a8d6f2447b744cdf38c83cbcd9227137ac1bffb8378fe96d"
        "148922"
        "14c4fc75dddd");
}

std::string_view local_chain_phrase() {
    return "eyebrow milk fan usage maximum exhibit ski nut wing sell alone great";
}

}  // namespace rues::ledger
