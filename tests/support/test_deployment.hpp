#pragma once

#include "crypto/hash.hpp"
#include "ledger/transaction.hpp"

namespace rues::test {

/// The data of a transaction that deploys `code`.
inline ledger::Deploy deployment(base::Bytes code, std::optional<base::Bytes> init = {}) {
    ledger::Deploy out;
    out.bytecode_hash = crypto::blake3(code);
    out.bytecode = std::move(code);
    out.owner.assign(96, std::byte{7});
    out.init_args = std::move(init);
    return out;
}

}  // namespace rues::test
