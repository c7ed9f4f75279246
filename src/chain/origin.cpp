#include "chain/origin.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "crypto/hash.hpp"

namespace rues::chain {
namespace {

using base::Error;

std::vector<std::string> differences(const store::ChainOrigin& stored, const store::ChainOrigin& given) {
    if (is_followed(stored) && !is_followed(given))
        return {"the blocks of other nodes, which `rues gateway --execute` follows"};
    std::vector<std::string> out;
    if (stored.chain_id != given.chain_id)
        out.push_back(fmt::format("chain id {} instead of {}", stored.chain_id, given.chain_id));
    std::vector<std::string_view> different;
    if (stored.genesis.owner != given.genesis.owner) different.emplace_back("owner");
    if (stored.genesis.stakes != given.genesis.stakes) different.emplace_back("stakes");
    if (stored.genesis.accounts != given.genesis.accounts) different.emplace_back("accounts");
    if (stored.genesis.notes != given.genesis.notes) different.emplace_back("Phoenix balances");
    if (!different.empty()) out.push_back(fmt::format("another genesis (different: {})", fmt::join(different, ", ")));
    if (stored.contracts != given.contracts) out.emplace_back("other genesis contracts");
    if (stored.contract_log != given.contract_log)
        out.emplace_back(stored.contract_log ? "contract-log on" : "contract-log off");
    return out;
}

}  // namespace

store::ChainOrigin origin_of(const GenesisParts& parts, std::uint8_t chain_id, bool contract_log) {
    return {chain_id, parts.genesis.digest(), parts.contracts_hash(), contract_log};
}

store::ChainOrigin followed_origin(std::uint8_t chain_id, bool contract_log) {
    return {chain_id, {}, crypto::blake3(base::view("rues gateway --execute")), contract_log};
}

bool is_followed(const store::ChainOrigin& origin) {
    return origin == followed_origin(origin.chain_id, origin.contract_log);
}

base::Result<void> check_origin(const store::Store& store, const store::ChainOrigin& given) {
    const auto stored = store.origin();
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) return base::failure(Error::Kind::corrupt, "the store does not say what its chain began with");
    const auto found = differences(**stored, given);
    if (found.empty()) return {};
    return base::failure(
        Error::Kind::invalid,
        fmt::format("the stored chain began with {}; start it with the same settings, or use another data folder",
                    fmt::join(found, " and ")));
}

}  // namespace rues::chain
