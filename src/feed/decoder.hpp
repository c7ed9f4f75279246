#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/json.hpp"

namespace rues::feed {

/// Decodes the payload of a contract's event. It is called on threads of a pool, several at once; it may take
/// milliseconds, run foreign code under limits, and wait for the disk. The error says why the event cannot be decoded
/// (wire::as_undecoded).
using Decoder = std::function<std::expected<base::json::value, std::string>(
    const base::ByteArray<32>& contract, std::string_view topic, base::ByteView payload)>;

}  // namespace rues::feed
