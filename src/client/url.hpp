#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "client/tls.hpp"

namespace rues::client {

/// Where a server is, and who has to vouch for it: `http://host[:port][/]` or `https://…`, IPv6 hosts in brackets.
struct Url {
    std::string host;  ///< without brackets
    std::uint16_t port = 80;
    std::shared_ptr<const Trust> trust;  ///< not null: over TLS

    /// `wss` and `ws` are the same as `https` and `http`. `ca_file`: certificates in PEM, in place of the system's.
    static Result<Url> parse(std::string_view text, const std::string& ca_file = {});
    /// `host:port` as the Host header has it.
    std::string authority() const;
    friend bool operator==(const Url&, const Url&) = default;
};

}  // namespace rues::client
