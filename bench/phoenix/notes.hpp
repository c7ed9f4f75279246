#pragma once

namespace rues::bench {

/// Measures how a node checks a Phoenix transaction and how a wallet scans the notes of others. False when a promise is
/// broken.
bool measure_notes();

}  // namespace rues::bench
