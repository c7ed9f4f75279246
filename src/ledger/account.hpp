#pragma once

#include <cstdint>

namespace rues::ledger {

/// An account of the transfer contract.
struct Account {
    std::uint64_t nonce = 0;
    std::uint64_t balance = 0;
    friend bool operator==(const Account&, const Account&) = default;
};

}  // namespace rues::ledger
