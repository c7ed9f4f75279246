#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace rues::base {

/// What went wrong below the level of a client's request: disks, files, foreign input of tools. Errors that a client
/// can see are rows of the table in api/errors.
struct Error {
    enum class Kind : std::uint8_t {
        invalid,      ///< the input is not of the form it should have
        not_found,    ///< what was asked for is not there
        io,           ///< the disk or the system failed; nothing was changed
        corrupt,      ///< stored data is not what was written
        no_space,     ///< the disk is full; nothing was changed
        would_block,  ///< it needs the disk, and was asked not to wait for one
    };
    Kind kind = Kind::invalid;
    std::string text;  ///< one sentence for people, without a trailing full stop
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> failure(Error::Kind kind, std::string text) {
    return std::unexpected(Error{kind, std::move(text)});
}

}  // namespace rues::base
