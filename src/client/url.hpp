#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "client/tls.hpp"

namespace rues::client {

/// The address of a server and the certificates that it must prove itself with: `http://host[:port][/]` or `https://…`,
/// IPv6 hosts in brackets.
struct Url {
    std::string host;  ///< without brackets
    std::uint16_t port = 80;
    std::shared_ptr<const Trust> trust;  ///< null: without TLS

    /// `wss` and `ws` are the same as `https` and `http`. `ca_file`: a PEM file with the certificates to trust; empty:
    /// the system's.
    static Result<Url> parse(std::string_view text, const std::string& ca_file = {});
    /// `host:port` in the form of the Host header.
    std::string authority() const;
    friend bool operator==(const Url&, const Url&) = default;
};

}  // namespace rues::client
