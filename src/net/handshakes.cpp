#include "net/handshakes.hpp"

#include <algorithm>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <utility>

namespace rues::net {

PeerKey peer_key(const boost::asio::ip::address& address) noexcept {
    if (address.is_v4()) return {false, address.to_v4().to_uint()};
    const auto bytes = address.to_v6().to_bytes();
    constexpr std::size_t kNetwork = 8;
    std::uint64_t network = 0;
    for (std::size_t i = 0; i < kNetwork; ++i) network = network << 8 | bytes[i];
    if (!address.to_v6().is_v4_mapped()) return {true, network};
    std::uint64_t v4 = 0;
    for (std::size_t i = bytes.size() - 4; i < bytes.size(); ++i) v4 = v4 << 8 | bytes[i];
    return {false, v4};
}

/// Guarded by the mutex of all handshakes.
struct Handshakes::Place::State {
    PeerKey peer;
    std::size_t bytes = 0;
    bool has_session = false;
    std::optional<Entries::iterator> waits;  ///< with a session among the later steps, else among the first ones
};

Handshakes::Handshakes(const Limits& limits, Executor pool) noexcept
    : most_(limits.max_handshakes), most_bytes_(limits.max_hello_bytes), pool_(std::move(pool)) {}

Handshakes::Place::Place(std::shared_ptr<Handshakes> all, PeerKey peer)
    : all_(std::move(all)), state_(std::make_shared<State>()) {
    state_->peer = peer;
    const std::lock_guard lock(all_->mutex_);
    ++all_->peers_[peer].places;
}

Handshakes::Place::~Place() {
    Entries dropped;  // destroyed without the lock
    {
        const std::lock_guard lock(all_->mutex_);
        const auto found = all_->peers_.find(state_->peer);
        Peer& peer = found->second;
        if (state_->waits) {
            const auto kind = static_cast<std::size_t>(state_->has_session ? Kind::later : Kind::first);
            dropped.splice(dropped.end(), peer.waiting[kind], *state_->waits);
            --all_->lines_[kind].steps;
            if (peer.waiting[kind].empty()) std::erase(all_->lines_[kind].turns, state_->peer);
        }
        all_->release_bytes(*state_);
        if (state_->has_session) {
            --peer.sessions;
            --all_->sessions_;
        }
        if (--peer.places == 0) all_->peers_.erase(found);
    }
    all_->offer();  // a step may have waited for this session
}

bool Handshakes::Place::hold(std::size_t bytes) {
    const std::lock_guard lock(all_->mutex_);
    Peer& peer = all_->peers_.at(state_->peer);
    const std::size_t others = all_->bytes_ - state_->bytes;
    const std::size_t own = peer.bytes - state_->bytes;
    if (others + bytes > all_->most_bytes_ || own + bytes > all_->most_bytes_ / kPartOfOne) return false;
    all_->bytes_ = others + bytes;
    peer.bytes = own + bytes;
    state_->bytes = bytes;
    return true;
}

void Handshakes::Place::run(std::move_only_function<void()> step) {
    {
        const std::lock_guard lock(all_->mutex_);
        all_->add({state_, std::move(step)}, state_->has_session ? Kind::later : Kind::first);
    }
    all_->offer();
}

void Handshakes::add(Entry entry, Kind kind) {
    const auto at = static_cast<std::size_t>(kind);
    Entries& waiting = peers_.at(entry.of->peer).waiting[at];
    if (waiting.empty()) lines_[at].turns.push_back(entry.of->peer);
    ++lines_[at].steps;
    const auto state = entry.of;
    state->waits = waiting.insert(waiting.end(), std::move(entry));
}

void Handshakes::release_bytes(Place::State& state) noexcept {
    bytes_ -= state.bytes;
    peers_.at(state.peer).bytes -= state.bytes;
    state.bytes = 0;
}

bool Handshakes::may_begin(const Peer& peer) const noexcept {
    return sessions_ < most_ && peer.sessions < std::max<std::size_t>(1, most_ / kPartOfOne);
}

/// Steps that wait and may run, or a few more.
std::size_t Handshakes::ready() const noexcept {
    const auto steps = [this](Kind kind) { return lines_[static_cast<std::size_t>(kind)].steps; };
    return steps(Kind::later) + (sessions_ < most_ ? steps(Kind::first) : 0);
}

/// Gives the pool one more task when there may be a step for it.
void Handshakes::offer() {
    {
        const std::lock_guard lock(mutex_);
        if (workers_ >= kThreads || ready() == 0) return;
        ++workers_;
    }
    if (!pool_) return work();
    const bool taken = pool_([self = shared_from_this()] { self->work(); });
    if (taken) return;
    const std::lock_guard lock(mutex_);
    --workers_;  // the pool has stopped; connections end their own waiting
}

/// Runs steps until none may run.
void Handshakes::work() {
    while (auto entry = next()) entry->step();
}

/// The next step. nullopt: none may run, and the worker is not counted any more.
std::optional<Handshakes::Entry> Handshakes::next() {
    const std::lock_guard lock(mutex_);
    // In turns, so that neither a client that sends its part byte by byte nor a flood of new ones holds up the others.
    for (int i = 0; i < 2; ++i) {
        turn_ = turn_ == Kind::first ? Kind::later : Kind::first;
        if (auto entry = next(turn_)) return entry;
    }
    --workers_;
    return std::nullopt;
}

std::optional<Handshakes::Entry> Handshakes::next(Kind kind) {
    Line& line = lines_[static_cast<std::size_t>(kind)];
    if (kind == Kind::first && sessions_ >= most_) return std::nullopt;
    // A peer that may not begin another handshake keeps its place in the line. There are few of them: each has an
    // eighth of all.
    for (std::size_t left = line.turns.size(); left > 0; --left) {
        const PeerKey key = line.turns.front();
        line.turns.pop_front();
        Peer& peer = peers_.at(key);
        if (kind == Kind::first && !may_begin(peer)) {
            line.turns.push_back(key);
            continue;
        }
        Entries& waiting = peer.waiting[static_cast<std::size_t>(kind)];
        Entry entry = std::move(waiting.front());
        waiting.pop_front();
        if (!waiting.empty()) line.turns.push_back(key);
        --line.steps;
        entry.of->waits.reset();
        release_bytes(*entry.of);
        if (kind == Kind::first) {
            entry.of->has_session = true;
            ++peer.sessions;
            ++sessions_;
        }
        return entry;
    }
    return std::nullopt;
}

std::size_t Handshakes::under_way() const {
    const std::lock_guard lock(mutex_);
    return sessions_;
}

std::size_t Handshakes::held_bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

std::size_t Handshakes::waiting() const {
    const std::lock_guard lock(mutex_);
    return lines_[0].steps + lines_[1].steps;
}

}  // namespace rues::net
