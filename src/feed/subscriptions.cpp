#include "feed/subscriptions.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "wire/frame.hpp"

namespace rues::feed {

std::vector<SubscriptionKey> keys_of(const wire::Uri& uri) {
    const std::uint64_t entity = uri.entity ? wire::text_hash(*uri.entity) : 0;
    std::vector<SubscriptionKey> out{{uri.component, wire::text_hash(uri.topic), entity}};
    const std::string folded = base::to_lower_ascii(uri.topic);
    if (uri.component == wire::Component::contracts && folded != uri.topic) {
        out.push_back({uri.component, wire::text_hash(folded), entity});
    }
    return out;
}

std::optional<wire::Uri> uri_of(const store::LogRecord& record) {
    std::string location(wire::content_location(record.message));
    if (location.empty() || location.find('\\') != std::string::npos) {  // a topic with characters that JSON escapes
        const auto frame = wire::Frame::parse(wire::without_websocket_header(record.message));
        const auto header = frame ? frame->header("Content-Location") : std::nullopt;
        if (!header) return std::nullopt;
        location = *header;
    }
    const std::string_view text = location;
    const auto colon = text.find(':');
    const auto slash = colon == std::string_view::npos ? colon : text.find('/', colon);
    if (!text.starts_with("/on/") || slash == std::string_view::npos) return std::nullopt;
    const auto component = wire::component_from(text.substr(4, colon - 4));
    if (!component) return std::nullopt;
    return wire::Uri{*component, std::string(text.substr(colon + 1, slash - colon - 1)),
                     std::string(text.substr(slash + 1))};
}

bool Subscriptions::has(const wire::Uri& uri) const {
    const auto found = by_key_.find(keys_of(uri).front());
    return found != by_key_.end() && std::ranges::find(found->second, uri, &Entry::uri) != found->second.end();
}

bool Subscriptions::add(const wire::Uri& uri, std::uint64_t from) {
    if (has(uri)) return false;
    for (const auto& key : keys_of(uri)) by_key_[key].push_back({uri, from});
    ++count_;
    return true;
}

bool Subscriptions::remove(const wire::Uri& uri) {
    bool removed = false;
    for (const auto& key : keys_of(uri)) {
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) continue;
        removed |= std::erase_if(found->second, [&](const Entry& entry) { return entry.uri == uri; }) > 0;
        if (found->second.empty()) by_key_.erase(found);
    }
    if (removed) --count_;
    return removed;
}

bool Subscriptions::want(const store::LogRecord& record) const {
    if (!has(any_key(record.filter)) && !has(exact_key(record.filter))) return false;
    const auto at = uri_of(record);
    return at && want(record, *at);
}

bool Subscriptions::want(const store::LogRecord& record, const wire::Uri& at) const {
    for (const auto& key : {any_key(record.filter), exact_key(record.filter)}) {
        const auto found = by_key_.find(key);
        if (found == by_key_.end()) continue;
        for (const Entry& entry : found->second) {
            if (record.seq > entry.from && entry.uri.matches(at)) return true;
        }
    }
    return false;
}

std::vector<SubscriptionKey> Subscriptions::keys() const {
    std::vector<SubscriptionKey> out;
    out.reserve(by_key_.size());
    for (const auto& [key, entries] : by_key_) out.push_back(key);
    return out;
}

}  // namespace rues::feed
