#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

/// The meaning of request headers: body encodings and the `X-*` echo. docs/reference/protocol.md 5 as amended by
/// docs/reference/rusk-1.7.md 1.5. Pure.
namespace rues::wire {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// The first value of a header; names compare ignoring case.
std::optional<std::string_view> find_header(const HeaderList& headers, std::string_view name) noexcept;

/// Exactly `application/octet-stream`: case-sensitive, no parameters.
bool is_binary_type(std::optional<std::string_view> content_type) noexcept;
/// `application/json` in any case, no parameters.
bool is_json_type(std::optional<std::string_view> content_type) noexcept;
/// True when raw results are sent as bytes instead of hex text (docs/reference/protocol.md 5.3).
bool wants_binary(const HeaderList& request) noexcept;
/// A raw result as it is sent: unchanged, or as lower-case hex without `0x` (docs/reference/protocol.md 5.3). Each item
/// of a feeder is encoded on its own.
base::Bytes encode_raw(base::Bytes result, bool binary);
/// True when a contract call asks for a feeder: the header `Rusk-Feeder` is present, whatever its value
/// (docs/reference/protocol.md 5.4).
bool wants_feeder(const HeaderList& request) noexcept;

/// The request data that a handler gets. An octet-stream is unchanged. Any other body must be UTF-8; `0x` followed by
/// whole hex stands for the bytes it encodes. The error is the text for the client: `Invalid payload: …` (422).
std::expected<base::Bytes, std::string> decode_body(const HeaderList& request, base::Bytes body);

/// `Invalid payload: Invalid header encoding for <name>` (422) when a value has bytes other than visible ASCII, blank
/// and tab; otherwise nullopt.
std::optional<std::string> header_encoding_problem(const HeaderList& request);

/// The `X-*` headers that the answer repeats: names in lower case, values unchanged; of a repeated header the last
/// value.
HeaderList echoed(const HeaderList& request);

}  // namespace rues::wire
