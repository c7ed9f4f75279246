#include "ledger/block.hpp"

#include "crypto/hash.hpp"

namespace rues::ledger {

base::json::object SpentTransaction::to_json() const {
    return {{"block_height", block_height},
            {"err", error ? base::json::value(boost::json::string(*error)) : base::json::value(nullptr)},
            {"gas_spent", gas_spent},
            {"inner", inner.to_json()}};
}

std::uint64_t emission(std::uint64_t height) {
    constexpr std::pair<std::uint64_t, std::uint64_t> kUntil[] = {
        {0, 0},
        {12'614'400, 19'857'400'000},
        {25'228'800, 9'928'700'000},
        {37'843'200, 4'964'350'000},
        {50'457'600, 2'482'180'000},
        {63'072'000, 1'241'090'000},
        {75'686'400, 620'540'000},
        {88'300'800, 310'270'000},
        {100'915'200, 155'140'000},
        {113'529'596, 77'570'000},
        {113'529'597, 54'280'000},
    };
    for (const auto& [last, amount] : kUntil) {
        if (height <= last) return amount;
    }
    return 0;
}

Hash32 merkle_root(std::span<const Hash32> leaves) {
    if (leaves.empty()) return {};
    std::vector<Hash32> level(leaves.begin(), leaves.end());
    do {
        std::vector<Hash32> above;
        for (std::size_t i = 0; i < level.size(); i += 2) {
            ByteArray<64> pair;
            std::ranges::copy(level[i], pair.begin());
            std::ranges::copy(level[std::min(i + 1, level.size() - 1)], pair.begin() + 32);
            above.push_back(crypto::sha3_256(pair));
        }
        level = std::move(above);
    } while (level.size() > 1);
    return level[0];
}

Hash32 txroot_of(std::span<const SpentTransaction> transactions) {
    std::vector<Hash32> digests;
    digests.reserve(transactions.size());
    for (const auto& tx : transactions) digests.push_back(tx.inner.digest());
    return merkle_root(digests);
}

namespace {

void bloom_set(ByteArray<256>& bloom, const Hash32& hash) {
    for (std::size_t i = 0; i < 6; i += 2) {
        const unsigned bit = (static_cast<unsigned>(hash[i]) << 8 | static_cast<unsigned>(hash[i + 1])) & 0x7ff;
        bloom[255 - (bit >> 3)] |= static_cast<std::byte>(1U << (bit & 7));
    }
}

}  // namespace

void bloom_insert(ByteArray<256>& bloom, const ContractId& contract, std::string_view topic, ByteView data) {
    Bytes input = base::to_bytes(contract);
    base::append(input, base::view(topic));
    bloom_set(bloom, crypto::blake3(input));
    base::append(input, data);
    bloom_set(bloom, crypto::blake3(input));
}

}  // namespace rues::ledger
