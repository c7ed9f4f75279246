#include "base/json.hpp"

#include <algorithm>
#include <vector>

namespace rues::base::json {

value sorted(const value& v) {
    if (const auto* list = v.if_array()) {
        array out;
        out.reserve(list->size());
        for (const auto& item : *list) out.push_back(sorted(item));
        return out;
    }
    const auto* map = v.if_object();
    if (map == nullptr) return v;
    std::vector<const boost::json::key_value_pair*> pairs;
    pairs.reserve(map->size());
    for (const auto& pair : *map) pairs.push_back(&pair);
    std::ranges::sort(pairs, {}, [](const auto* pair) { return pair->key(); });
    object out;
    out.reserve(pairs.size());
    for (const auto* pair : pairs) out.emplace(pair->key(), sorted(pair->value()));
    return out;
}

}  // namespace rues::base::json
