#include <boost/json.hpp>
#include <cstdlib>

#include "api/graphql/socket_protocol.hpp"

/// Any text is a message or is refused with a reason. The answers to a message are JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rues::api::graphql_ws;
    const auto expect = [](bool good) {
        if (!good) std::abort();
    };
    const auto is_json = [](std::string_view text) {
        boost::system::error_code error;
        (void)boost::json::parse(text, error, {}, {.max_depth = 64});
        return !error;
    };
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto message = parse(text);
    if (!message) {
        expect(!message.error().empty());
    } else if (const auto* ping = std::get_if<Ping>(&*message)) {
        expect(is_json(pong(ping->payload)));
        expect(text.contains(ping->payload));
    } else if (const auto* subscribe = std::get_if<Subscribe>(&*message)) {
        expect(!subscribe->id.empty() && subscribe->id.size() <= kMaxId);
        expect(is_json(next(subscribe->id, "{}")) && is_json(complete(subscribe->id)));
        expect(is_json(error(subscribe->id, {rues::graphql::Error{subscribe->question.document, {}, {}}})));
    }
    return 0;
}
