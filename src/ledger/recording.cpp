#include "ledger/recording.hpp"

#include <fmt/format.h>

#include "base/endian.hpp"

namespace rues::ledger {
namespace {

using base::json::array;
using base::json::object;
using base::json::value;

std::unexpected<std::string> missing(std::size_t height, std::string_view what) {
    return std::unexpected(fmt::format("block {}: {} is missing or of the wrong form", height, what));
}

const value* member(const object& from, std::string_view key) {
    return from.if_contains(key);
}

std::optional<std::uint64_t> number(const value* v) {
    if (v == nullptr) return std::nullopt;
    boost::system::error_code error;
    const auto n = v->to_number<std::uint64_t>(error);
    return error ? std::nullopt : std::optional(n);
}

std::string join(const array& parts) {
    std::string out;
    for (const value& part : parts) {
        if (const auto* text = part.if_string()) out += *text;
        const auto* run = part.if_object();
        const auto* text = run != nullptr && run->contains("repeat") ? run->at("repeat").if_string() : nullptr;
        const auto times = run != nullptr ? number(member(*run, "times")) : std::nullopt;
        if (text == nullptr || !times || text->empty() ||
            *times > (kMaxJoined - std::min(out.size(), kMaxJoined)) / text->size()) {
            continue;
        }
        for (auto left = *times; left > 0; --left) out += *text;
    }
    return out;
}

}  // namespace

value joined(const value& v) {
    if (const auto* list = v.if_array()) {
        array out;
        for (const auto& item : *list) out.push_back(joined(item));
        return out;
    }
    const auto* from = v.if_object();
    if (from == nullptr) return v;
    const auto* parts = member(*from, "parts");
    if (parts != nullptr && parts->is_array() && from->size() == 1) return boost::json::string(join(parts->as_array()));
    object out;
    for (const auto& pair : *from) out.emplace(pair.key(), joined(pair.value()));
    return out;
}

std::expected<Recording, std::string> Recording::read(const value& chain) {
    const auto* root = chain.if_object();
    const auto* blocks = root != nullptr ? member(*root, "blocks") : nullptr;
    if (blocks == nullptr || !blocks->is_array())
        return std::unexpected("not a recorded chain: it has no list of blocks");
    Recording out;
    for (const auto& block : blocks->as_array()) {
        if (!block.is_object()) return missing(out.size(), "the block");
        out.blocks_.push_back(&block.as_object());
    }
    return out;
}

std::expected<object, std::string> Recording::header_json(std::size_t height) const {
    const auto* json = member(block(height), "header");
    if (json == nullptr || !json->is_object()) return missing(height, "header");
    object out = json->as_object();
    const auto* bloom = member(out, "event_bloom");
    const auto* reference = bloom != nullptr ? bloom->if_object() : nullptr;
    if (reference == nullptr) return out;
    const auto other = number(member(*reference, "same_as_block"));
    if (!other || *other >= height) return missing(height, "event_bloom");
    const auto same = header_json(*other);  // terminates, because it is always an earlier block
    if (!same) return std::unexpected(same.error());
    out["event_bloom"] = same->at("event_bloom");
    return out;
}

std::expected<Header, std::string> Recording::header(std::size_t height) const {
    const auto json = header_json(height);
    if (!json) return std::unexpected(json.error());
    return Header::from_json(*json);
}

std::expected<Bytes, std::string> Recording::event_data(std::size_t height, std::size_t index) const {
    const auto* events = member(block(height), "contractEvents");
    if (events == nullptr || !events->is_array() || index >= events->as_array().size())
        return missing(height, "contractEvents");
    const auto* event = events->as_array()[index].if_object();
    const auto* data = event != nullptr ? member(*event, "data") : nullptr;
    if (data == nullptr) return missing(height, "data of an event");
    if (const auto* text = data->if_string()) {
        auto bytes = base::from_hex(*text);
        if (!bytes) return missing(height, "data of an event");
        return std::move(*bytes);
    }
    const auto* reference = data->if_object();
    const auto other = reference != nullptr ? number(member(*reference, "like_block")) : std::nullopt;
    if (!other || *other >= height) return missing(height, "data of an event");
    const auto* others = member(block(*other), "contractEvents");
    if (others == nullptr || !others->is_array()) return missing(*other, "contractEvents");
    std::size_t reward = 0;
    while (reward < others->as_array().size() && others->as_array()[reward].at("topic") != value("reward")) ++reward;
    auto bytes = event_data(*other, reward);
    const auto* patches = member(*reference, "u64_at");
    if (!bytes || patches == nullptr || !patches->is_object()) return bytes;
    for (const auto& patch : patches->as_object()) {
        const auto at = base::parse_u64(patch.key());
        const auto with = number(&patch.value());
        if (!at || !with || bytes->size() < 8 || *at > bytes->size() - 8) return missing(height, "data of an event");
        base::store_le(bytes->data() + *at, *with);
    }
    return bytes;
}

}  // namespace rues::ledger
