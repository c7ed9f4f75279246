#include "feed/topics.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/encoding.hpp"
#include "wire/frame.hpp"

namespace rues::feed {
namespace {

TopicKey key_of(const wire::Uri& uri, std::string_view topic) {
    return {uri.component, wire::text_hash(topic), uri.entity ? wire::text_hash(*uri.entity) : 0};
}
TopicKey key_of(const wire::Uri& uri) {
    return key_of(uri, uri.topic);
}

/// A contract's topic is also to match in lower case (decisions 8): that key, when it is another one.
std::optional<TopicKey> folded_key_of(const wire::Uri& uri) {
    if (uri.component != wire::Component::contracts) return std::nullopt;
    const std::string folded = base::to_lower_ascii(uri.topic);
    return folded == uri.topic ? std::nullopt : std::optional(key_of(uri, folded));
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

Topic* Topics::find(const wire::Uri& uri) {
    auto [at, end] = map_of(uri).equal_range(key_of(uri));
    for (; at != end; ++at) {
        if (at->second.uri == uri) return &at->second;
    }
    return nullptr;
}

Topic& Topics::of(const wire::Uri& uri) {
    if (Topic* const known = find(uri)) return *known;
    Topic& topic = map_of(uri).emplace(std::piecewise_construct, std::tuple(key_of(uri)), std::tie(uri))->second;
    if (const auto folded = folded_key_of(uri)) folded_.emplace(*folded, &topic);
    return topic;
}

void Topics::add(Topic& topic, Subscription& subscription) {
    subscription.topic = &topic;
    subscription.place = static_cast<std::uint32_t>(topic.subscriptions.size());
    topic.subscriptions.push_back(&subscription);
    if (topic.subscriptions.size() == 1) return;
    auto& lanes = lanes_[&topic];
    if (lanes.empty()) lanes.push_back(topic.subscriptions.front()->lane);
    lanes.push_back(subscription.lane);
}

std::span<const std::uint32_t> Topics::lanes_of(const Topic& topic) const {
    if (topic.subscriptions.size() < 2) return {};
    return lanes_.find(&topic)->second;
}

bool Topics::remove(Subscription& subscription) {
    Topic* const topic = subscription.topic;
    auto& list = topic->subscriptions;
    list[subscription.place] = list.back();
    list[subscription.place]->place = subscription.place;
    list.pop_back();
    if (!list.empty()) {
        const auto lanes = lanes_.find(topic);
        lanes->second[subscription.place] = lanes->second.back();
        lanes->second.pop_back();
        if (list.size() == 1) lanes_.erase(lanes);
        return false;
    }
    const auto erase_from = [topic](auto& map, const TopicKey& key, auto address) {
        auto [at, end] = map.equal_range(key);
        for (; at != end; ++at) {
            if (address(at->second) == topic) return void(map.erase(at));
        }
    };
    if (const auto folded = folded_key_of(topic->uri)) {
        erase_from(folded_, *folded, [](Topic* each) { return each; });
    }
    erase_from(map_of(topic->uri), key_of(topic->uri), [](Topic& each) { return &each; });
    return true;
}

void Topics::wanting(const store::LogRecord& record, std::vector<Topic*>& out) {
    out.clear();
    std::optional<wire::Uri> at;  // read when somebody asks
    const auto ask = [&](Topic& topic) {
        if (!at) at = uri_of(record);
        if (at && topic.uri.matches(*at)) out.push_back(&topic);
    };
    const auto [everywhere, of_entity] = keys_of(record.filter);
    for (auto [each, end] = everywhere_.equal_range(everywhere); each != end; ++each) ask(each->second);
    for (auto [each, end] = of_entity_.equal_range(of_entity); each != end; ++each) ask(each->second);
    if (folded_.empty()) return;
    for (const auto& key : {everywhere, of_entity}) {
        for (auto [each, end] = folded_.equal_range(key); each != end; ++each) ask(*each->second);
    }
}

void Wants::add(const wire::Uri& uri, std::uint64_t from) {
    by_key_[key_of(uri)].push_back({uri, from});
    if (const auto folded = folded_key_of(uri)) by_key_[*folded].push_back({uri, from});
}

bool Wants::operator()(const store::LogRecord& record) const {
    std::optional<wire::Uri> at;
    for (const auto& key : keys_of(record.filter)) {
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) continue;
        if (!at) at = uri_of(record);
        if (!at) return false;
        for (const Entry& entry : found->second) {
            if (record.seq > entry.from && entry.uri.matches(*at)) return true;
        }
    }
    return false;
}

}  // namespace rues::feed
