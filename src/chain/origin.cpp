#include "chain/origin.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace rues::chain {
namespace {

using base::Error;
using Differences = std::vector<std::string>;

std::string other_chain_id(std::uint8_t stored, std::uint8_t given) {
    return fmt::format("chain id {} instead of {}", stored, given);
}

std::string other_genesis(const std::vector<std::string_view>& different) {
    return fmt::format("another genesis (different: {})", fmt::join(different, ", "));
}

Differences differences(const store::ChainOrigin& stored, const store::ChainOrigin& given) {
    Differences out;
    if (stored.chain_id != given.chain_id) out.push_back(other_chain_id(stored.chain_id, given.chain_id));
    std::vector<std::string_view> different;
    if (stored.genesis.owner != given.genesis.owner) different.emplace_back("owner");
    if (stored.genesis.stakes != given.genesis.stakes) different.emplace_back("stakes");
    if (stored.genesis.accounts != given.genesis.accounts) different.emplace_back("accounts");
    if (stored.genesis.notes != given.genesis.notes) different.emplace_back("Phoenix balances");
    if (!different.empty()) out.push_back(other_genesis(different));
    return out;
}

/// For a chain without a stored origin: compares block 0, the producer of block 1 and the chain id of the last
/// transaction.
base::Result<Differences> differences_by_blocks(const store::Snapshot& stored, const ledger::Genesis& genesis,
                                                std::uint8_t chain_id) {
    const auto state = genesis.state();
    if (!state) return base::failure(Error::Kind::invalid, state.error());
    const auto blocks = stored.blocks(0, 1);
    if (!blocks) return std::unexpected(blocks.error());
    const auto last = stored.last_transactions(1);
    if (!last) return std::unexpected(last.error());
    Differences out;
    if (!last->empty()) {
        const auto found = stored.transaction(last->front());
        if (!found) return std::unexpected(found.error());
        if (!*found) return base::failure(Error::Kind::corrupt, "the last transaction is missing");
        const auto tx = ledger::Transaction::decode((*found)->raw);
        if (tx && tx->moonlight() != nullptr && tx->moonlight()->chain_id != chain_id)
            out.push_back(other_chain_id(tx->moonlight()->chain_id, chain_id));
    }
    if (blocks->empty() || blocks->front().header.state_hash != ledger::commitment_of(*state).hash()) {
        out.push_back(other_genesis({"accounts or stakes"}));
    } else if (blocks->size() > 1 && blocks->back().header.generator != genesis.stakes.front().account.bytes()) {
        out.push_back(other_genesis({"first stake"}));
    }
    return out;
}

}  // namespace

base::Result<void> check_origin(store::Store& store, const ledger::Genesis& genesis, std::uint8_t chain_id) {
    const store::ChainOrigin given{chain_id, genesis.digest()};
    const auto stored = store.origin();
    if (!stored) return std::unexpected(stored.error());
    auto found = *stored ? base::Result<Differences>(differences(**stored, given))
                         : differences_by_blocks(*store.snapshot(), genesis, chain_id);
    if (!found) return std::unexpected(found.error());
    if (!found->empty()) {
        return base::failure(
            Error::Kind::invalid,
            fmt::format("the stored chain began with {}; start it with the same settings, or use another data folder",
                        fmt::join(*found, " and ")));
    }
    return *stored ? base::Result<void>() : store.set_origin(given);
}

}  // namespace rues::chain
