#include "support/stream.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "support/measure.hpp"

namespace rues::bench {
namespace {

/// Counts the bytes of a chunked body (RFC 9112 7.1).
class Chunks {
public:
    void take(std::string_view bytes) {
        while (!bytes.empty() && !ended_) bytes.remove_prefix(in_chunk_ > 0 ? content(bytes) : line(bytes));
    }
    bool ended() const noexcept { return ended_; }
    std::size_t bytes() const noexcept { return bytes_; }

private:
    std::size_t content(std::string_view bytes) {
        const std::size_t taken = std::min(bytes.size(), in_chunk_);
        in_chunk_ -= taken;
        bytes_ += taken;
        return taken;
    }
    std::size_t line(std::string_view bytes) {
        const auto end = bytes.find('\n');
        line_ += bytes.substr(0, end);
        if (end == std::string_view::npos) return bytes.size();
        if (line_ != "\r") {  // the end of the chunk before
            require(std::from_chars(line_.data(), line_.data() + line_.size(), in_chunk_, 16).ec == std::errc(),
                    "an answer is not chunked");
            ended_ = in_chunk_ == 0;
        }
        line_.clear();
        return end + 1;
    }

    std::string line_;
    std::size_t in_chunk_ = 0;
    std::size_t bytes_ = 0;
    bool ended_ = false;
};

}  // namespace

std::size_t read_stream(int socket, std::string_view request, const std::function<void(std::size_t)>& each) {
    require(::send(socket, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()),
            "a server does not take a request");
    std::vector<char> buffer(std::size_t{256} << 10);
    std::string head;
    bool in_body = false;
    Chunks chunks;
    while (!chunks.ended()) {
        const auto got = ::recv(socket, buffer.data(), buffer.size(), 0);
        require(got > 0, "a server broke an answer off");
        std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
        if (!in_body) {
            head += bytes;
            const auto end = head.find("\r\n\r\n");
            if (end == std::string::npos) continue;
            if (!head.starts_with("HTTP/1.1 200 ")) give_up("an unexpected answer: " + head);
            bytes = std::string_view(head).substr(end + 4);
            in_body = true;
        }
        chunks.take(bytes);
        each(chunks.bytes());
    }
    // The empty line behind the last chunk may still be under way, so the connection is not used again.
    return chunks.bytes();
}

}  // namespace rues::bench
