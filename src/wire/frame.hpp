#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace rues::wire {

/// A position in the event log: the log's epoch and a sequence number. Text form `<16 hex digits>-<decimal>`. Positions
/// of different logs do not compare: a client that resumes from a position of another log gets an answer that says so,
/// and no replay of wrong events.
struct Position {
    std::uint64_t epoch = 0;  ///< drawn when the log was created
    std::uint64_t seq = 0;    ///< sequence number of the last event seen; 0 = before the first

    /// nullopt unless `text` is exactly the text form (lower case, no signs, no blanks, no leading zeros in the decimal
    /// part).
    static std::optional<Position> parse(std::string_view text) noexcept;
    std::string to_string() const;
    friend bool operator==(Position, Position) = default;
};

/// One event as it is sent: u32 length, header JSON, payload (docs/reference/protocol.md 6).
struct Frame {
    std::vector<std::pair<std::string, std::string>> headers;  ///< in the order sent; values are visible ASCII
    base::Bytes payload;

    friend bool operator==(const Frame&, const Frame&) = default;

    std::optional<std::string_view> header(std::string_view name) const noexcept;  ///< ignoring case
    base::Bytes encode() const;
    /// Refuses a header length beyond the end of the message, a header that is not an object of strings, and a header
    /// over `kMaxHeader` bytes. The error names the reason.
    static std::expected<Frame, std::string> parse(base::ByteView message);
    static constexpr std::size_t kMaxHeader = 65'536;
};

/// The headers that the server sends with an event. The node's own keys come first and are byte-identical to the node's
/// (docs/reference/protocol.md 6.2); our `Rues-` keys follow (docs/reference/differences.md 33).
struct EventEnvelope {
    std::string content_location;
    std::string rusk_origin;   ///< empty: not a contract event
    std::string content_type;  ///< empty: no payload
    Position position;
    std::uint64_t height = 0;
    std::string block_hash;     ///< empty: not an event of a block
    std::string replaced_by{};  ///< id of the transaction that replaced the event's transaction; empty: none did
};

/// The complete WebSocket message of an event: unmasked binary frame header (RFC 6455 5.2), then the RUES frame.
base::Bytes encode_event_message(const EventEnvelope& envelope, base::ByteView payload);

/// The Content-Location of a message made by `encode_event_message`, without parsing JSON. Empty when the message has
/// another form or the contract's topic needed an escape: use `Frame::parse` then.
std::string_view content_location(base::ByteView message) noexcept;
/// The RUES frame inside a message made by `encode_event_message`.
base::ByteView without_websocket_header(base::ByteView message) noexcept;

/// The same event marked as a replay: `Rues-Replay: true` after the other headers. Bytes that are not a message come
/// back unchanged.
base::Bytes as_replay(base::ByteView message);
/// The copy of an event whose block was taken back: the position `at` in place of the event's own, and `Rues-Retracted:
/// true` after the other headers. Bytes that are not a message come back unchanged.
base::Bytes as_retracted(base::ByteView message, Position at);
/// The same event with another payload: JSON that was decoded from it. `Content-Type` becomes `application/json`, and
/// `Rues-Decoded: json` follows the other headers. Bytes that are not a message come back unchanged.
base::Bytes as_decoded(base::ByteView message, std::string_view json);
/// The same event, marked as one whose payload could not be decoded: `Rues-Decoded: no; <reason>`. Of the reason at
/// most kMaxReason bytes are sent; a byte that is not visible ASCII or a blank becomes `?`. Bytes that are not a
/// message come back unchanged.
base::Bytes as_undecoded(base::ByteView message, std::string_view reason);
inline constexpr std::size_t kMaxReason = 200;
/// The parts of an event's message, found without reading its JSON. Views into the message; both are empty when it is
/// not whole.
struct MessageParts {
    std::string_view headers;  ///< JSON object
    base::ByteView payload;
};
MessageParts parts_of(base::ByteView message) noexcept;
/// The value of a header that this program wrote without escapes, by its exact name. Empty when the header is absent.
std::string_view header_of(std::string_view headers, std::string_view name) noexcept;
/// The first of the messages that follow each other in `messages`. Empty when the first one is not whole.
base::ByteView first_message(base::ByteView messages) noexcept;

}  // namespace rues::wire
