#pragma once

#include <expected>
#include <string>

namespace rues {

/// Why a call of the client failed.
struct Error {
    enum class Kind {
        invalid,      ///< a URL, path or header that cannot be sent
        unreachable,  ///< there is no connection, or it was lost; the text says which, and why the server closed it
        refused,      ///< the server answered with an error status
        malformed,    ///< the server's answer breaks the protocol
        timed_out,
    };
    Kind kind = Kind::invalid;
    std::string text;
};

template <typename T>
using Result = std::expected<T, Error>;

}  // namespace rues
