#include <cstdlib>

#include "base/endian.hpp"
#include "base/json_reading.hpp"
#include "wire/legacy.hpp"
#include "wire/legacy_old.hpp"

/// An event is encoded to exactly the bytes it was read from. So is a message, except for the form of its header's
/// JSON. The text form reads back what it wrote. A reply of the old form is JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rues;
    const base::ByteView bytes = std::as_bytes(std::span(data, size));
    const auto expect = [](bool good) {
        if (!good) std::abort();
    };
    if (const auto event = wire::legacy::Event::parse(bytes)) expect(base::equal(event->encode(), bytes));
    if (const auto message = wire::legacy::Message::parse(bytes)) {
        const base::Bytes again = message->encode();
        const auto length = base::load_le<std::uint32_t>(again.data());
        expect(length > wire::legacy::kMaxHeaders || wire::legacy::Message::parse(again) == *message);
    }
    if (const auto text = wire::legacy::Text::read(base::text(bytes));
        text && text->problem.empty() && text->data_problem.empty()) {
        const auto& [type, target, topic, content] = text->event;
        const auto again =
            wire::legacy::Text::read(wire::legacy::text_form(text->headers, type, target, topic, text->written));
        expect(again && again->headers == text->headers && again->event == text->event);
    }
    using wire::legacy::old::Request;
    for (const auto& request : {Request::of_body(bytes, true), Request::of_body(bytes, false),
                                Request::of_text(base::text(bytes)), Request::of_binary(bytes)}) {
        if (request)
            expect(base::json::parse(wire::legacy::old::reply(request->echo, "null", request->topic)).has_value());
    }
    return 0;
}
