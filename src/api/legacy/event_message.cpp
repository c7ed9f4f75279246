#include "api/legacy/event_message.hpp"

#include "base/json_reading.hpp"
#include "wire/frame.hpp"
#include "wire/uri.hpp"

namespace rues::api::legacy {
namespace {

/// Headers with a place of their own in the Message; all others are passed on.
bool is_placed(std::string_view name) {
    return name == "Content-Location" || name == "Content-Type" || name == "Rues-Position" || name == "Rues-Height";
}

}  // namespace

// Not by `wire::Frame`, which bounds the headers: the topic of a contract's event has no bound, and no event may be
// left out.
std::optional<Frame> event_frame(base::ByteView message, bool as_text) {
    const auto [text, payload] = wire::parts_of(message);
    const auto json = base::json::parse(text, 1);
    const auto* stored = json ? json->if_object() : nullptr;
    if (stored == nullptr) return std::nullopt;
    const auto value = [stored](std::string_view name) {
        const auto* given = stored->if_contains(name);
        return given != nullptr && given->is_string() ? std::string_view(given->get_string()) : std::string_view();
    };
    const auto event = wire::Location::parse(value("Content-Location"));
    if (!event) return std::nullopt;
    std::string_view content_type = value("Content-Type");
    if (content_type.empty()) content_type = "application/octet-stream";  // there is no payload
    wire::HeaderList headers;
    headers.emplace_back("Content-Type", content_type);
    headers.emplace_back("Content-Length", std::to_string(payload.size()));
    headers.emplace_back("Rues-Position", value("Rues-Position"));
    headers.emplace_back("Rues-Height", value("Rues-Height"));
    if (event->entity) headers.emplace_back("Rues-Entity", *event->entity);
    for (const auto& member : *stored) {
        if (!is_placed(member.key())) headers.emplace_back(member.key(), value(member.key()));
    }
    const bool is_contract = event->component == wire::Component::contracts && event->entity.has_value();
    return message_frame(as_text, headers, is_contract ? TargetType::contract : TargetType::host,
                         is_contract ? *event->entity : wire::name(event->component), event->topic, content_type,
                         base::to_bytes(payload));
}

}  // namespace rues::api::legacy
