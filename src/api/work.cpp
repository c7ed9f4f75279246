#include "api/work.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

namespace rues::api {
namespace {

constexpr std::chrono::milliseconds kPatience{30'000};
constexpr std::string_view kTooManyQueries = "too many queries wait";

// clang-format off
constexpr std::array<WorkClass, kWorks> kClasses{{
    {Work::loop, "loop"},
    // The bounds of tasks that only wait: each keeps its request in memory.
    {Work::read, "read", Pool::read, 16'384, 0, kTooManyQueries, kPatience},
    {Work::state, "state", Pool::read, 16'384, 0, kTooManyQueries, kPatience},
    {Work::call, "call", Pool::call, 256, 64, "too many calls of contracts wait", kPatience},
    {Work::scan, "scan", Pool::read, 16'384, 0, kTooManyQueries, kPatience},
    // Each has a thread until its client has taken nearly all items.
    {Work::feeder, "feeder", Pool::feeder, kMostFeeders, kMostFeeders / 4, "too many feeders are being sent", kPatience},
    // A page takes some milliseconds of a thread, and memory only while it has one.
    {Work::history, "history", Pool::read, 512, 8, "too many pages of history are being read", kPatience},
    // Decoding ends after 200 ms, so calls of contracts get their turn.
    {Work::decoded_history, "decoded_history", Pool::call, 128, 4, "too many pages of decoded history are being read", kPatience},
    {Work::query, "query", Pool::query, 16'384, 0, kTooManyQueries},
    {Work::stream, "stream"},
    {Work::push, "push"},
    {Work::verify, "verify", Pool::none, 0, 0, {}, kPatience},
    {Work::simulate, "simulate", Pool::none, 0, 0, {}, kPatience},
    {Work::chain, "chain"},
    {Work::wait, "wait", Pool::none, 4'096, 0, "too many requests wait for transactions"},
    // Each has its body in memory, see `kMostBodiesOfWaiting`.
    {Work::block_wait, "block_wait", Pool::none, 1'024, 64, "too many requests wait for blocks"},
    {Work::session, "session"},
    // Each has a body of up to 3 MiB in memory.
    {Work::decode, "decode", Pool::read, 64, 16, "too many large bodies wait", kPatience},
    // Each has a decoded circuit of some 20 kB in memory; the one that is worked on, up to 300 MB.
    {Work::prove, "prove", Pool::prove, kMostProofs, kMostProofs / 4, "too many proofs wait", std::chrono::seconds(90), true},
    // Each has its body in memory, and the one that has a thread its answer.
    {Work::relay, "relay", Pool::none, 1'024, 128, "too many requests wait for nodes", kPatience},
}};
// clang-format on

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < kWorks; ++i) {
        if (static_cast<std::size_t>(kClasses[i].work) != i) return false;
    }
    return true;
}
static_assert(is_in_order());

template <std::size_t... I>
std::array<Bound, kWorks> bounds_of(std::index_sequence<I...>) {
    const auto most = [](std::size_t i) {
        return kClasses[i].most == 0 ? std::numeric_limits<std::size_t>::max() : kClasses[i].most;
    };
    return {Bound(most(I))...};
}

}  // namespace

const WorkClass& class_of(Work work) noexcept {
    return kClasses[static_cast<std::size_t>(work)];
}

bool Place::State::take(std::size_t amount) noexcept {
    const std::size_t before = taken.fetch_add(amount, std::memory_order_relaxed);
    if (before <= most && amount <= most - before) return true;
    give_back(amount);
    return false;
}

bool Place::resize(std::size_t amount) noexcept {
    if (!state_) return amount == 0;
    if (amount > amount_) {
        const std::size_t more = amount - amount_;
        if (of_client_ && !of_client_->take(more)) return false;
        if (!state_->take(more)) {
            if (of_client_) of_client_->give_back(more);
            return false;
        }
    } else {
        state_->give_back(amount_ - amount);
        if (of_client_) of_client_->give_back(amount_ - amount);
    }
    amount_ = amount;
    return true;
}

std::optional<Place> Bound::take(std::size_t amount) const {
    Place out(state_);
    if (!out.resize(amount)) return std::nullopt;
    return out;
}

Places::Places() : bounds_(bounds_of(std::make_index_sequence<kWorks>())) {}

std::optional<Place> Places::take(Work work) const {
    return of(work).take();
}

std::expected<Place, base::Taken> Places::take(Work work, const base::Client* client) const {
    Place out(of(work).state_);
    if (client != nullptr && client->is_limited() && class_of(work).of_one > 0) out.of_client_ = part_of(work, *client);
    if (out.resize(1)) return out;
    const bool is_own = out.of_client_ && out.of_client_->taken.load(std::memory_order_relaxed) >= out.of_client_->most;
    return std::unexpected(is_own ? base::Taken::client_is_full : base::Taken::all_is_full);
}

/// An account that has ended leaves an expired entry. A new account at the same place in memory begins without places.
std::shared_ptr<Place::State> Places::part_of(Work work, const base::Client& client) const {
    Parts& parts = (*parts_)[static_cast<std::size_t>(work)];
    const std::lock_guard lock(parts.mutex);
    if (parts.of_clients.size() >= parts.full) {
        std::erase_if(parts.of_clients, [](const auto& each) { return each.second.expired(); });
        parts.full = std::max(kFewParts, 2 * parts.of_clients.size());
    }
    auto& entry = parts.of_clients[&client];
    auto out = entry.lock();
    if (!out) entry = out = std::make_shared<Place::State>(class_of(work).of_one);
    return out;
}

}  // namespace rues::api
