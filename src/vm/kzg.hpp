#pragma once

#include "base/bytes.hpp"

namespace rues::vm {

/// The polynomial of this commitment has the value y at z, under Ethereum's trusted setup (EIP-4844, c-kzg-4844). z and
/// y are big-endian. False also when a point is not in its group or a scalar is not below the order. The first call
/// takes half a millisecond more, to load the setup. Any thread.
bool verify_kzg_proof(const base::ByteArray<48>& commitment, const base::ByteArray<32>& z, const base::ByteArray<32>& y,
                      const base::ByteArray<48>& proof);

}  // namespace rues::vm
