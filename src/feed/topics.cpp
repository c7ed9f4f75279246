#include "feed/topics.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/encoding.hpp"
#include "wire/frame.hpp"

namespace rues::feed {
namespace {

/// A contract's topic matches in lower case too (docs/reference/differences.md 8): the URI in lower case, if that is
/// another URI.
std::optional<wire::Uri> folded(const wire::Uri& uri) {
    if (uri.component != wire::Component::contracts) return std::nullopt;
    wire::Uri out{uri.component, uri.entity, base::to_lower_ascii(uri.topic)};
    return out.topic == uri.topic ? std::nullopt : std::optional(std::move(out));
}

/// The Content-Location of a record: a view into its message or, where JSON escapes it, into `unescaped`.
std::string_view location_of(const store::LogRecord& record, std::string& unescaped) {
    const std::string_view location = wire::content_location(record.message);
    if (!location.empty()) return location;
    const auto frame = wire::Frame::parse(wire::without_websocket_header(record.message));
    unescaped = frame ? frame->header("Content-Location").value_or("") : "";
    return unescaped;
}

}  // namespace

std::optional<wire::Uri> uri_of(const store::LogRecord& record) {
    std::string unescaped;
    auto out = wire::Uri::of_location(location_of(record, unescaped));
    if (out && !out->entity) return std::nullopt;
    return out;
}

TopicUri::TopicUri(const wire::Uri& uri) : topic_(uri.topic), component_(uri.component) {
    if (!uri.entity) return;
    const auto hash = base::array_from_hex<32>(*uri.entity);
    if (hash && base::to_hex(*hash) == *uri.entity) {
        entity_ = *hash;
    } else {
        entity_ = *uri.entity;
    }
}

wire::Uri TopicUri::whole() const {
    wire::Uri out{component_, std::nullopt, topic_};
    if (const auto* hash = std::get_if<Hash>(&entity_)) out.entity = base::to_hex(*hash);
    if (const auto* text = std::get_if<std::string>(&entity_)) out.entity = *text;
    return out;
}

bool TopicUri::has_entity(const std::optional<std::string_view>& entity) const {
    if (const auto* hash = std::get_if<Hash>(&entity_)) return entity == base::to_hex(*hash);
    if (const auto* text = std::get_if<std::string>(&entity_)) return entity == *text;
    return !entity;
}

bool TopicUri::operator==(const wire::Uri& uri) const {
    return component_ == uri.component && topic_ == uri.topic && has_entity(uri.entity);
}

bool TopicUri::matches(const wire::Location& event) const {
    if (!std::holds_alternative<std::monostate>(entity_) && !has_entity(event.entity)) return false;
    return wire::Uri{component_, std::nullopt, topic_}.matches(event);
}

std::uint64_t Topics::key_of_topic(wire::Component component, std::string_view topic) const noexcept {
    return base::siphash(hash_key_, base::view(topic)) + static_cast<std::uint64_t>(component);
}

std::uint64_t Topics::key_of_location(std::string_view location) const noexcept {
    return base::siphash(hash_key_, base::view(location));
}

std::uint64_t Topics::key_of(const wire::Uri& uri) const {
    return uri.entity ? key_of_location(uri.location()) : key_of_topic(uri.component, uri.topic);
}

Topic* Topics::find(const wire::Uri& uri, bool decodes, const wire::Certainty& certainty) {
    Topic* out = nullptr;
    each_form(uri, [&](Topic& topic) {
        if (topic.decodes == decodes && topic.certainty == certainty) out = &topic;
        return out == nullptr;
    });
    return out;
}

Topic& Topics::of(const wire::Uri& uri, bool decodes, const wire::Certainty& certainty) {
    if (Topic* const known = find(uri, decodes, certainty)) return *known;
    Topic& topic = map_of(uri)
                       .emplace(std::piecewise_construct, std::tuple(key_of(uri)), std::tie(uri, decodes, certainty))
                       ->second;
    if (const auto lower = folded(uri)) folded_.emplace(key_of(*lower), &topic);
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
    const auto erase_from = [topic](auto& map, std::uint64_t key, auto address) {
        auto [at, end] = map.equal_range(key);
        for (; at != end; ++at) {
            if (address(at->second) == topic) return void(map.erase(at));
        }
    };
    const wire::Uri uri = topic->uri.whole();
    if (const auto lower = folded(uri)) {
        erase_from(folded_, key_of(*lower), [](Topic* each) { return each; });
    }
    erase_from(map_of(uri), key_of(uri), [](Topic& each) { return &each; });
    return true;
}

void Topics::matching(const store::LogRecord& record, std::vector<Topic*>& out) {
    out.clear();
    if (empty()) return;
    std::string unescaped;
    const std::string_view location = location_of(record, unescaped);
    const auto at = wire::Location::parse(location);
    if (!at || !at->entity) return;
    const bool is_retraction = record.filter.tie == store::Tie::retraction;
    const auto ask = [&](Topic& topic) {
        if (is_retraction && !topic.certainty.retractions) return;
        if (topic.uri.matches(*at)) out.push_back(&topic);
    };
    const std::array keys{key_of_topic(at->component, at->topic), key_of_location(location)};
    for (auto [each, end] = everywhere_.equal_range(keys[0]); each != end; ++each) ask(each->second);
    for (auto [each, end] = of_entity_.equal_range(keys[1]); each != end; ++each) ask(each->second);
    if (folded_.empty()) return;
    for (const std::uint64_t key : keys) {
        for (auto [each, end] = folded_.equal_range(key); each != end; ++each) ask(*each->second);
    }
}

void Matcher::add(const wire::Uri& uri, std::uint64_t from, bool decodes, bool retractions) {
    by_location_[uri.location()].push_back({uri, from, decodes, retractions});
    if (const auto lower = folded(uri)) by_location_[lower->location()].push_back({uri, from, decodes, retractions});
}

Form Matcher::form_of(const store::LogRecord& record) const {
    std::string unescaped;
    const std::string_view location = location_of(record, unescaped);
    const auto at = wire::Location::parse(location);
    if (!at || !at->entity) return Form::none;
    if (taken_back_ && !taken_back_->delivers(record, finality_)) return Form::none;
    const bool is_retraction = record.filter.tie == store::Tie::retraction;
    Form out = Form::none;
    const auto look = [&](std::string_view wanted) {
        const auto found = by_location_.find(wanted);
        if (found == by_location_.end()) return;
        for (const Entry& entry : found->second) {
            if (is_retraction && !entry.retractions) continue;
            if (record.seq > entry.from && entry.uri.matches(*at))
                out = std::max(out, entry.decodes ? Form::decoded : Form::stored);
        }
    };
    look(location);
    if (out == Form::decoded) return out;
    std::string everywhere = "/on/";
    everywhere.append(wire::name(at->component)).append("/").append(at->topic);
    look(everywhere);
    return out;
}

}  // namespace rues::feed
