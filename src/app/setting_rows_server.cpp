#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>

#include "app/setting_rows.hpp"
#include "base/encoding.hpp"

namespace rues::app::rows {
namespace {

constexpr std::chrono::milliseconds kShortestTimeout{100};

/// Reads `ADDRESS:PORT`. Without an address, and for `localhost`, only this machine reaches the node: nobody should
/// open a node to others by leaving something out.
Set set_listen(NodeSettings& s, std::string_view text) {
    constexpr std::string_view kForm = "ADDRESS:PORT with an IP address or localhost (IPv6 in brackets)";
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return expected_form(kForm);
    const auto port = parse_number(text.substr(colon + 1), 0, 65'535);
    if (!port) return expected_form(fmt::format("{} and a port from 0 to 65535", kForm));
    std::string_view address = text.substr(0, colon);
    if (address.empty() || base::equal_ignoring_case(address, "localhost")) address = "127.0.0.1";
    const bool has_brackets = address.starts_with('[') && address.ends_with(']');
    if (has_brackets) address = address.substr(1, address.size() - 2);
    boost::system::error_code error;
    const auto parsed = boost::asio::ip::make_address(address, error);
    if (error || parsed.is_v6() != has_brackets) return expected_form(kForm);
    s.server.address = address;
    s.server.port = static_cast<std::uint16_t>(*port);
    return {};
}

Set set_proxies(NodeSettings& s, std::string_view text) {
    s.server.trusted_proxies.clear();
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const auto key = base::ClientKey::parse(base::trimmed(text.substr(0, comma)));
        if (!key) return expected_form("IP addresses, divided by commas");
        s.server.trusted_proxies.push_back(*key);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return {};
}

constexpr Setting kAddressRows[] = {
    {"listen", "ADDRESS:PORT", "127.0.0.1:8080",
     "where the server listens; `:8080` is this machine only, port 0 takes a free one", &set_listen},
    {"tls-cert", "FILE", "", "certificate with its chain, PEM; with `tls-key` the server speaks TLS 1.2 and 1.3",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.tls_certificate = t;
         return {};
     },
     true},
    {"tls-key", "FILE", "", "key of the certificate, PEM, not encrypted",
     [](NodeSettings& s, std::string_view t) -> Set {
         s.tls_key = t;
         return {};
     },
     true},
};

constexpr Setting kClientRows[] = {
    {"loops", "NUMBER", "0", "event loops; 0: one per CPU",
     [](NodeSettings& s, std::string_view t) { return set_number(s.server.loops, t, 0, 1'024); }},
    {"max-connections", "NUMBER", "16000",
     "maximum number of open connections; further ones are closed. Lowered when the limit of open files (ulimit -n) "
     "leaves room for fewer",
     [](NodeSettings& s, std::string_view t) { return set_number(s.server.limits.max_connections, t, 1, 1'000'000); },
     true},
    {"client-connections", "NUMBER", "0",
     "maximum number of connections of one client, which is an IPv4 address or the /64 of an IPv6 address; further "
     "ones are answered 429, with TLS closed. 0: a quarter of max-connections, at least 16",
     [](NodeSettings& s, std::string_view t) {
         return set_number(s.server.limits.client_connections, t, 0, 1'000'000);
     },
     true},
    {"client-subscriptions", "NUMBER", "100000",
     "maximum number of subscriptions of all sessions of one client; further ones are answered 429. 0: no limit",
     [](NodeSettings& s, std::string_view t) {
         return set_number(s.server.limits.client_subscriptions, t, 0, 1'000'000'000);
     },
     true},
    {"client-sessions", "NUMBER", "16384",
     "maximum number of sessions of one client: WebSockets, event streams, subscriptions of GraphQL and answers that "
     "wait; further ones are answered 429 or closed with 1008. 0: no limit",
     [](NodeSettings& s, std::string_view t) { return set_number(s.server.limits.client_sessions, t, 0, 1'000'000); },
     true},
    {"client-kept-sessions", "NUMBER", "16384",
     "maximum number of ended sessions of one client that can be resumed; beyond it those that ended first are "
     "dropped. 0: no limit",
     [](NodeSettings& s, std::string_view t) {
         return set_number(s.server.limits.client_kept_sessions, t, 0, 1'000'000);
     },
     true},
    {"client-journal-bytes", "BYTES", "67108864",
     "room in the session journal for the subscriptions of one client, of open and of ended sessions; further "
     "subscriptions are answered 429. 0: no limit but 4 GiB",
     [](NodeSettings& s, std::string_view t) { return set_number(s.server.limits.client_journal_bytes, t, 0, kMost); },
     true},
    {"client-resumes", "NUMBER", "256",
     "maximum number of sessions that one client resumes at the same moment; further ones are answered 429. 0: no "
     "limit",
     [](NodeSettings& s, std::string_view t) { return set_number(s.server.limits.client_resumes, t, 0, 1'000'000); },
     true},
    {"client-handshakes", "NUMBER", "2000",
     "maximum number of connections of one client whose TLS handshake is not done; further ones are closed. 0: no "
     "limit",
     [](NodeSettings& s, std::string_view t) { return set_number(s.server.limits.client_handshakes, t, 0, 1'000'000); },
     true},
    {"subscriptions", "NUMBER", "1000000",
     "maximum number of subscriptions of all clients together; the last eighth is for clients with few, and when they "
     "need it the client with the most is closed with 1008. Others are answered 503. 0: no limit",
     [](NodeSettings& s, std::string_view t) {
         return set_number(s.server.limits.max_subscriptions, t, 0, 1'000'000'000);
     },
     true},
    {"journal-bytes", "BYTES", "268435456",
     "the same for the bytes of all subscriptions in the session journal. 0: no limit",
     [](NodeSettings& s, std::string_view t) {
         return set_number(s.server.limits.max_journal_bytes, t, 0, kMostBytes);
     },
     true},
    {"client-upload-bytes", "BYTES", "67108864",
     "memory for request bodies of one client that are not whole; beyond it they are answered 429. 0: no limit",
     [](NodeSettings& s, std::string_view t) {
         return set_number(s.server.limits.client_upload_bytes, t, 0, kMostBytes);
     },
     true},
    {"upload-bytes", "BYTES", "268435456",
     "the same for all clients together: of request bodies, and of WebSocket messages; beyond it they are answered 503 "
     "or closed with 1013. The last eighth is for clients that hold little, and when they need it the requests of the "
     "client that holds most are ended",
     [](NodeSettings& s, std::string_view t) { return set_number(s.server.limits.max_upload_bytes, t, 1, kMostBytes); },
     true},
    {"client-message-bytes", "BYTES", "16777216",
     "memory for WebSocket messages of one client that are not whole; beyond it its socket is closed with 1008. 0: no "
     "limit",
     [](NodeSettings& s, std::string_view t) {
         return set_number(s.server.limits.client_message_bytes, t, 0, kMostBytes);
     },
     true},
    {"client-unread-bytes", "BYTES", "33554432",
     "memory for large answers that one client has not read; beyond it requests with such an answer are answered 429. "
     "0: no limit",
     [](NodeSettings& s, std::string_view t) {
         return set_number(s.server.limits.client_unread_bytes, t, 0, kMostBytes);
     },
     true},
    {"unread-bytes", "BYTES", "268435456",
     "the same for all clients together; beyond it such requests are answered 503. 0: no limit",
     [](NodeSettings& s, std::string_view t) { return set_number(s.server.limits.max_unread_bytes, t, 0, kMostBytes); },
     true},
    {"client-share", "PERCENT", "25",
     "part of the time of all processors that one client may spend while others wait; a client that has spent more is "
     "read later. 0: no limit",
     [](NodeSettings& s, std::string_view t) { return set_number(s.server.limits.client_share, t, 0, 100); }, true},
    {"memory-limit", "BYTES", "0",
     "memory that the program may use, without files and the state of contracts; beyond it the connections of the "
     "client that holds most are closed. 0: half of the machine's memory",
     [](NodeSettings& s, std::string_view t) { return set_number(s.memory_limit, t, 0, kMostBytes); }, true},
    {"trusted-proxies", "ADDRESS,…", "",
     "proxies whose X-Forwarded-For names the client; the header of any other peer is ignored. A proxy has no limits "
     "of its own",
     &set_proxies},
    {"idle-timeout", "DURATION", "75s", "a connection without a request is closed after this time",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.server.limits.idle_timeout, t, kShortestTimeout, kLongestTimeout);
     },
     true},
    {"ping-interval", "DURATION", "25s", "time between pings to a session; two unanswered pings end it",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.server.limits.ping_interval, t, kShortestTimeout, kLongestTimeout);
     },
     true},
    {"drain-time", "DURATION", "0s",
     "after SIGTERM or SIGINT, sessions are closed one after the other over this time; a second signal closes the rest "
     "at once",
     [](NodeSettings& s, std::string_view t) {
         return set_duration(s.drain_time, t, std::chrono::milliseconds(0), kLongestTimeout);
     },
     true},
};

}  // namespace

std::span<const Setting> of_address() {
    return kAddressRows;
}

std::span<const Setting> of_clients() {
    return kClientRows;
}

}  // namespace rues::app::rows
