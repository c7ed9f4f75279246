#include "gateway/upstreams.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rues::gateway {

Upstreams::Upstreams(std::vector<Upstream> nodes, const Patience& patience, base::Log log)
    : nodes_(std::move(nodes)), log_(std::move(log)), standings_(nodes_.size(), patience) {}

/// Makes a change, and logs each node whose state it changed.
template <typename Change>
void Upstreams::change(std::size_t node, Change make) {
    std::vector<Standing> before;
    std::vector<Standing> after;
    {
        const std::lock_guard lock(mutex_);
        before.assign(standings_.all().begin(), standings_.all().end());
        make(standings_, node, std::chrono::steady_clock::now());
        after.assign(standings_.all().begin(), standings_.all().end());
    }
    for (std::size_t i = 0; i < after.size(); ++i) {
        if (after[i].elsewhere_since.has_value() != before[i].elsewhere_since.has_value())
            log_(base::LogLevel::warning, fmt::format("upstream {} is on {} branch", nodes_[i].text,
                                                      after[i].elsewhere_since ? "another" : "this gateway's"));
        if (after[i].state == before[i].state && after[i].ejections == before[i].ejections) continue;
        const bool is_good = after[i].state == Standing::State::healthy;
        log_(is_good ? base::LogLevel::info : base::LogLevel::warning,
             fmt::format("upstream {} is {}{}{}", nodes_[i].text, name(after[i].state), is_good ? "" : ": ",
                         is_good ? "" : after[i].why));
    }
}

Standing Upstreams::standing(std::size_t node) const {
    const std::lock_guard lock(mutex_);
    return standings_.all()[node];
}

void Upstreams::reported(std::size_t node, std::uint64_t height, const base::Hash32& hash) {
    change(node, [&](Standings& all, std::size_t i, Time now) { all.reported(i, height, hash, now); });
}

void Upstreams::failed(std::size_t node, std::string why) {
    change(node, [&](Standings& all, std::size_t i, Time now) { all.failed(i, std::move(why), now); });
}

void Upstreams::eject(std::size_t node, std::string why) {
    change(node, [&](Standings& all, std::size_t i, Time now) { all.eject(i, std::move(why), now); });
}

void Upstreams::lacks_prover(std::size_t node) {
    change(node, [](Standings& all, std::size_t i, Time now) { all.lacks_prover(i, now); });
}

void Upstreams::compared(std::size_t node, bool is_elsewhere) {
    change(node, [is_elsewhere](Standings& all, std::size_t i, Time now) { all.compared(i, is_elsewhere, now); });
}

bool Upstreams::are_all_asked() const {
    const std::lock_guard lock(mutex_);
    return std::ranges::none_of(standings_.all(),
                                [](const Standing& each) { return each.state == Standing::State::unknown; });
}

std::optional<std::size_t> Upstreams::best(std::uint64_t own_height) const {
    const std::lock_guard lock(mutex_);
    return standings_.best(own_height, std::chrono::steady_clock::now());
}

std::uint64_t Upstreams::highest() const {
    const std::lock_guard lock(mutex_);
    return standings_.highest();
}

std::vector<std::size_t> Upstreams::in_turn(std::uint64_t least) {
    const std::lock_guard lock(mutex_);
    return standings_.in_turn(turn_++, least);
}

bool Upstreams::has_node_at(std::uint64_t least) const {
    const std::lock_guard lock(mutex_);
    return !standings_.in_turn(0, least).empty();
}

void Upstreams::showed(std::size_t node, std::uint64_t height, const base::Hash32& hash) {
    if (standing(node).height < height) reported(node, height, hash);
}

Upstreams::Asking::Asking(Upstreams& all, std::size_t node) : all_(all), node_(node) {
    const std::lock_guard lock(all_.mutex_);
    all_.standings_.asked(node_);
}

Upstreams::Asking::~Asking() {
    const std::lock_guard lock(all_.mutex_);
    all_.standings_.answered(node_);
}

std::vector<std::size_t> Upstreams::in_turn_for_proof() {
    const std::lock_guard lock(mutex_);
    auto out = standings_.in_turn(turn_++);
    const auto now = std::chrono::steady_clock::now();
    std::ranges::stable_partition(out, [&](std::size_t i) { return standings_.all()[i].no_prover_until <= now; });
    return out;
}

base::json::array Upstreams::to_json(std::uint64_t tip) const {
    std::vector<Standing> all;
    {
        const std::lock_guard lock(mutex_);
        all.assign(standings_.all().begin(), standings_.all().end());
    }
    const auto now = std::chrono::steady_clock::now();
    base::json::array out;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(all[i].ejected_until - now).count();
        const bool is_out = all[i].state == Standing::State::ejected;
        out.push_back(base::json::object{{"url", nodes_[i].text},
                                         {"state", name(all[i].state)},
                                         {"height", all[i].height},
                                         {"hash", base::json::hex(all[i].hash)},
                                         {"branch", all[i].elsewhere_since ? "other" : "own"},
                                         {"behind", tip > all[i].height ? tip - all[i].height : 0},
                                         {"ejections", all[i].ejections},
                                         {"stale", all[i].stales},
                                         {"failures", all[i].failures},
                                         {"requests", all[i].requests},
                                         {"busy", all[i].busy},
                                         {"back_in_seconds", is_out ? std::max<std::int64_t>(left, 0) : 0},
                                         {"why", all[i].why}});
    }
    return out;
}

}  // namespace rues::gateway
