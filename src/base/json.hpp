#pragma once

#include <boost/json.hpp>
#include <string>

#include "base/encoding.hpp"

/// Building and printing JSON. Boost.JSON keeps the order in which keys are inserted and prints without blanks, with
/// the same escapes as the node (`\b \f \n \r \t \" \\`, other control characters as \u00xx, nothing else). Where the
/// node prints the keys of an object sorted, the code builds the object in that order.
namespace rues::base::json {

using boost::json::array;
using boost::json::object;
using boost::json::value;

inline std::string print(const value& v) {
    return boost::json::serialize(v);
}
inline value hex(ByteView bytes) {
    return value(boost::json::string(to_hex(bytes)));
}
inline value base58(ByteView bytes) {
    return value(boost::json::string(to_base58(bytes)));
}

/// The same value with the keys of every object in byte order.
value sorted(const value& v);

}  // namespace rues::base::json
