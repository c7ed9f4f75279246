#pragma once

#include <utility>

#include "rues/error.hpp"

namespace rues::client {

inline std::unexpected<Error> failure(Error::Kind kind, std::string text) {
    return std::unexpected(Error{kind, std::move(text)});
}

}  // namespace rues::client
