#include "feed/decoded_events.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_decimal.hpp"
#include "feed/topics.hpp"
#include "wire/frame.hpp"

namespace rues::feed {
namespace {

using Contract = base::ByteArray<32>;

constexpr std::string_view kNoDriver = "no driver";

/// The contract and the topic of an event; nullopt for a location that is not one of a contract.
std::optional<std::pair<Contract, std::string>> origin_of(const store::LogRecord& record) {
    auto uri = uri_of(record);
    if (!uri || uri->component != wire::Component::contracts) return std::nullopt;
    const auto contract = base::array_from_hex<32>(*uri->entity);
    if (!contract) return std::nullopt;
    return std::pair(*contract, std::move(uri->topic));
}

DecodedEvents::Message shared(base::Bytes message) {
    return std::make_shared<const base::Bytes>(std::move(message));
}

}  // namespace

bool is_decodable(const store::LogRecord& record) {
    if (record.filter.component != wire::Component::contracts) return false;
    return wire::header_of(wire::parts_of(record.message).headers, "Content-Type") == "application/octet-stream";
}

DecodedEvents::DecodedEvents(Decoder decoder, std::size_t max_bytes, const base::Clock& clock, Pool pool, Tell tell)
    : decoder_(std::move(decoder)),
      clock_(clock),
      pool_(std::move(pool)),
      tell_(std::move(tell)),
      max_bytes_(max_bytes),
      kept_(max_bytes) {}

/// REQUIRES: the lock is held. `joins`: the loop is told when an event that is under way is so no longer.
DecodedEvents::Look DecodedEvents::known(const store::LogRecord& record, std::size_t loop, bool joins) {
    if (const Kept* const kept = kept_.find(record.seq)) {
        if (kept->message) return {kept->message, false};
        if (clock_.steady() < kept->until) return {shared(wire::as_undecoded(record.message, kept->reason)), false};
    }
    const auto found = under_way_.find(record.seq);
    if (found == under_way_.end()) return {};
    if (joins && std::ranges::count(found->second, loop) == 0) found->second.push_back(loop);
    return {nullptr, true};
}

DecodedEvents::Look DecodedEvents::find(const store::LogRecord& record, std::size_t loop) {
    const Lock lock(mutex_);
    return known(record, loop, true);
}

DecodedEvents::Look DecodedEvents::ask(const store::LogRecord& record, std::size_t loop) {
    const auto origin = origin_of(record);
    {
        const Lock lock(mutex_);
        if (auto look = known(record, loop, true); look.message || look.is_under_way) return look;
        const std::size_t bytes = record.message.size();
        if (waiting_ >= kMaxWaiting || (waiting_ > 0 && waiting_bytes_ + bytes > kMaxWaitingBytes)) return {};
        ++waiting_;
        waiting_bytes_ += bytes;
        under_way_[record.seq] = {loop};
        const Contract contract = origin ? origin->first : Contract{};
        Queue& queue = queues_[contract];
        queue.events.push_back({record.seq, base::to_bytes(record.message)});
        if (queue.events.size() == 1 && queue.running < kMostOfOne) add_turn(contract);
    }
    begin_tasks();
    return {nullptr, true};
}

/// REQUIRES: the lock is held.
bool DecodedEvents::is_slow(const Contract& contract) {
    const auto found = slow_.find(contract);
    if (found == slow_.end()) return false;
    if (clock_.steady() < found->second) return true;
    slow_.erase(found);
    return false;
}

/// REQUIRES: the lock is held; the contract has no turn.
void DecodedEvents::add_turn(const Contract& contract) {
    (is_slow(contract) ? slow_turns_ : turns_).push_back(contract);
}

/// The number of events that may begin now. REQUIRES: the lock is held.
std::size_t DecodedEvents::ready() const {
    return turns_.size() + std::min(slow_turns_.size(), kMostOfSlow - slow_running_);
}

/// Gives the pool a task for each event that may begin. An event that waits for other events of its contract, or of
/// slow contracts, has none, so that a thread never takes a task in vain.
void DecodedEvents::begin_tasks() {
    for (;;) {
        {
            const Lock lock(mutex_);
            if (tasks_ >= ready()) return;
            ++tasks_;
        }
        if (pool_([this] { run_next(); })) continue;
        const Lock lock(mutex_);
        --tasks_;
        return;
    }
}

/// Decodes the event whose turn it is.
void DecodedEvents::run_next() {
    Waiting event;
    Contract contract{};
    std::uint64_t begun = 0;
    bool is_of_slow = false;
    {
        const Lock lock(mutex_);
        --tasks_;
        if (ready() == 0) return;
        is_of_slow = !slow_turns_.empty() && slow_running_ < kMostOfSlow;
        auto& turns = is_of_slow ? slow_turns_ : turns_;
        contract = turns.front();
        turns.pop_front();
        if (is_of_slow) ++slow_running_;
        Queue& queue = queues_[contract];
        event = std::move(queue.events.front());
        queue.events.pop_front();
        ++queue.running;
        if (!queue.events.empty() && queue.running < kMostOfOne) add_turn(contract);
        --waiting_;
        waiting_bytes_ -= event.message.size();
        begun = changes_;
    }
    begin_tasks();
    const Result result = make(event.seq, event.message);
    {
        const Lock lock(mutex_);
        const auto queue = queues_.find(contract);
        // It has its turn already, unless it had all the threads that it may have.
        const bool has_turn = queue->second.running < kMostOfOne;
        --queue->second.running;
        if (is_of_slow) --slow_running_;
        if (result.is_slow) remember_slow(contract);
        if (!queue->second.events.empty() && !has_turn) add_turn(contract);
        if (queue->second.events.empty() && queue->second.running == 0) queues_.erase(queue);
    }
    finish(event.seq, result, begun);
    begin_tasks();
}

DecodedEvents::Look DecodedEvents::decode(const store::LogRecord& record, std::size_t loop, bool also_slow) {
    const auto origin = also_slow ? std::nullopt : origin_of(record);
    bool is_of_slow = false;
    if (origin) {
        const Lock lock(mutex_);
        is_of_slow = is_slow(origin->first);
    }
    if (is_of_slow) {
        if (auto look = ask(record, loop); look.message || look.is_under_way) return look;
    }
    std::uint64_t begun = 0;
    {
        const Lock lock(mutex_);
        if (auto look = known(record, loop, true); look.message || look.is_under_way) return look;
        under_way_[record.seq] = {};
        begun = changes_;
    }
    Result result = make(record.seq, record.message);
    finish(record.seq, result, begun);
    return {std::move(result.message), false};
}

DecodedEvents::Message DecodedEvents::decode_now(const store::LogRecord& record) {
    std::uint64_t begun = 0;
    {
        const Lock lock(mutex_);
        if (auto look = known(record, 0, false); look.message) return look.message;
        begun = changes_;
    }
    Result result = make(record.seq, record.message);
    const Lock lock(mutex_);
    keep(record.seq, result, begun);
    return std::move(result.message);
}

DecodedEvents::Result DecodedEvents::make(std::uint64_t seq, base::ByteView message) const {
    const auto failed = [&](std::string_view why) {
        return Result{shared(wire::as_undecoded(message, why)), std::string(why)};
    };
    const auto origin = origin_of({seq, {}, message});
    if (!decoder_ || !origin) return failed(kNoDriver);
    const auto begun = clock_.steady();
    const auto decoded = decoder_(origin->first, origin->second, wire::parts_of(message).payload);
    Result out;
    if (!decoded) {
        out = failed(decoded.error());
    } else if (const std::string json = base::json::print_decimal(*decoded); json.size() > kMaxJson) {
        out = failed(fmt::format("the decoded payload has more than {} bytes", kMaxJson));
    } else {
        out.message = shared(wire::as_decoded(message, json));
    }
    if (clock_.steady() - begun >= kSlowDecoding) out.is_slow = origin->first;
    return out;
}

/// REQUIRES: the lock is held.
void DecodedEvents::remember_slow(const Contract& contract) {
    const auto now = clock_.steady();
    if (slow_.size() >= kMaxSlow) std::erase_if(slow_, [now](const auto& each) { return each.second <= now; });
    if (slow_.size() < kMaxSlow) slow_[contract] = now + kSlowFor;
}

/// REQUIRES: the lock is held.
void DecodedEvents::keep(std::uint64_t seq, const Result& result, std::uint64_t begun) {
    if (result.is_slow) remember_slow(*result.is_slow);
    if (begun != changes_) return;  // made by a driver that is not the present one
    if (result.failure.empty()) {
        kept_.put(seq, {result.message, {}, {}}, kEntryBytes + result.message->size());
    } else {
        kept_.put(seq, {nullptr, result.failure.substr(0, wire::kMaxReason), clock_.steady() + kFailureKept},
                  kEntryBytes + wire::kMaxReason);
    }
}

void DecodedEvents::finish(std::uint64_t seq, const Result& result, std::uint64_t begun) {
    std::vector<std::size_t> loops;
    {
        const Lock lock(mutex_);
        keep(seq, result, begun);
        if (const auto found = under_way_.find(seq); found != under_way_.end()) {
            loops = std::move(found->second);
            under_way_.erase(found);
        }
    }
    for (const std::size_t loop : loops) tell_(loop);
}

bool DecodedEvents::is_under_way(std::uint64_t seq, std::size_t loop) {
    const Lock lock(mutex_);
    const auto found = under_way_.find(seq);
    if (found == under_way_.end()) return false;
    if (std::ranges::count(found->second, loop) == 0) found->second.push_back(loop);
    return true;
}

void DecodedEvents::give_up(std::uint64_t seq, std::string_view reason) {
    const Lock lock(mutex_);
    if (const Kept* const kept = kept_.find(seq); kept != nullptr && kept->message) return;
    kept_.put(seq, {nullptr, std::string(reason.substr(0, wire::kMaxReason)), clock_.steady() + kFailureKept},
              kEntryBytes + wire::kMaxReason);
}

void DecodedEvents::forget() {
    base::LruCache<std::uint64_t, Kept> dropped(max_bytes_);  // freed after the lock is released
    const Lock lock(mutex_);
    ++changes_;
    std::swap(kept_, dropped);
}

void DecodedEvents::tick() {
    begin_tasks();
}

std::size_t DecodedEvents::waiting() const {
    const Lock lock(mutex_);
    return waiting_;
}

std::size_t DecodedEvents::kept_bytes() const {
    const Lock lock(mutex_);
    return kept_.bytes();
}

}  // namespace rues::feed
