#include <cstdlib>

#include "base/json_reading.hpp"

/// Any text is JSON that can be printed again, or is refused with a reason. The text of a member parses to its value.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rues::base;
    const auto expect = [](bool good) {
        if (!good) std::abort();
    };
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    expect(is_utf8(json::as_text(text)));
    const auto read = json::parse(text);
    if (!read) {
        expect(!read.error().empty());
        return 0;
    }
    boost::system::error_code error;
    (void)boost::json::parse(json::print(*read), error);
    expect(!error);
    const auto* members = read->if_object();
    if (members == nullptr) return 0;
    for (const auto& member : *members) {
        const auto written = json::member_text(text, member.key());
        expect(written && json::parse(*written) == member.value());
    }
    return 0;
}
