#include "feed/topics.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "wire/frame.hpp"

namespace rues::feed {
namespace {

/// The keys under which a URI is found: one, or two when a contract topic is also to match in lower case (decisions 8).
std::vector<TopicKey> keys_of(const wire::Uri& uri) {
    const std::uint64_t entity = uri.entity ? wire::text_hash(*uri.entity) : 0;
    std::vector<TopicKey> out{{uri.component, wire::text_hash(uri.topic), entity}};
    const std::string folded = base::to_lower_ascii(uri.topic);
    if (uri.component == wire::Component::contracts && folded != uri.topic) {
        out.push_back({uri.component, wire::text_hash(folded), entity});
    }
    return out;
}

/// The key of an event for every entity, and the one for its own.
std::array<TopicKey, 2> keys_of(const store::EventFilter& filter) {
    return {TopicKey{filter.component, filter.topic, 0}, TopicKey{filter.component, filter.topic, filter.entity}};
}

}  // namespace

std::optional<wire::Uri> uri_of(const store::LogRecord& record) {
    std::string unescaped;
    std::string_view location = wire::content_location(record.message);
    if (location.empty() || location.find('\\') != std::string_view::npos) {  // a topic that JSON escapes
        const auto frame = wire::Frame::parse(wire::without_websocket_header(record.message));
        const auto header = frame ? frame->header("Content-Location") : std::nullopt;
        if (!header) return std::nullopt;
        location = unescaped = *header;
    }
    auto out = wire::Uri::of_canonical(location);
    if (out && !out->entity) return std::nullopt;
    return out;
}

Topic* Topics::find(const wire::Uri& uri) const {
    const auto found = by_key_.find(keys_of(uri).front());
    if (found == by_key_.end()) return nullptr;
    const auto at = std::ranges::find(found->second, uri, [](const auto& topic) -> const auto& { return topic->uri; });
    return at == found->second.end() ? nullptr : at->get();
}

Topic& Topics::of(const wire::Uri& uri) {
    if (Topic* const known = find(uri)) return *known;
    const auto topic = std::make_shared<Topic>(uri, std::vector<Subscription*>());
    for (const auto& key : keys_of(uri)) by_key_[key].push_back(topic);
    return *topic;
}

void Topics::add(Topic& topic, Subscription& subscription) {
    subscription.topic = &topic;
    subscription.place = static_cast<std::uint32_t>(topic.subscriptions.size());
    topic.subscriptions.push_back(&subscription);
}

void Topics::remove(Subscription& subscription) {
    Topic* const topic = subscription.topic;
    auto& list = topic->subscriptions;
    list[subscription.place] = list.back();
    list[subscription.place]->place = subscription.place;
    list.pop_back();
    if (!list.empty()) return;
    for (const auto& key : keys_of(wire::Uri(topic->uri))) {  // a copy: the last of these owns the topic
        const auto found = by_key_.find(key);
        std::erase_if(found->second, [&](const auto& each) { return each.get() == topic; });
        if (found->second.empty()) by_key_.erase(found);
    }
}

void Topics::wanting(const store::LogRecord& record, std::vector<Topic*>& out) const {
    out.clear();
    std::optional<wire::Uri> at;  // read when somebody asks
    for (const auto& key : keys_of(record.filter)) {
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) continue;
        if (!at && !(at = uri_of(record))) return;
        for (const auto& topic : found->second) {
            if (topic->uri.matches(*at)) out.push_back(topic.get());
        }
    }
}

void Wants::add(const wire::Uri& uri, std::uint64_t from) {
    for (const auto& key : keys_of(uri)) by_key_[key].push_back({uri, from});
}

bool Wants::operator()(const store::LogRecord& record) const {
    std::optional<wire::Uri> at;
    for (const auto& key : keys_of(record.filter)) {
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) continue;
        if (!at && !(at = uri_of(record))) return false;
        for (const Entry& entry : found->second) {
            if (record.seq > entry.from && entry.uri.matches(*at)) return true;
        }
    }
    return false;
}

}  // namespace rues::feed
