#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

/// What request headers mean: body encodings and the `X-*` echo. RP 5 as amended by rusk-1.7 1.5. Pure.
namespace rues::wire {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

std::optional<std::string_view> find_header(const HeaderList& headers, std::string_view name) noexcept;

/// Exactly `application/octet-stream`: case-sensitive, no parameters.
bool is_binary_type(std::optional<std::string_view> content_type) noexcept;
/// `application/json` in any case, no parameters.
bool is_json_type(std::optional<std::string_view> content_type) noexcept;
/// Whether raw results go out as bytes instead of hex text (RP 5.3).
bool wants_binary(const HeaderList& request) noexcept;
/// Raw results as they go out: as they are, or lower-case hex without `0x` (RP 5.3). A feeder's items are encoded one
/// by one.
base::Bytes encode_raw(base::Bytes result, bool binary);
/// Whether a contract call is a feeder's: the header is there, whatever its value (RP 5.4).
bool wants_feeder(const HeaderList& request) noexcept;

/// The request data given to a handler: octet-stream as it is; else UTF-8 text, and `0x` with whole hex after it is its
/// bytes. The error is the client's text: `Invalid payload: …` (422).
std::expected<base::Bytes, std::string> decode_body(const HeaderList& request, base::Bytes body);

/// `Invalid payload: Invalid header encoding for <name>` when a value has bytes outside visible ASCII, blank and tab
/// (422).
std::optional<std::string> header_encoding_problem(const HeaderList& request);

/// The `X-*` headers that go back: names lower-case, raw values, the last of a repeated one.
HeaderList echoed(const HeaderList& request);

}  // namespace rues::wire
