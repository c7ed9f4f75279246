#pragma once

namespace rues::bench {

/// Measures the verification of proofs, alone and in batches, next to the pairings of one verification. False when a
/// promise is broken.
bool measure_proofs();

}  // namespace rues::bench
