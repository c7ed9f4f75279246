#include "net/http_parser.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "base/encoding.hpp"

namespace rues::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

constexpr std::string_view kHeadEnd = "\r\n\r\n";
/// Bytes that the line and the end of a chunk may have; more counts against the limit of a head. Without this, a body
/// of one-byte chunks with long extensions could cost thousands of times its limit.
constexpr std::size_t kChunkAllowance = 16;

std::string copy(string_view text) {
    return {text.data(), text.size()};
}

/// Whether a request line that the parser refused for its version names a valid version, which this server does not
/// speak.
bool names_another_version(std::string_view head) {
    const auto line = head.substr(0, head.find('\r'));
    const auto version = line.substr(std::min(line.rfind(' ') + 1, line.size()));
    return version.size() == 8 && version != "HTTP/1.0" && version != "HTTP/1.1" && version.starts_with("HTTP/") &&
           version[6] == '.' && version[5] >= '0' && version[5] <= '9' && version[7] >= '0' && version[7] <= '9';
}

/// Characters of a token (RFC 9110 5.6.2). Enough to tell a request from a TLS handshake.
bool may_start_method(char c) {
    return c > ' ' && c < 0x7f && std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
}

constexpr std::size_t kUsualHeaders = 8;  // more make the list grow once or twice

}  // namespace

struct HttpParser::Beast final : http::basic_parser<true> {
    Request request;
    std::size_t max_headers = 0;
    std::size_t body_limit_bytes = 0;
    std::size_t chunks = 0;
    bool too_large = false;
    bool in_trailer = false;

    void on_request_impl(http::verb, string_view method, string_view target, int version, error_code&) override {
        request.method = copy(method);
        request.target = copy(target);
        request.minor_version = static_cast<unsigned>(version - 10);
        request.headers.reserve(kUsualHeaders);
    }
    void on_response_impl(int, string_view, int, error_code&) override {}
    void on_field_impl(http::field, string_view name, string_view value, error_code& error) override {
        // Trailers are dropped: nobody reads them, and a trailer must not pass for a header that was checked.
        if (in_trailer) return;
        if (request.headers.size() == max_headers) {
            error = http::error::header_limit;
            return;
        }
        request.headers.emplace_back(copy(name), copy(value));
    }
    void on_header_impl(error_code&) override { in_trailer = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(string_view bytes, error_code& error) override { return take(bytes, error); }
    void on_chunk_header_impl(std::uint64_t size, string_view, error_code& error) override {
        ++chunks;
        if (size > body_limit_bytes - request.body.size()) refuse_body(error);
    }
    std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& error) override {
        return take(bytes, error);
    }
    void on_finish_impl(error_code&) override {}

    std::size_t take(string_view bytes, error_code& error) {
        if (bytes.size() > body_limit_bytes - request.body.size()) {
            refuse_body(error);
            return 0;
        }
        request.body.append(base::view({bytes.data(), bytes.size()}));
        return bytes.size();
    }
    void refuse_body(error_code& error) {
        too_large = true;
        error = http::error::body_limit;
    }
};

HttpParser::HttpParser(const Limits& limits) : beast_(std::make_unique<Beast>()), max_head_(limits.max_head_bytes) {
    beast_->max_headers = limits.max_headers;
    beast_->header_limit(static_cast<std::uint32_t>(limits.max_head_bytes));
    beast_->body_limit(boost::none);  // `expect_body` sets the limit once the head is known
}

HttpParser::~HttpParser() = default;

std::expected<bool, Refusal> HttpParser::put_head(ByteView& input) {
    const std::string_view text = base::text(input);
    if (!text.empty() && !may_start_method(text.front())) return std::unexpected(Refusal{400, "Invalid request line"});
    // Beast parses a head line by line and applies its limit only to the bytes of the last call. So it gets the whole
    // head in one call.
    const auto end = text.find(kHeadEnd, searched_);
    if (auto problem =
            line_problem(text.substr(0, end == std::string_view::npos ? end : end + kHeadEnd.size()), checked_))
        return std::unexpected(std::move(*problem));
    if (end == std::string_view::npos || end + kHeadEnd.size() > max_head_) {
        if (text.size() > max_head_ || end != std::string_view::npos)
            return std::unexpected(Refusal{431, "Request header fields too large"});
        searched_ = text.size() < kHeadEnd.size() ? 0 : text.size() - kHeadEnd.size() + 1;
        return false;
    }
    const ByteView head = input.first(end + kHeadEnd.size());
    error_code error;
    beast_->put(boost::asio::const_buffer(head.data(), head.size()), error);
    if (error == http::error::header_limit) return std::unexpected(Refusal{431, "Request header fields too large"});
    if (error == http::error::bad_version && names_another_version(text))
        return std::unexpected(Refusal{505, "HTTP version not supported"});
    if (error) return std::unexpected(Refusal{400, "Invalid request: " + error.message()});
    input = input.subspan(head.size());

    if (auto problem = framing_problem(beast_->request)) return std::unexpected(std::move(*problem));
    if (auto problem = settle_target(beast_->request)) return std::unexpected(std::move(*problem));
    beast_->eager(true);
    return true;
}

const Request& HttpParser::request() const noexcept {
    return beast_->request;
}

bool HttpParser::keep_alive() const noexcept {
    return beast_->keep_alive();
}

bool HttpParser::has_body() const noexcept {
    return !beast_->is_done();
}

bool HttpParser::expects_continue() const noexcept {
    const auto expect = beast_->request.header("expect");
    return has_body() && beast_->request.minor_version == 1 && expect &&
           base::equal_ignoring_case(*expect, "100-continue");
}

std::expected<void, Refusal> HttpParser::expect_body(const BodyRules& rules) {
    beast_->body_limit_bytes = rules.limit;
    beast_->request.body.is_secret = rules.is_secret;
    if (const auto length = beast_->content_length(); length && *length > rules.limit)
        return std::unexpected(Refusal{413, "length limit exceeded"});
    return {};
}

std::expected<bool, Refusal> HttpParser::put_body(ByteView& input) {
    // If Beast has seen the last chunk and is then given fewer bytes than this, it fails an assertion of its own.
    // Waiting loses nothing: from a chunk line on, a body has at least the five bytes `0 CRLF CRLF`.
    constexpr std::size_t kShortestEnd = 5;
    if (wants_line_ && input.size() < kShortestEnd) return false;
    wants_line_ = false;
    while (!beast_->is_done() && !input.empty()) {
        error_code error;
        const std::size_t taken = beast_->put(boost::asio::const_buffer(input.data(), input.size()), error);
        input = input.subspan(taken);
        body_taken_ += taken;
        if (beast_->too_large) return std::unexpected(Refusal{413, "length limit exceeded"});
        if (body_taken_ > beast_->request.body.size() + beast_->chunks * kChunkAllowance + max_head_)
            return std::unexpected(Refusal{400, "Chunk extensions or trailer too long"});
        if (error == http::error::need_more) {
            wants_line_ = true;
            // The bytes that Beast does not take are the line of a chunk, or the trailer.
            if (input.size() > max_head_) return std::unexpected(Refusal{400, "Chunk header or trailer too long"});
            break;
        }
        if (error) return std::unexpected(Refusal{400, "Invalid request body: " + error.message()});
    }
    return beast_->is_done();
}

Request HttpParser::take() noexcept {
    return std::move(beast_->request);
}

}  // namespace rues::net
