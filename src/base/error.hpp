#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace rues::base {

/// A failure below the level of a client's request: of a disk, of a file, or of input that a tool reads. Errors that a
/// client can see are rows of the table in api/errors.
struct Error {
    enum class Kind : std::uint8_t {
        invalid,      ///< the input does not have the required form
        not_found,    ///< the requested thing does not exist
        io,           ///< the disk or the system failed; nothing was changed
        corrupt,      ///< stored data differs from what was written
        no_space,     ///< the disk is full; nothing was changed
        would_block,  ///< the answer needs the disk, and the caller asked not to wait for it
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
