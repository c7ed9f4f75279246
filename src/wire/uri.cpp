#include "wire/uri.hpp"

#include "base/encoding.hpp"
#include "wire/path.hpp"

namespace rues::wire {
namespace {

bool is_hash(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string canonical_entity(std::string_view entity) {
    const std::string_view digits = entity.starts_with("0x") ? entity.substr(2) : entity;
    return is_hash(digits) ? base::to_lower_ascii(digits) : std::string(entity);
}

}  // namespace

std::string_view name(Component component) noexcept {
    switch (component) {
    case Component::blocks:
        return "blocks";
    case Component::transactions:
        return "transactions";
    case Component::contracts:
        return "contracts";
    case Component::network:
        return "network";
    }
    return {};
}

std::optional<Component> component_from(std::string_view text) noexcept {
    for (const auto component :
         {Component::blocks, Component::transactions, Component::contracts, Component::network}) {
        if (name(component) == text) return component;
    }
    return std::nullopt;
}

std::optional<Uri> Uri::parse(std::string_view path, ParseError* why, bool any_contract) {
    const auto fail = [&](ParseError error) {
        if (why != nullptr) *why = error;
        return std::nullopt;
    };
    if (!path.starts_with("/on/")) return fail(ParseError::unknown_component);
    path.remove_prefix(4);
    const auto slash = path.find('/');
    if (slash == std::string_view::npos || path.find('/', slash + 1) != std::string_view::npos) {
        return fail(ParseError::unknown_component);
    }
    const std::string_view target = path.substr(0, slash);
    const auto colon = target.find(':');
    const auto component = component_from(target.substr(0, colon));
    if (!component || (*component == Component::contracts && colon == std::string_view::npos && !any_contract)) {
        return fail(ParseError::unknown_component);
    }

    if (*component == Component::network && (colon != std::string_view::npos || path.substr(slash + 1) != "peers"))
        return fail(ParseError::unknown_component);

    Uri out{*component, std::nullopt, {}};
    auto topic = percent_decoded(path.substr(slash + 1));
    if (!topic || topic->empty()) return fail(ParseError::invalid);
    out.topic = *component == Component::contracts ? std::move(*topic) : base::to_lower_ascii(*topic);
    if (colon != std::string_view::npos) {
        auto entity = percent_decoded(target.substr(colon + 1));
        if (!entity || entity->empty()) return fail(ParseError::invalid);
        out.entity = canonical_entity(*entity);
    }
    return out;
}

std::optional<Location> Location::parse(std::string_view text) noexcept {
    if (!text.starts_with("/on/")) return std::nullopt;
    text.remove_prefix(4);
    const auto colon = text.find(':');
    const auto first_slash = text.find('/');
    const bool has_entity = colon < first_slash;
    // The entity of an event has no slash. Its topic may have a colon and slashes.
    const auto slash = has_entity ? text.find('/', colon) : first_slash;
    if (slash == std::string_view::npos) return std::nullopt;
    const auto component = component_from(text.substr(0, has_entity ? colon : slash));
    if (!component) return std::nullopt;
    Location out{*component, std::nullopt, text.substr(slash + 1)};
    if (has_entity) out.entity = text.substr(colon + 1, slash - colon - 1);
    return out;
}

std::string Uri::to_string() const {
    std::string out = "/on/";
    out += name(component);
    if (entity) out += ":" + percent_encoded(*entity);
    out += "/";
    out += percent_encoded(topic);
    return out;
}

std::optional<Uri> Uri::of_location(std::string_view text) {
    const auto at = Location::parse(text);
    if (!at) return std::nullopt;
    Uri out{at->component, std::nullopt, std::string(at->topic)};
    if (at->entity) out.entity = *at->entity;
    return out;
}

std::string Uri::location() const {
    std::string out = "/on/";
    out += name(component);
    if (entity) out += ":" + *entity;
    out += "/";
    out += topic;
    return out;
}

bool Uri::matches(const Location& event) const noexcept {
    if (component != event.component || (entity && entity != event.entity)) return false;
    return topic == event.topic || (component == Component::contracts && base::to_lower_ascii(topic) == event.topic);
}

std::uint64_t text_hash(std::string_view text) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return hash;
}

}  // namespace rues::wire
