#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "client/failure.hpp"

namespace rues::client {

/// Where a server is. Only plain HTTP: `http://host[:port][/]`, IPv6 hosts in brackets.
struct Url {
    std::string host;  ///< without brackets
    std::uint16_t port = 80;

    static Result<Url> parse(std::string_view text);
    /// `host:port` as the Host header has it.
    std::string authority() const;
    friend bool operator==(const Url&, const Url&) = default;
};

}  // namespace rues::client
