#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "base/encoding.hpp"

/// Bytes as the reference writes them: hex in groups, `z<n>` for n zero bytes, P0 and P1 for the archived keys of
/// profiles 0 and 1 of the SDK's test seed (docs/reference/ledger.md 14).
namespace rues::wire::golden {

inline constexpr std::string_view kP0 =
    "a7d4f3b300143398de3bb3dbd8bc028c9c3dc3f96ef4232d90f56f50792cc06099d8ac05b26c31b719101434867af30322223d12e05a86423f"
    "b2b3462409"
    "8dea043e30f8c6b8a3ae6e6a34f9307727bef4bbee8f9e14682300a6a5ba0a21180c711ce0dc6fc302522e18e9ad64a18881a2c2cfc636ffbd"
    "2c78cfd4d9"
    "02986e167004ef61290902e259f3a10751742a0506f85a74dcc53877d60249427b3420bed341d11b3f56a61be4262bc87abd55ba6510335837"
    "72d46147f1"
    "d7996cb9da050000000000000000";
inline constexpr std::string_view kP1 =
    "a70c3b640848445d3ab9553aa9b1c338fa08363dfe714b236c4f8817182277bc06ed69dce3e73dda13a748b23fabcd0825e4fe20e50929bf05"
    "ab654f40af"
    "e5fe6fe91ee75492f6dff3848bbb4b18aa9f5af52f6c8ca50f9d5e53d13e10b41600a42d1c95f5f8bf53b247580ab85609dca7162e99a83a12"
    "3787fe8f27"
    "481362acac7ed0a24f2a6873336fdd7721d2bd0517666fd3b2eb00632e55991f655e2cfb57946392a3e461db34b35bf3e406c9c4333462a338"
    "6fa2d547cc"
    "5271a90f1d180000000000000000";

inline std::string expand(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::string_view group = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), group.size() + 1));
        if (group.starts_with('z')) {
            out.append(2 * *base::parse_u64(group.substr(1)), '0');
        } else if (group == "P0" || group == "P1") {
            out += group == "P0" ? kP0 : kP1;
        } else {
            out += group;
        }
    }
    return out;
}

inline base::Bytes bytes(std::string_view text) {
    return base::from_hex(expand(text)).value();
}

}  // namespace rues::wire::golden
