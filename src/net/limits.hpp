#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rues::net {

/// Bounds of what clients may send and keep open.
struct Limits {
    std::size_t max_connections = 16'000;  ///< more are closed at once; see `Options`
    /// Connections of one client (`base::ClientKey`): further ones are answered 429, with TLS closed. 0: a quarter of
    /// all that may be open, at least `kFewConnections`.
    std::size_t client_connections = 0;
    static constexpr std::size_t kFewConnections = 16;
    std::size_t max_head_bytes = 16'384;         ///< request line and headers: 431
    std::size_t max_headers = 100;               ///< 431
    std::size_t max_upload_bytes = 268'435'456;  ///< all incomplete request bodies together: 503
    /// @name Limits of one client. 0: none.
    /// @{
    std::size_t client_upload_bytes = 0;   ///< incomplete request bodies: 429
    std::size_t client_message_bytes = 0;  ///< incomplete messages of WebSockets: 1008
    std::size_t client_unread_bytes = 0;   ///< answers that it does not read: 429
    std::size_t client_subscriptions = 0;  ///< of all its sessions: 429
    std::size_t client_sessions = 0;       ///< sessions of `feed`: 429 or 1008
    std::size_t client_journal_bytes = 0;  ///< of its subscriptions in the session journal: 429
    std::size_t client_kept_sessions = 0;  ///< ended sessions: its oldest ones are dropped
    std::size_t client_resumes = 0;        ///< resumed at once: 429
    std::size_t client_handshakes = 0;     ///< TLS handshakes at once: closed
    /// Part of the time of all processors, in percent, that it may spend while others wait.
    std::size_t client_share = 0;
    /// @}
    /// @name Limits of all clients together. Above them the largest holder gives way. 0: none.
    /// @{
    std::size_t max_unread_bytes = 0;   ///< answers that clients do not read: 503
    std::size_t max_subscriptions = 0;  ///< 503
    std::size_t max_journal_bytes = 0;  ///< of subscriptions in the session journal: 503
    /// @}
    std::size_t max_requests = 100'000;                   ///< per connection; the last answer says `close`
    std::size_t max_handshakes = 1'024;                   ///< TLS; see `Handshakes`. More wait
    std::size_t max_hello_bytes = 16'777'216;             ///< TLS: all incomplete first messages together; closed
    std::chrono::milliseconds handshake_timeout{10'000};  ///< TLS: from the accept to the end of the handshake
    std::chrono::milliseconds head_timeout{10'000};       ///< from the first byte of a head to its end: 408
    std::chrono::milliseconds body_timeout{30'000};       ///< for every 4 KiB of a body, or its rest: 408
    std::chrono::milliseconds idle_timeout{75'000};       ///< keep-alive connection without a request
    std::chrono::milliseconds ping_interval{25'000};      ///< WebSocket; two unanswered pings end it
    std::chrono::microseconds slice{200};                 ///< of a turn of the loop, for the input of one socket
    std::size_t max_frame_bytes = 65'536;                 ///< WebSocket, from the client: 1009
    std::size_t max_message_bytes = 262'144;              ///< 1009
};

}  // namespace rues::net
