#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

/// Bytes of the old event system's events and messages (docs/reference/protocol.md 9.1).
namespace rues::wire::legacy {

enum class TargetType : std::uint8_t { contract = 1, host = 2, debugger = 3 };

/// Caps of docs/reference/protocol.md 9.3 point 5, checked before anything is allocated.
inline constexpr std::size_t kMaxName = 1'024;
inline constexpr std::size_t kMaxTopic = 1'024;
inline constexpr std::size_t kMaxHeaders = 65'536;

struct Event {
    TargetType target_type = TargetType::host;
    std::string target;
    std::string topic;
    base::Bytes data;

    base::Bytes encode() const;
    /// The error names what is wrong: an unknown target type, or a name that is too long, cut or not UTF-8.
    static std::expected<Event, std::string> parse(base::ByteView bytes);
    friend bool operator==(const Event&, const Event&) = default;
};

struct Message {
    std::vector<std::pair<std::string, std::string>> headers;  ///< in order; keys compare ignoring case
    Event event;

    base::Bytes encode() const;
    /// As `Frame::parse` and `Event::parse`.
    static std::expected<Message, std::string> parse(base::ByteView bytes);
    friend bool operator==(const Message&, const Message&) = default;
};

}  // namespace rues::wire::legacy
