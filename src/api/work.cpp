#include "api/work.hpp"

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
    {Work::read, "read", Pool::read, 16'384, kTooManyQueries, kPatience},
    {Work::state, "state", Pool::read, 16'384, kTooManyQueries, kPatience},
    {Work::call, "call", Pool::call, 256, "too many calls of contracts wait", kPatience},
    {Work::scan, "scan", Pool::read, 16'384, kTooManyQueries, kPatience},
    // Each has a thread until its client has taken nearly all items.
    {Work::feeder, "feeder", Pool::feeder, kMostFeeders, "too many feeders are being sent", kPatience},
    // A page takes some milliseconds of a thread; so few leave the others their turn.
    {Work::history, "history", Pool::read, 8, "too many pages of history are being read", kPatience},
    // Decoding ends after 200 ms, so calls of contracts get their turn.
    {Work::decoded_history, "decoded_history", Pool::call, 4, "too many pages of decoded history are being read", kPatience},
    {Work::query, "query", Pool::query, 16'384, kTooManyQueries},
    {Work::stream, "stream"},
    {Work::push, "push"},
    {Work::verify, "verify"},
    {Work::simulate, "simulate"},
    {Work::chain, "chain"},
    {Work::wait, "wait", Pool::none, 4'096, "too many requests wait for transactions"},
    {Work::session, "session"},
    // Each has a body of up to 3 MiB in memory.
    {Work::decode, "decode", Pool::read, 64, "too many large bodies wait", kPatience},
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

bool Place::resize(std::size_t amount) noexcept {
    if (!state_) return amount == 0;
    if (amount > amount_) {
        const std::size_t more = amount - amount_;
        const std::size_t before = state_->taken.fetch_add(more, std::memory_order_relaxed);
        if (before > state_->most || more > state_->most - before) {
            state_->taken.fetch_sub(more, std::memory_order_relaxed);
            return false;
        }
    } else {
        state_->taken.fetch_sub(amount_ - amount, std::memory_order_relaxed);
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

}  // namespace rues::api
