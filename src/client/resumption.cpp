#include "client/resumption.hpp"

#include <algorithm>
#include <utility>

#include "wire/topics.hpp"

namespace rues::client {
namespace {

using wire::Position;

/// The later of two positions. Numbers grow over epochs as long as the server can resolve the epochs; when it cannot,
/// it says so, and the floors are set anew.
std::optional<Position> later(std::optional<Position> a, std::optional<Position> b) {
    if (!a || !b) return a ? a : b;
    return a->seq < b->seq ? b : a;
}

bool is_new(Position event, std::optional<Position> had) {
    return !had || event.seq > had->seq;
}

}  // namespace

Resumption::Subscription* Resumption::find(std::string_view path) {
    const auto found = std::ranges::find(subscriptions_, path, &Subscription::path);
    return found == subscriptions_.end() ? nullptr : &*found;
}

const Resumption::Subscription* Resumption::find(std::string_view path) const {
    const auto found = std::ranges::find(subscriptions_, path, &Subscription::path);
    return found == subscriptions_.end() ? nullptr : &*found;
}

Resumption::Added Resumption::add(std::string_view path, std::optional<Position> after) {
    auto uri = wire::Uri::parse(path, nullptr, true);
    if (!uri) return Added::not_a_path;
    const auto same = std::ranges::find(subscriptions_, *uri, &Subscription::uri);
    if (same != subscriptions_.end() && same->wanted) return Added::already_subscribed;
    if (auto why = wire::never_matches(*uri); !why.empty())
        notices_.emplace_back(Warning{std::string(path), std::move(why)});
    if (same != subscriptions_.end()) {
        // It is unsubscribed here but not yet at the server, so it is unsubscribed there first.
        same->again = true;
        same->wanted = true;
        same->path = path;
        same->floor = after;
        same->last.reset();
        same->late = !after && wire::is_terminal(*uri);
        return Added::ok;
    }
    Subscription one;
    one.path = path;
    one.late = !after && wire::is_terminal(*uri);
    one.uri = std::move(*uri);
    one.floor = after;
    subscriptions_.push_back(std::move(one));
    return Added::ok;
}

bool Resumption::remove(std::string_view path) {
    Subscription* one = find(path);
    if (one == nullptr || !one->wanted) return false;
    one->wanted = one->again = one->for_late = false;
    if (!one->made) subscriptions_.erase(subscriptions_.begin() + (one - subscriptions_.data()));
    return true;
}

bool Resumption::is_made(std::string_view path) const {
    const Subscription* one = find(path);
    return one != nullptr && one->made && !one->again;
}

std::optional<Position> Resumption::covered(const Subscription& one) const {
    return one.behind || one.again ? one.floor : later(one.floor, main_);
}

std::optional<Position> Resumption::resume_position() const {
    std::optional<Position> least;
    for (const auto& one : subscriptions_) {
        if (!one.made || !one.wanted) continue;
        const auto here = covered(one);
        if (here && (!least || here->seq < least->seq)) least = here;
    }
    return least ? least : main_;
}

Resumption::Step Resumption::next() const {
    if (!connected_) {
        const bool any = std::ranges::any_of(subscriptions_, [](const auto& one) { return one.made && one.wanted; });
        const auto after = resume_position();
        if (session_.empty() || !has_positions_ || !any || !after) return Connect{};
        return Connect{session_, after};
    }
    bool any_behind = false;
    for (const auto& one : subscriptions_) {
        if (one.made && (!one.wanted || one.again)) return Unsubscribe{one.path};
        if (!one.made) return Subscribe{one.path};
        any_behind = any_behind || one.behind;
    }
    if (any_behind) return Connect{session_, resume_position()};
    return Listen{};
}

void Resumption::keep_floors() {
    for (auto& one : subscriptions_) {
        if (one.made) one.floor = covered(one);
    }
}

void Resumption::forget_session() {
    session_.clear();
    std::erase_if(subscriptions_, [](const auto& one) { return !one.wanted; });
    for (auto& one : subscriptions_) {
        one.was_made = one.was_made || one.made;
        one.made = one.behind = one.again = one.for_late = false;
    }
}

void Resumption::tell_gap(Subscription& one, std::optional<Position> from) {
    notices_.emplace_back(Gap{one.path, one.floor, from});
    one.floor = from;
    one.last.reset();
}

void Resumption::opened(const Connect& asked, const Opened& got) {
    const bool surely_known = connected_;
    keep_floors();
    main_.reset();
    connected_ = true;
    if (asked.resume.empty()) {
        forget_session();
        session_ = got.session;
    } else if (got.recovered == true) {
        session_ = got.session;
        main_ = asked.after;
        for (auto& one : subscriptions_) {
            one.behind = false;
            // Late events have no place behind a position, and may have been on their way when the connection was lost.
            one.for_late = one.made && one.wanted && one.late && !one.last;
            one.again = one.again || one.for_late;
        }
        rebuilds_ = 0;
    } else if (got.recovered == false && got.from) {
        if (surely_known && asked.after) {
            for (auto& one : subscriptions_) {
                // The answer says nothing about positions of another epoch; the next session asks for them.
                if (!one.made || !one.wanted || !one.floor || one.floor->epoch != asked.after->epoch) continue;
                const bool inside = one.floor->epoch == got.from->epoch && asked.after->seq < got.from->seq &&
                                    one.floor->seq >= got.from->seq;
                if (!inside) tell_gap(one, got.from);
            }
        }
        ++rebuilds_;
        forget_session();
        connected_ = false;
    } else {  // the server does not know resuming: it opened a new session
        rebuilds_ = kMaxRebuilds;
        forget_session();
        session_ = got.session;
    }
    settle();
}

void Resumption::subscribed(std::string_view path, std::optional<Position> at) {
    Subscription* one = find(path);
    if (one == nullptr) return;
    const bool for_late = std::exchange(one->for_late, false);
    one->made = true;
    has_positions_ = at.has_value();
    if (!at) {
        if (one->was_made || one->floor) tell_gap(*one, std::nullopt);
    } else if (!one->floor || for_late) {
        if (one->was_made && !one->floor) tell_gap(*one, at);  // it was made before by a server without positions
        one->floor = later(one->floor, at);
    } else if (*one->floor != *at) {
        if (rebuilds_ < kMaxRebuilds) {
            one->behind = true;
        } else {
            tell_gap(*one, at);
        }
    }
    settle();
}

void Resumption::refused(std::string_view path, std::string why) {
    if (!remove(path)) return;
    notices_.emplace_back(Ended{std::string(path), std::move(why)});
    settle();
}

void Resumption::unsubscribed(std::string_view path) {
    Subscription* one = find(path);
    if (one == nullptr) return;
    one->made = one->again = false;
    if (!one->wanted) subscriptions_.erase(subscriptions_.begin() + (one - subscriptions_.data()));
    settle();
}

void Resumption::lost(std::string why) {
    connected_ = false;
    rebuilds_ = 0;
    if (lost_) return;
    lost_ = true;
    notices_.emplace_back(Lost{std::move(why)});
}

void Resumption::settle() {
    if (!std::holds_alternative<Listen>(next())) return;
    rebuilds_ = 0;
    if (!lost_) return;
    lost_ = false;
    notices_.emplace_back(Resumed{});
}

std::vector<std::string> Resumption::event(const wire::Uri& at, std::optional<Position> position, bool replay) {
    std::vector<std::string> out;
    for (auto& one : subscriptions_) {
        if (!one.made || !one.wanted || one.behind || one.again || !one.uri.matches(at)) continue;
        if (position && !is_new(*position, replay ? one.last : covered(one))) continue;
        if (replay && !one.late) continue;
        one.last = later(one.last, position);
        out.push_back(one.path);
    }
    if (!replay) main_ = later(main_, position);
    return out;
}

}  // namespace rues::client
