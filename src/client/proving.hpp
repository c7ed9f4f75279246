#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "base/bytes.hpp"
#include "client/url.hpp"

namespace rues::client {

inline constexpr std::string_view kNoProofs = "the node makes no proofs";

/// Asks a node for the proof of a circuit (`POST /on/prover/prove`, docs/reference/protocol.md 8.6). A node that is
/// busy or makes its keys is asked again until `patience` is over; before that, `wait` gets the node's reason and must
/// wait for the pause that the node asks for. The circuit holds secrets of the sender, and the node sees them; none of
/// them can spend a note. Errors: `refused`: the node's answer, or `kNoProofs`; `malformed`: no proof came;
/// `timed_out`; those of `http`.
Result<base::Bytes> prove(const Url& url, base::ByteView circuit, std::chrono::milliseconds patience,
                          const std::function<void(std::string_view why, std::chrono::seconds pause)>& wait);

}  // namespace rues::client
