#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/endian.hpp"
#include "base/json.hpp"
#include "wire/headers.hpp"

/// Events and Messages of the legacy event system: their bytes and their form as text (docs/reference/protocol.md 9.1,
/// 9.3; docs/legacy.md).
namespace rues::wire::legacy {

enum class TargetType : std::uint8_t { contract = 1, host = 2, debugger = 3 };

/// Caps of docs/reference/protocol.md 9.3, checked before anything is allocated.
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
    HeaderList headers;  ///< in order; keys compare ignoring case
    Event event;

    base::Bytes encode() const;
    /// Refuses headers that are over `kMaxHeaders`, cut or not a JSON object of strings, and what `Event::parse`
    /// refuses. The error names the reason.
    static std::expected<Message, std::string> parse(base::ByteView bytes);
    friend bool operator==(const Message&, const Message&) = default;
};

/// The headers in a JSON object of strings. `Content-Length` may be a number, as in the first clients. The error says
/// what is wrong.
std::expected<HeaderList, std::string> headers_of(const base::json::value& given);

/// Headers as the JSON of a Message, with the escapes of an event frame.
std::string headers_to_json(const HeaderList& headers);

/// The bytes of a Message up to its data.
base::Bytes encode_head(const HeaderList& headers, TargetType type, std::string_view target, std::string_view topic);

/// Takes the text of the headers from the beginning of a binary Message. The error says that it is cut or over
/// `kMaxHeaders`.
std::expected<std::string_view, std::string> headers_text(base::Reader& message);

/// A Message as far as it can be read. Views into its bytes; nothing of the event is copied.
struct View {
    HeaderList headers;
    TargetType target_type = TargetType::host;
    std::string_view target;
    std::string_view topic;
    base::ByteView data;
    std::string problem;  ///< why the rest after the headers cannot be read; empty: all of it was read

    /// The error says why the headers cannot be read.
    static std::expected<View, std::string> read(base::ByteView message);
};

/// The name of a target type in the text form: `Contract`, `Host` or `Debugger`.
std::string_view name_of(TargetType type) noexcept;

/// Whether data of this content type is written as text in the text form: JSON and text. All other data is hex.
bool is_written_as_text(std::string_view content_type) noexcept;

/// A Message in the text form, `{"headers":{…},"event":{"target":{"type","name"},"topic","data"}}`, as far as it can be
/// read. `data` is hex when the headers say `application/octet-stream`, else text.
struct Text {
    HeaderList headers;
    Event event;
    std::string written;       ///< the data as it was written
    std::string problem;       ///< why the rest beside the headers cannot be read; empty: all of it was read
    std::string data_problem;  ///< why `written` cannot be decoded, if that alone is wrong

    /// The error says why the headers cannot be read.
    static std::expected<Text, std::string> read(std::string_view text);
};

/// A Message in the text form. `data` is there twice with the same value: in `event`, as in a request, and beside it,
/// where the answers of Rusk 0.7 to 1.0 had it. `written`: the data as it is to be written.
std::string text_form(const HeaderList& headers, TargetType type, std::string_view target, std::string_view topic,
                      std::string_view written);
/// Data as it is written in the text form.
std::string written_data(base::ByteView data, std::string_view content_type);

}  // namespace rues::wire::legacy
