#pragma once

#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "base/encoding.hpp"
#include "base/endian.hpp"

/// Recorded data of tests/data, with its abbreviations resolved (see the README there).
namespace rues::recorded {

inline std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream out;
    out << in.rdbuf();
    return std::move(out).str();
}

/// The same value with every `{"parts": …}` joined to the text it stands for.
inline boost::json::value joined(const boost::json::value& v) {
    if (const auto* list = v.if_array()) {
        boost::json::array out;
        for (const auto& item : *list) out.push_back(joined(item));
        return out;
    }
    const auto* object = v.if_object();
    if (object == nullptr) return v;
    if (const auto* parts = object->if_contains("parts"); parts != nullptr && object->size() == 1) {
        std::string text;
        for (const auto& part : parts->as_array()) {
            if (part.is_string()) {
                text += part.as_string();
            } else {
                for (auto n = part.at("times").to_number<std::size_t>(); n > 0; --n) text += part.at("repeat").as_string();
            }
        }
        return boost::json::string(text);
    }
    boost::json::object out;
    for (const auto& pair : *object) out.emplace(pair.key(), joined(pair.value()));
    return out;
}

inline boost::json::value load(const std::string& name) {
    return joined(boost::json::parse(read_file(std::string(RUES_TEST_DATA) + "/rusk-1.7/" + name)));
}

inline base::Bytes hex(const boost::json::value& v) { return *base::from_hex(v.as_string()); }

/// The bytes of contract event `index` of block `height`.
inline base::Bytes event_data(const boost::json::array& blocks, std::size_t height, std::size_t index) {
    const auto& data = blocks.at(height).at("contractEvents").at(index).at("data");
    const auto* like = data.is_object() ? data.as_object().if_contains("like_block") : nullptr;
    if (like == nullptr) return hex(data);
    const auto other = like->to_number<std::size_t>();
    const auto& events = blocks.at(other).at("contractEvents").as_array();
    std::size_t reward = 0;
    while (events.at(reward).at("topic").as_string() != "reward") ++reward;
    auto bytes = event_data(blocks, other, reward);
    if (const auto* patches = data.as_object().if_contains("u64_at")) {
        for (const auto& patch : patches->as_object()) {
            base::store_le(bytes.data() + *base::parse_u64(patch.key()), patch.value().to_number<std::uint64_t>());
        }
    }
    return bytes;
}

/// The header JSON of block `height` with its bloom written out.
inline boost::json::object header(const boost::json::array& blocks, std::size_t height) {
    auto out = blocks.at(height).at("header").as_object();
    if (const auto* bloom = out.at("event_bloom").if_object(); bloom != nullptr && bloom->contains("same_as_block")) {
        out["event_bloom"] = header(blocks, bloom->at("same_as_block").to_number<std::size_t>()).at("event_bloom");
    } else if (bloom != nullptr) {
        out["event_bloom"] = boost::json::string(base::to_hex(hex(out.at("event_bloom"))));
    }
    return out;
}

}  // namespace rues::recorded
