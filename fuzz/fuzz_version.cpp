#include <cstdlib>

#include "wire/version.hpp"

/// The printed form of a requirement or version parses to the same, and headers of any bytes have an answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rues::wire;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto problem = check_version_headers(text, false);
    if (problem && !problem->starts_with("Version error: ")) std::abort();
    if (const auto version = Version::parse(text)) {
        const auto again = Version::parse(version->to_string());
        if (!again || again->to_string() != version->to_string()) std::abort();
    }
    if (const auto requirement = VersionReq::parse(text)) {
        const auto again = VersionReq::parse(requirement->to_string());
        if (!again || again->to_string() != requirement->to_string()) std::abort();
        for (const auto current : {"0.0.1", "1.7.0", "1.7.0-rc.1"}) {
            if (requirement->matches(*Version::parse(current)) != again->matches(*Version::parse(current)))
                std::abort();
        }
    }
    return 0;
}
