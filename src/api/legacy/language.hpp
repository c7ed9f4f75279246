#pragma once

#include <expected>
#include <string>

#include "net/http.hpp"
#include "wire/legacy.hpp"

/// Requests and answers in the forms in which clients write and read them: binary Messages, Messages as text, and the
/// form of Rusk 0.7 to 1.0 (docs/legacy.md). Pure.
namespace rues::api::legacy {

using wire::legacy::TargetType;

enum class Language : std::uint8_t { binary, text, old };

/// One request as it was read. Moved, never copied.
struct Asked {
    Language language = Language::binary;
    wire::HeaderList headers{};
    wire::HeaderList echo{};  ///< the headers that the answer repeats; in the old form with JSON as their values
    TargetType type = TargetType::host;
    std::string target{};
    std::string topic{};
    base::ByteView data{};  ///< into `own`, or into the frame
    base::Bytes own{};
    std::string written{};       ///< the data of a text as the client wrote it
    std::string problem{};       ///< why the rest after the headers cannot be read; empty: all of it was read
    std::string data_problem{};  ///< why the data of a text cannot be read

    Asked() = default;
    Asked(Asked&&) = default;
    Asked& operator=(Asked&&) = default;
    /// The data as bytes of their own: `own`, where it is all of it, else a copy. `data` is empty afterwards.
    base::Bytes take_data();
};

/// The target in the URL of a socket of the old form.
struct Target {
    TargetType type = TargetType::host;
    std::string name;
};

/// @name Reading of frames. The error says why the headers cannot be read; of the old form, why anything cannot.
/// `frame` must outlive the result.
/// @{
std::expected<Asked, std::string> read_binary(base::ByteView frame);
std::expected<Asked, std::string> read_text(std::string_view frame);
std::expected<Asked, std::string> read_old_binary(const Target& target, base::ByteView frame);
std::expected<Asked, std::string> read_old_text(const Target& target, std::string_view frame);
/// @}

/// The parts of a request that its answer repeats.
struct Caller {
    Language language = Language::binary;
    TargetType type = TargetType::host;
    std::string target{};
    std::string topic{};
    wire::HeaderList echo{};
    std::string_view data_type = "text/plain";  ///< content type of an answer that has none of its own
};

/// The content of an answer.
struct Said {
    unsigned status = 200;
    std::string failure{};       ///< the text of an error; empty: none
    std::string content_type{};  ///< empty: `Caller::data_type`
    wire::HeaderList more{};     ///< further headers
};

/// The frame of an answer: `head`, then `data`.
struct Frame {
    base::Bytes head;
    base::Bytes data;
};
Frame frame_of(const Caller& caller, const Said& said, base::Bytes data);
/// An unmasked WebSocket frame of a Message, binary or text.
Frame message_frame(bool as_text, const wire::HeaderList& headers, TargetType type, std::string_view target,
                    std::string_view topic, std::string_view content_type, base::Bytes data);

/// The headers of an answer that a Message passes on beside its own: those of RUES, `Retry-After` and `crs-hash`. The
/// id of an internal error is `Rues-Failure-Id`, because `X-Request-Id` is the client's.
wire::HeaderList passed_on(const net::Headers& headers);

}  // namespace rues::api::legacy
