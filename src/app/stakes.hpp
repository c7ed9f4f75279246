#pragma once

#include <optional>

#include "client/url.hpp"
#include "crypto/bls.hpp"
#include "wire/layouts.hpp"

namespace rues::app {

/// Asks the stake contract for the stake of an account. nullopt: it has none.
Result<std::optional<wire::layouts::StakeData>> stake_of(const client::Url& url, const crypto::PublicKey& account);

}  // namespace rues::app
