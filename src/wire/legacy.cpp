#include "wire/legacy.hpp"

#include "base/encoding.hpp"
#include "base/endian.hpp"
#include "wire/frame.hpp"

namespace rues::wire::legacy {
namespace {

std::expected<std::string, std::string> take_text(base::Reader& reader, std::size_t limit, const char* what) {
    const auto length = reader.take<std::uint32_t>();
    if (!length) return std::unexpected(std::string(what) + " length is missing");
    if (*length > limit) return std::unexpected(std::string(what) + " is too long");
    const auto bytes = reader.take_bytes(*length);
    if (!bytes) return std::unexpected(std::string(what) + " is cut off");
    if (!base::is_utf8(base::text(*bytes))) return std::unexpected(std::string(what) + " is not UTF-8");
    return std::string(base::text(*bytes));
}

void put_text(base::Writer& out, std::string_view text) {
    out.put(static_cast<std::uint32_t>(text.size())).put(base::view(text));
}

}  // namespace

base::Bytes Event::encode() const {
    base::Writer out(9 + target.size() + topic.size() + data.size());
    out.put(static_cast<std::byte>(target_type));
    put_text(out, target);
    put_text(out, topic);
    out.put(base::ByteView(data));
    return out.take();
}

std::expected<Event, std::string> Event::parse(base::ByteView bytes) {
    base::Reader reader(bytes);
    const auto type = reader.take<std::uint8_t>();
    if (!type || *type < 1 || *type > 3) return std::unexpected("unknown target type");
    auto target = take_text(reader, kMaxName, "target");
    if (!target) return std::unexpected(target.error());
    auto topic = take_text(reader, kMaxTopic, "topic");
    if (!topic) return std::unexpected(topic.error());
    return Event{static_cast<TargetType>(*type), std::move(*target), std::move(*topic), base::to_bytes(reader.rest())};
}

base::Bytes Message::encode() const {
    return Frame{headers, event.encode()}.encode();
}

std::expected<Message, std::string> Message::parse(base::ByteView bytes) {
    static_assert(kMaxHeaders == Frame::kMaxHeader);
    auto frame = Frame::parse(bytes);  // the same shape: u32 length, JSON object of strings, rest
    if (!frame) return std::unexpected(frame.error());
    auto event = Event::parse(frame->payload);
    if (!event) return std::unexpected(event.error());
    return Message{std::move(frame->headers), std::move(*event)};
}

}  // namespace rues::wire::legacy
