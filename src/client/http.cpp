#include "client/http.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

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

Result<void> need(Stream& stream, base::Bytes& input, std::size_t size, Deadline deadline) {
    while (input.size() < size) {
        const auto more = read_more(stream, input, deadline);
        if (!more) return std::unexpected(more.error());
        if (!*more) return bad("it ends early");
    }
    return {};
}

/// RFC 9112 7.1. Trailers are not read, because the connection ends after the answer.
Result<base::Bytes> read_chunks(Stream& stream, base::Bytes input, Deadline deadline) {
    constexpr std::size_t kMaxSizeLine = 1'024;
    base::Bytes body;
    std::size_t at = 0;
    for (;;) {
        std::size_t line_end = 0;
        while ((line_end = base::text(input).find("\r\n", at)) == std::string_view::npos) {
            if (input.size() - at > kMaxSizeLine) return bad("a chunk without a size");
            if (const auto more = need(stream, input, input.size() + 1, deadline); !more)
                return std::unexpected(more.error());
        }
        const std::string_view line = base::text(input).substr(at, line_end - at);
        std::size_t size = 0;
        const auto [end, problem] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
        if (problem != std::errc{} || end == line.data()) return bad("a chunk without a size");
        if (size > kMaxBody - body.size()) return bad("it is too large");
        if (size == 0) return body;
        at = line_end + 2;
        if (const auto all = need(stream, input, at + size + 2, deadline); !all) return std::unexpected(all.error());
        base::append(body, std::span(input).subspan(at, size));
        input.erase(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(at + size + 2));
        at = 0;
    }
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
    Headers all = headers;
    all.emplace_back("Connection", "close");
    if (!body.empty() || method == "POST") all.emplace_back("Content-Length", std::to_string(body.size()));
    const auto head = request_head(url, method, path, all);
    if (!head) return std::unexpected(head.error());
    auto stream = Stream::connect(url, deadline);
    if (!stream) return std::unexpected(stream.error());
    base::Bytes request = base::to_bytes(*head);
    base::append(request, body);
    // A server may refuse a large body before it has read all of it: then its answer counts, not the error of the
    // write.
    const auto sent = stream->write(request, deadline);

    base::Bytes rest;
    auto answer = read_head(*stream, rest, deadline);
    if (!answer) return std::unexpected(sent ? answer.error() : sent.error());
    if (answer->status == 204 || answer->status == 304 || answer->status == 101 || method == "HEAD") return answer;
    if (const auto coding = answer->header("transfer-encoding")) {
        if (!base::equal_ignoring_case(*coding, "chunked")) return bad("an unknown transfer coding");
        auto chunks = read_chunks(*stream, std::move(rest), deadline);
        if (!chunks) return std::unexpected(chunks.error());
        answer->body = std::move(*chunks);
    } else if (const auto text = answer->header("content-length")) {
        const auto size = base::parse_u64(*text);
        if (!size || *size > kMaxBody) return bad("its length is wrong or too large");
        if (const auto all_in = need(*stream, rest, *size, deadline); !all_in) return std::unexpected(all_in.error());
        rest.resize(*size);
        answer->body = std::move(rest);
    } else {
        for (;;) {
            const auto more = read_more(*stream, rest, deadline);
            if (!more) return std::unexpected(more.error());
            if (!*more) break;
            if (rest.size() > kMaxBody) return bad("it is too large");
        }
        answer->body = std::move(rest);
    }
    return answer;
}

}  // namespace rues::client
