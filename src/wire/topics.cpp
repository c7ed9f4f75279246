#include "wire/topics.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace rues::wire {
namespace {

constexpr std::array<std::string_view, 3> kBlocks{topic::kAccepted, topic::kStatechange, topic::kReverted};
constexpr std::array<std::string_view, 5> kTransactions{topic::kIncluded, topic::kExecuted, topic::kRemoved,
                                                        topic::kDropped, topic::kDeferred};

}  // namespace

std::span<const std::string_view> topics_of(Component component) noexcept {
    switch (component) {
    case Component::blocks:
        return kBlocks;
    case Component::transactions:
        return kTransactions;
    case Component::contracts:
    case Component::network:
        break;
    }
    return {};
}

std::string never_matches(const Uri& subscription) {
    const auto topics = topics_of(subscription.component);
    if (topics.empty() || std::ranges::find(topics, subscription.topic) != topics.end()) return {};
    return fmt::format("{} publishes no topic `{}` (known: {})", name(subscription.component), subscription.topic,
                       fmt::join(topics, ", "));
}

bool is_terminal(const Uri& uri) noexcept {
    const auto topics = topics_of(uri.component);
    // A deferred transaction still gets an event that settles it.
    return uri.entity && uri.topic != topic::kDeferred && std::ranges::find(topics, uri.topic) != topics.end();
}

}  // namespace rues::wire
