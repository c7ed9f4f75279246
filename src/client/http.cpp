#include "client/http.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

#include "base/encoding.hpp"

namespace rues::client {
namespace {

bool is_line(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

/// RFC 9110 5.6.2: methods and names of headers are tokens.
bool is_token(std::string_view text) {
    constexpr std::string_view kOther = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return is_letter || (c >= '0' && c <= '9') || kOther.find(c) != std::string_view::npos;
    });
}

std::unexpected<Error> bad(std::string_view why) {
    return failure(Error::Kind::malformed, fmt::format("the server's answer is not HTTP: {}", why));
}

/// Appends the next bytes of the stream; false at its end.
Result<bool> read_more(Stream& stream, base::Bytes& to, Deadline deadline) {
    std::array<std::byte, 16'384> buffer;
    const auto got = stream.read(buffer, deadline);
    if (!got) return std::unexpected(got.error());
    base::append(to, std::span(buffer).first(*got));
    return *got > 0;
}

/// The bytes of an answer after its head. `deadline` says until when to wait for the next ones.
struct Source {
    Stream& stream;
    base::Bytes input;  ///< read, and not used yet
    std::function<Deadline()> deadline;

    Result<bool> more() { return read_more(stream, input, deadline()); }
    void drop(std::size_t size) { input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size)); }
};

Result<void> need(Source& from, std::size_t size) {
    while (from.input.size() < size) {
        const auto more = from.more();
        if (!more) return std::unexpected(more.error());
        if (!*more) return bad("it ends early");
    }
    return {};
}

/// Passes on the next `size` bytes as they arrive.
Result<void> pass(Source& from, std::size_t size, const Take& take) {
    while (size > 0) {
        if (const auto some = need(from, 1); !some) return some;
        const std::size_t now = std::min(size, from.input.size());
        if (const auto taken = take(std::span(from.input).first(now)); !taken) return taken;
        from.drop(now);
        size -= now;
    }
    return {};
}

/// The number of bytes in the next chunk, and 0 at the end (RFC 9112 7.1).
Result<std::size_t> chunk_size(Source& from) {
    constexpr std::size_t kMaxSizeLine = 1'024;
    std::size_t line_end = 0;
    while ((line_end = base::text(from.input).find("\r\n")) == std::string_view::npos) {
        if (from.input.size() > kMaxSizeLine) return bad("a chunk without a size");
        if (const auto more = need(from, from.input.size() + 1); !more) return std::unexpected(more.error());
    }
    const std::string_view line = base::text(from.input).substr(0, line_end);
    std::size_t size = 0;
    const auto [end, problem] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    if (problem != std::errc{} || end == line.data()) return bad("a chunk without a size");
    from.drop(line_end + 2);
    return size;
}

/// Trailers are not read, because the connection ends after the answer.
Result<void> pass_chunks(Source& from, std::size_t most, const Take& take) {
    for (;;) {
        const auto size = chunk_size(from);
        if (!size) return std::unexpected(size.error());
        if (*size > most) return bad("it is too large");
        if (*size == 0) return {};
        most -= *size;
        if (const auto passed = pass(from, *size, take); !passed) return passed;
        if (const auto end = need(from, 2); !end) return end;
        from.drop(2);
    }
}

/// A body that ends with the connection.
Result<void> pass_rest(Source& from, std::size_t most, const Take& take) {
    for (;;) {
        if (from.input.size() > most) return bad("it is too large");
        most -= from.input.size();
        if (const auto taken = take(from.input); !taken) return taken;
        from.input.clear();
        const auto more = from.more();
        if (!more) return std::unexpected(more.error());
        if (!*more) return {};
    }
}

/// Passes on the body of an answer with this head; `most`: more bytes are an error.
Result<void> pass_body(Source& from, const Answer& head, std::size_t most, const Take& take) {
    if (const auto coding = head.header("transfer-encoding")) {
        if (!base::equal_ignoring_case(*coding, "chunked")) return bad("an unknown transfer coding");
        return pass_chunks(from, most, take);
    }
    const auto length = head.header("content-length");
    if (!length) return pass_rest(from, most, take);
    const auto size = base::parse_u64(*length);
    if (!size || *size > most) return bad("its length is wrong or too large");
    return pass(from, *size, take);
}

bool has_body(const Answer& head, std::string_view method) {
    return head.status != 204 && head.status != 304 && head.status != 101 && method != "HEAD";
}

/// Sends one request and passes on the body of a 2xx answer if there is a `take`; else the answer keeps it.
Result<Answer> exchange(const Url& url, std::string_view method, std::string_view path, const Headers& headers,
                        base::ByteView body, const Take& take, const std::function<Deadline()>& deadline) {
    Headers all = headers;
    all.emplace_back("Connection", "close");
    if (!body.empty() || method == "POST") all.emplace_back("Content-Length", std::to_string(body.size()));
    const auto head = request_head(url, method, path, all);
    if (!head) return std::unexpected(head.error());
    auto stream = Stream::connect(url, deadline());
    if (!stream) return std::unexpected(stream.error());
    base::Bytes request = base::to_bytes(*head);
    base::append(request, body);
    // A server may refuse a large body before it has read all of it: then its answer counts, not the error of the
    // write.
    const auto sent = stream->write(request, deadline());

    Source from{*stream, {}, deadline};
    auto answer = read_head(*stream, from.input, deadline());
    if (!answer) return std::unexpected(sent ? answer.error() : sent.error());
    if (!has_body(*answer, method)) return answer;
    const bool is_passed_on = take && answer->ok();
    const Take keep = [&answer](base::ByteView bytes) -> Result<void> {
        base::append(answer->body, bytes);
        return {};
    };
    const auto all_in = is_passed_on ? pass_body(from, *answer, std::numeric_limits<std::size_t>::max(), take)
                                     : pass_body(from, *answer, kMaxBody, keep);
    if (!all_in) return std::unexpected(all_in.error());
    return answer;
}

}  // namespace

std::optional<std::string_view> Answer::header(std::string_view name) const noexcept {
    for (const auto& [key, value] : headers) {
        if (base::equal_ignoring_case(key, name)) return value;
    }
    return std::nullopt;
}

Result<Answer> parse_head(std::string_view head) {
    const auto first_end = std::min(head.find("\r\n"), head.size());
    const std::string_view status_line = head.substr(0, first_end);
    if (!status_line.starts_with("HTTP/1.") || status_line.size() < 12 || status_line[8] != ' ')
        return bad("no status");
    const auto status = base::parse_u64(status_line.substr(9, 3));
    if (!status || *status < 100 || (status_line.size() > 12 && status_line[12] != ' ')) return bad("no status");
    Answer answer;
    answer.status = static_cast<unsigned>(*status);
    head.remove_prefix(std::min(first_end + 2, head.size()));
    while (!head.empty()) {
        const auto end = std::min(head.find("\r\n"), head.size());
        const std::string_view line = head.substr(0, end);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0) return bad("a header without a name");
        answer.headers.emplace_back(line.substr(0, colon), base::trimmed(line.substr(colon + 1)));
        head.remove_prefix(std::min(end + 2, head.size()));
    }
    return answer;
}

Result<std::string> request_head(const Url& url, std::string_view method, std::string_view path,
                                 const Headers& headers) {
    if (!path.starts_with('/') || !is_line(path) || path.find(' ') != std::string_view::npos)
        return failure(Error::Kind::invalid, fmt::format("`{}` is not a path (it must begin with /)", path));
    if (!is_token(method)) return failure(Error::Kind::invalid, fmt::format("`{}` is not a method", method));
    std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", method, path, url.authority());
    for (const auto& [name, value] : headers) {
        if (!is_token(name) || !is_line(value))
            return failure(Error::Kind::invalid, fmt::format("`{}` is not a header", name));
        head += fmt::format("{}: {}\r\n", name, value);
    }
    return head + "\r\n";
}

Result<Answer> read_head(Stream& stream, base::Bytes& rest, Deadline deadline) {
    base::Bytes input;
    for (;;) {
        const auto more = read_more(stream, input, deadline);
        if (!more) return std::unexpected(more.error());
        if (!*more) return bad("it ends early");
        const auto end = base::text(input).find("\r\n\r\n");
        if (end != std::string_view::npos) {
            rest = base::to_bytes(std::span(input).subspan(end + 4));
            return parse_head(base::text(input).substr(0, end));
        }
        if (input.size() > kMaxHead) return bad("its head is too large");
    }
}

Result<Answer> http(const Url& url, std::string_view method, std::string_view path, const Headers& headers,
                    base::ByteView body, std::chrono::milliseconds timeout) {
    const Deadline deadline = Clock::now() + timeout;
    return exchange(url, method, path, headers, body, {}, [deadline] { return deadline; });
}

Result<Answer> http_stream(const Url& url, std::string_view method, std::string_view path, const Headers& headers,
                           base::ByteView body, const Take& take, std::chrono::milliseconds silence) {
    return exchange(url, method, path, headers, body, take, [silence] { return Clock::now() + silence; });
}

}  // namespace rues::client
