#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace rues::bench {

/// Sends one request and reads its chunked answer to the end, without keeping it. Returns the bytes of the body. `each`
/// is called after each read with the bytes so far. An answer that breaks off ends the benchmark. Nobody else may use
/// the connection.
std::size_t read_stream(int socket, std::string_view request, const std::function<void(std::size_t)>& each);

}  // namespace rues::bench
