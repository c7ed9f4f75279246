#pragma once

#include <memory>
#include <string_view>

#include "net/http.hpp"
#include "net/message.hpp"
#include "net/send_queue.hpp"

namespace rues::net {

/// Writes the answers of one HTTP/1.1 connection, one after the other: heads, the framing of bodies, and what the
/// kernel has not taken yet. Loop thread only.
class AnswerWriter {
public:
    /// Says which request is answered. An answer without this call, to a head that cannot be read, is in HTTP/1.1 and
    /// has a body.
    void begin(const Request& request, bool keep_alive) noexcept;

    /// Writes a whole answer. `last`: the connection ends after it.
    void write(Response response, bool last, std::string_view date);
    /// Writes a head, and the beginning of the body if it is small. Takes `until_sent`.
    void write_head(Response& response, bool last, std::string_view date);
    /// Prepares an answer whose length is not known: its body is chunked, or for HTTP/1.0 ended by the end of the
    /// connection. `head` loses its body. Returns whether a body follows.
    bool frame_without_length(Response& head) noexcept;
    /// Takes `frame_without_length` back. REQUIRES: nothing is written yet.
    void frame_with_length() noexcept { framing_.end = Framing::End::length; }

    // The body of an answer whose length is not known:
    void write_part(Bytes bytes);
    void write_part(ByteView bytes);
    void write_end();
    /// The body gets no proper end.
    void cut() noexcept { cut_ = true; }
    /// Whether the body ends with the connection, so that a proper end of the connection says that it is complete.
    bool ends_with_connection() const noexcept { return framing_.end == Framing::End::close; }

    /// Sends as much as the kernel takes in one call.
    Transfer send_to(Socket& socket) { return out_.write_to(socket); }
    /// Bytes not sent yet.
    std::size_t size() const noexcept { return out_.size(); }
    /// What happens to the connection after this answer.
    enum class After : std::uint8_t {
        keep,
        end,
        reset,  ///< an orderly end would look like the end of the body
    };
    After after() const noexcept;
    /// Response::until_sent of this answer, for the caller to release.
    std::shared_ptr<void> take_until_sent() noexcept { return std::move(until_sent_); }

private:
    bool chunked() const noexcept { return framing_.end == Framing::End::chunk; }
    template <typename Part>
    void frame(Part part);

    SendQueue out_;
    std::shared_ptr<void> until_sent_;
    Framing framing_;
    bool head_only_ = false;
    bool cut_ = false;
};

}  // namespace rues::net
