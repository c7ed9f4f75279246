#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rues::wire {

/// The components that a session can subscribe to. `network` publishes nothing: it exists for `/on/network/peers`
/// (docs/reference/differences.md 39). The numbers are stored on disk: never change them.
enum class Component : std::uint8_t { blocks = 1, transactions = 2, contracts = 3, network = 4 };

std::string_view name(Component component) noexcept;
std::optional<Component> component_from(std::string_view lower_case) noexcept;

/// The parts of a Content-Location: `/on/<component>[:<entity>]/<topic>`. Entity and topic are not percent-encoded
/// (docs/reference/protocol.md 2.1). The entity of an event is hex; the contract chooses its topic. Views into the
/// text.
struct Location {
    Component component = Component::blocks;
    std::optional<std::string_view> entity;
    std::string_view topic;

    static std::optional<Location> parse(std::string_view text) noexcept;
};

/// What a session subscribes to, or where an event happened: component, optional entity, topic.
/// docs/reference/protocol.md 2, docs/reference/rusk-1.7.md 1.2, docs/reference/differences.md 8.
///
/// It has two text forms. The path is the form that clients write and that we store: `parse` reads it, `to_string`
/// makes it, and `parse` undoes `to_string` whatever entity and topic contain. The location is the form in event frames
/// (see Location). Both are equal unless a character needs percent-encoding.
struct Uri {
    Component component = Component::blocks;
    std::optional<std::string> entity;
    std::string topic;

    /// Reads a normalised request path (`normalised_path`) without its query. Entity and topic are percent-decoded
    /// once. The topic of a block or transaction becomes lower-case; an entity of 64 hex digits loses one `0x` and
    /// becomes lower-case. A subscription to contracts needs an entity, unless `any_contract`. The only path of
    /// `network` is `peers`, without an entity. On failure `why` gets the reason.
    enum class ParseError : std::uint8_t { unknown_component, invalid };
    static std::optional<Uri> parse(std::string_view path, ParseError* why = nullptr, bool any_contract = false);

    /// Reads a path that `to_string` made.
    static std::optional<Uri> of_canonical(std::string_view text) { return parse(text, nullptr, true); }

    /// The canonical path: entity and topic are percent-encoded where a path needs it.
    std::string to_string() const;

    /// Reads a Content-Location.
    static std::optional<Uri> of_location(std::string_view text);
    std::string location() const;

    /// True when an event at `event` (always with an entity) is delivered to a subscription of this URI. A contract
    /// topic matches as given or in its lower-case form (docs/reference/differences.md 8).
    bool matches(const Location& event) const noexcept;
    bool matches(const Uri& event) const noexcept {
        return matches(Location{event.component, event.entity, event.topic});
    }

    friend bool operator==(const Uri&, const Uri&) = default;
};

/// Stable 64-bit hash of a text (FNV-1a), as the event log stores topics and entities. On disk: never change it.
std::uint64_t text_hash(std::string_view text) noexcept;

}  // namespace rues::wire
