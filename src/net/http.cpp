#include "net/http.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace rues::net {

void Body::append(ByteView bytes) {
    if (is_secret && size() + bytes.size() > capacity()) {
        Body larger;
        larger.is_secret = true;
        larger.reserve(std::max(2 * size(), size() + bytes.size()));
        larger.assign(begin(), end());
        swap(larger);
    }
    base::append(*this, bytes);
}

std::optional<std::string_view> find(const Headers& headers, std::string_view name) noexcept {
    for (const auto& [key, value] : headers) {
        if (base::equal_ignoring_case(key, name)) return value;
    }
    return std::nullopt;
}

std::string_view Request::path() const noexcept {
    return std::string_view(target).substr(0, target.find('?'));
}

bool asks_for_websocket(const Request& request) noexcept {
    if (request.method != "GET" || request.minor_version == 0) return false;
    return base::equal_ignoring_case(request.header("upgrade").value_or(""), "websocket");
}

std::optional<std::pair<unsigned, std::string>> websocket_problem(const Request& request) {
    if (request.method != "GET") return std::pair(405U, std::string("Request method must be `GET`"));
    const auto connection = request.header("connection");
    if (!connection || base::to_lower_ascii(*connection).find("upgrade") == std::string::npos)
        return std::pair(400U, std::string("Connection header did not include 'upgrade'"));
    const auto upgrade = request.header("upgrade");
    if (!upgrade || !base::equal_ignoring_case(*upgrade, "websocket"))
        return std::pair(400U, std::string("`Upgrade` header did not include 'websocket'"));
    if (!request.header("sec-websocket-key")) return std::pair(400U, std::string("`Sec-WebSocket-Key` header missing"));
    if (request.header("sec-websocket-version") != "13")
        return std::pair(400U, std::string("`Sec-WebSocket-Version` header did not include '13'"));
    if (request.minor_version == 0)
        return std::pair(426U,
                         std::string("WebSocket request couldn't be upgraded since no upgrade state was present"));
    return std::nullopt;
}

}  // namespace rues::net
