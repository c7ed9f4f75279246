#include "gateway/checkpoint.hpp"

#include "base/encoding.hpp"
#include "base/json_reading.hpp"

namespace rues::gateway {
namespace {

using base::json::object;

std::optional<Checkpoint> checkpoint_in(const object& in) {
    const auto* upstream = in.if_contains("upstream");
    const auto* position = in.if_contains("position");
    if (upstream == nullptr || !upstream->is_string() || position == nullptr || !position->is_string())
        return std::nullopt;
    const auto at = wire::Position::parse(position->get_string());
    if (!at) return std::nullopt;
    return Checkpoint{std::string(upstream->get_string()), *at};
}

std::optional<std::set<base::Hash32>> hashes_in(const base::json::value& from) {
    const auto* list = from.if_array();
    if (list == nullptr) return std::nullopt;
    std::set<base::Hash32> out;
    for (const auto& each : *list) {
        const auto* text = each.if_string();
        const auto hash = text != nullptr ? base::array_from_hex<32>(*text) : std::nullopt;
        if (!hash) return std::nullopt;
        out.insert(*hash);
    }
    return out;
}

}  // namespace

base::Bytes Note::encode() const {
    object out;
    if (checkpoint) out = {{"upstream", checkpoint->upstream}, {"position", checkpoint->position.to_string()}};
    if (commit != 0) out["commit"] = commit;
    if (!unshown.empty()) {
        base::json::array ids;
        for (const auto& id : unshown) ids.push_back(base::json::hex(id));
        out["unshown"] = std::move(ids);
    }
    return out.empty() ? base::Bytes() : base::to_bytes(base::json::print(out));
}

std::optional<Note> Note::decode(base::ByteView bytes) {
    if (bytes.empty()) return Note();
    const auto json = base::json::parse(base::text(bytes));
    const auto* in = json ? json->if_object() : nullptr;
    if (in == nullptr) return std::nullopt;
    Note out;
    if (in->contains("upstream")) {
        out.checkpoint = checkpoint_in(*in);
        if (!out.checkpoint) return std::nullopt;
    }
    if (const auto* commit = in->if_contains("commit")) {
        boost::system::error_code error;
        out.commit = commit->to_number<std::uint64_t>(error);
        if (error) return std::nullopt;
    }
    if (const auto* unshown = in->if_contains("unshown")) {
        auto ids = hashes_in(*unshown);
        if (!ids) return std::nullopt;
        out.unshown = std::move(*ids);
    }
    return out.empty() ? std::nullopt : std::optional(std::move(out));
}

}  // namespace rues::gateway
