#include "gateway/standing.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace rues::gateway {

namespace {

using State = Standing::State;

}  // namespace

std::string_view name(Standing::State state) noexcept {
    switch (state) {
    case State::healthy:
        return "healthy";
    case State::stale:
        return "stale";
    case State::unreachable:
        return "unreachable";
    case State::ejected:
        return "ejected";
    case State::unknown:
        break;
    }
    return "unknown";
}

void Standings::reported(std::size_t node, std::uint64_t height, const base::Hash32& hash, Time now) {
    Standing& of = all_[node];
    if (of.state == State::ejected && now < of.ejected_until) return;
    const bool is_back = of.state == State::unknown || of.state == State::unreachable || of.state == State::ejected;
    if (is_back || of.height != height || of.hash != hash) of.advanced = now;
    of.height = height;
    of.hash = hash;
    if (is_back) of.state = State::healthy;
    for (auto& each : all_) look_at_age(each, now);
}

/// Stale nodes count in the highest tip too: else the first of two State::stale ones would make the other
/// State::healthy.
void Standings::look_at_age(Standing& of, Time now) {
    if (of.state != State::healthy && of.state != State::stale) return;
    std::uint64_t best = 0;
    for (const auto& each : all_) {
        if (each.state == State::healthy || each.state == State::stale) best = std::max(best, each.height);
    }
    const bool is_behind = best >= kStaleBlocks && of.height <= best - kStaleBlocks;
    if (!is_behind) {
        of.state = State::healthy;
    } else if (of.state == State::healthy && now - of.advanced >= patience_.stale_after) {
        of.state = State::stale;
        ++of.stales;
        of.why = fmt::format("its tip is block {}, that of another node block {}", of.height, best);
    }
}

void Standings::failed(std::size_t node, std::string why, Time now) {
    Standing& of = all_[node];
    ++of.failures;
    if (of.state == State::ejected && now < of.ejected_until) return;
    of.state = State::unreachable;
    of.why = std::move(why);
}

void Standings::eject(std::size_t node, std::string why, Time now) {
    Standing& of = all_[node];
    const auto doubled = patience_.ejection * (std::uint64_t{1} << std::min<std::uint64_t>(of.ejections, 12));
    of.state = State::ejected;
    of.ejected_until = now + std::min<std::chrono::milliseconds>(doubled, kLongestEjection);
    of.why = std::move(why);
    ++of.ejections;
}

void Standings::compared(std::size_t node, bool is_elsewhere, Time now) {
    Standing& of = all_[node];
    if (!is_elsewhere) {
        of.elsewhere_since.reset();
    } else if (!of.elsewhere_since) {
        of.elsewhere_since = now;
    }
}

std::optional<std::size_t> Standings::best(std::uint64_t own_height, Time now) const {
    const auto highest_of = [this](const auto& counts) {
        std::optional<std::size_t> out;
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (all_[i].state != State::healthy || !counts(all_[i])) continue;
            if (!out || all_[i].height > all_[*out].height) out = i;
        }
        return out;
    };
    if (const auto here = highest_of([](const Standing& each) { return !each.elsewhere_since; })) return here;
    return highest_of([&](const Standing& each) {
        return each.height > own_height && now - *each.elsewhere_since >= patience_.stale_after;
    });
}

void Standings::asked(std::size_t node) noexcept {
    ++all_[node].busy;
    ++all_[node].requests;
}

std::vector<std::size_t> Standings::in_turn(std::size_t turn, std::uint64_t least) const {
    enum class Rank : std::uint8_t { healthy, stale, elsewhere, unknown, none };
    const auto rank_of = [](const Standing& each) {
        if (each.state == State::unknown) return Rank::unknown;
        if (each.state != State::healthy && each.state != State::stale) return Rank::none;
        if (each.elsewhere_since) return Rank::elsewhere;
        return each.state == State::healthy ? Rank::healthy : Rank::stale;
    };
    for (const auto wanted : {Rank::healthy, Rank::stale, Rank::elsewhere, Rank::unknown}) {
        if (least > 0 && wanted == Rank::elsewhere) break;
        std::vector<std::size_t> out;
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (rank_of(all_[i]) == wanted && all_[i].height >= least) out.push_back(i);
        }
        if (out.empty()) continue;
        std::ranges::rotate(out, out.begin() + static_cast<std::ptrdiff_t>(turn % out.size()));
        std::ranges::stable_sort(out, {}, [this](std::size_t i) { return all_[i].busy; });
        return out;
    }
    return {};
}

std::uint64_t Standings::highest() const {
    std::uint64_t out = 0;
    for (const auto& each : all_) {
        if (each.state == State::healthy && !each.elsewhere_since) out = std::max(out, each.height);
    }
    return out;
}

}  // namespace rues::gateway
