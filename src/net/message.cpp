#include "net/message.hpp"

#include <fmt/format.h>

#include <array>
#include <ctime>

#include "wire/websocket.hpp"

namespace rues::net {
namespace {

std::string_view reason_phrase(unsigned status) {
    switch (status) {
    case 101:
        return "Switching Protocols";
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 206:
        return "Partial Content";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 307:
        return "Temporary Redirect";
    case 308:
        return "Permanent Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 413:
        return "Payload Too Large";
    case 415:
        return "Unsupported Media Type";
    case 416:
        return "Range Not Satisfiable";
    case 422:
        return "Unprocessable Entity";
    case 424:
        return "Failed Dependency";
    case 426:
        return "Upgrade Required";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Unknown";
    }
}

/// A header value that ends its line could make a second answer out of a client's text. Such a header is left out.
bool is_one_line(std::string_view text) {
    // Three searches for one character each are several times as fast as one for a set.
    const auto has = [text](char c) { return text.find(c) != std::string_view::npos; };
    return !has('\r') && !has('\n') && !has('\0');
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
    if (name.empty() || !is_one_line(name) || !is_one_line(value)) return;
    out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string response_head(const Response& response, Framing framing, std::string_view date) {
    constexpr std::size_t kUsual = 512;  // hardly any head is longer
    std::string out;
    out.reserve(kUsual);
    out.append("HTTP/1.1 ").append(fmt::format_int(response.status).c_str()).append(" ");
    out.append(reason_phrase(response.status)).append("\r\n").append(response.fixed_headers);
    for (const auto& [name, value] : response.headers) append_header(out, name, value);
    if (!has_no_body(response.status)) {
        if (framing.end == Framing::End::length)
            out.append("content-length: ").append(fmt::format_int(response.body_size()).c_str()).append("\r\n");
        if (framing.end == Framing::End::chunk) append_header(out, "transfer-encoding", "chunked");
    }
    out.append("date: ").append(date).append("\r\n");
    if (!framing.keep_alive) {
        append_header(out, "connection", "close");
    } else if (framing.http_1_0) {
        append_header(out, "connection", "keep-alive");
    }
    return out.append("\r\n");
}

std::string switching_head(std::string_view key, const Headers& extra, std::string_view date) {
    std::string out = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n";
    append_header(out, "sec-websocket-accept", wire::websocket::accept_key(key));
    for (const auto& [name, value] : extra) append_header(out, name, value);
    append_header(out, "date", date);
    return out.append("\r\n");
}

std::string http_date(std::int64_t seconds) {
    constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t time = seconds;
    std::tm at{};
    gmtime_r(&time, &at);
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[static_cast<std::size_t>(at.tm_wday)], at.tm_mday,
                       kMonths[static_cast<std::size_t>(at.tm_mon)], at.tm_year + 1900, at.tm_hour, at.tm_min,
                       at.tm_sec);
}

}  // namespace rues::net
