#include "app/stakes.hpp"

#include "client/contracts.hpp"
#include "client/failure.hpp"
#include "ledger/stake.hpp"

namespace rues::app {

Result<std::optional<wire::layouts::StakeData>> stake_of(const client::Url& url, const crypto::PublicKey& account) {
    const auto argument = wire::rkyv::archive(ledger::archived(account));
    const auto answer = client::query(url, ledger::kStakeContract, "get_stake", argument, false);
    if (!answer) return std::unexpected(answer.error());
    auto stake = wire::rkyv::unarchive<std::optional<wire::layouts::StakeData>>(*answer);
    if (!stake) return client::failure(Error::Kind::malformed, "get_stake: not a stake: " + stake.error());
    return *stake;
}

}  // namespace rues::app
