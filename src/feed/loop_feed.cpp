#include "feed/loop_feed.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>

namespace rues::feed {
namespace {

constexpr std::size_t kMaxBuffers = 256;      // of one write
constexpr std::size_t kMaxWrite = 256 << 10;  // bytes gathered for one write while catching up

}  // namespace

LoopFeed::LoopFeed(std::size_t loop, const store::Store& store, const Tail& tail, const Executors& executors,
                   const Limits& limits, const wire::SessionIdCipher& cipher, const base::Log& log)
    : loop_(loop),
      store_(store),
      tail_(tail),
      executors_(executors),
      limits_(limits),
      cipher_(cipher),
      log_(log),
      processed_(tail.head()) {}

LoopFeed::~LoopFeed() {
    *alive_ = false;
}

LoopFeed::Session* LoopFeed::find(const wire::SessionId& id) const {
    const auto slot = cipher_.open(id).slot;
    if (slot >= slots_.size() || !slots_[slot] || !wire::equal_in_constant_time(slots_[slot]->id, id)) return nullptr;
    return slots_[slot].get();
}

std::optional<wire::SessionId> LoopFeed::open(Sink& sink) {
    if (count_ >= limits_.max_sessions_per_loop) return std::nullopt;
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    wire::SessionAddress address;
    address.loop = static_cast<std::uint8_t>(loop_);
    address.slot = slot;
    if (RAND_bytes(base::u8(address.random), static_cast<int>(address.random.size())) != 1) return std::nullopt;
    free_.pop_back();
    auto session = std::make_unique<Session>();
    session->id = cipher_.seal(address);
    session->sink = &sink;
    slots_[slot] = std::move(session);
    ++count_;
    const auto id = slots_[slot]->id;
    sink.send_text(wire::to_string(id));
    return id;
}

void LoopFeed::closed(const wire::SessionId& id) {
    Session* session = find(id);
    if (session == nullptr) return;
    for (const auto& key : session->subscriptions.keys()) unindex(*session, key);
    behind_.erase(session);
    const auto slot = cipher_.open(id).slot;
    slots_[slot].reset();
    free_.push_back(slot);
    --count_;
}

void LoopFeed::unindex(Session& session, const SubscriptionKey& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    const auto at = std::ranges::find(found->second, &session);
    if (at == found->second.end()) return;
    *at = found->second.back();
    found->second.pop_back();
    if (found->second.empty()) index_.erase(found);
}

SubscribeResult LoopFeed::subscribe(const wire::SessionId& id, const wire::Uri& uri) {
    Session* session = find(id);
    if (session == nullptr) return SubscribeResult::unknown_session;
    auto& subscriptions = session->subscriptions;
    if (subscriptions.has(uri)) return SubscribeResult::ok;
    if (subscriptions.size() >= limits_.max_subscriptions) return SubscribeResult::too_many;
    for (const auto& key : keys_of(uri)) {
        if (!subscriptions.has(key)) index_[key].push_back(session);
    }
    subscriptions.add(uri, tail_.head());
    return SubscribeResult::ok;
}

SubscribeResult LoopFeed::unsubscribe(const wire::SessionId& id, const wire::Uri& uri) {
    Session* session = find(id);
    if (session == nullptr) return SubscribeResult::unknown_session;
    if (!session->subscriptions.remove(uri)) return SubscribeResult::not_subscribed;
    // Another subscription can share a key (a contract topic in two spellings, a collision): then it stays.
    for (const auto& key : keys_of(uri)) {
        if (!session->subscriptions.has(key)) unindex(*session, key);
    }
    return SubscribeResult::ok;
}

void LoopFeed::fall_behind(Session& session, std::uint64_t next) {
    session.live = false;
    session.next = next;
    behind_.insert(&session);
}

void LoopFeed::deliver() {
    std::vector<std::pair<Session*, std::vector<Pending>>> touched;
    std::unordered_map<Session*, std::size_t> places;
    const std::uint64_t head = tail_.head();
    while (processed_ < head) {
        const auto batch = tail_.find(processed_ + 1);
        if (!batch) {
            // The tail went past us: whoever was live continues from the log.
            for (auto& session : slots_) {
                if (session && session->live) fall_behind(*session, processed_ + 1);
            }
            processed_ = head;
            break;
        }
        for (std::size_t i = processed_ + 1 - batch->front().seq; i < batch->size(); ++i) {
            const auto& record = (*batch)[i];
            std::optional<wire::Uri> at;  // read when the first session asks
            for (const auto& key : {any_key(record.filter), exact_key(record.filter)}) {
                const auto found = index_.find(key);
                if (found == index_.end()) continue;
                if (!at && !(at = uri_of(record))) break;
                for (Session* session : found->second) {
                    if (!session->live || !session->subscriptions.want(record, *at)) continue;
                    const auto [place, fresh] = places.try_emplace(session, touched.size());
                    if (fresh) touched.emplace_back(session, std::vector<Pending>());
                    auto& pending = touched[place->second].second;
                    // A session can be under both keys; it gets the event once.
                    if (!pending.empty() && pending.back().batch == batch && pending.back().index == i) continue;
                    pending.push_back({batch, i});
                }
            }
        }
        processed_ = batch->back().seq;
    }
    for (auto& [session, pending] : touched) write(*session, pending);
    const std::vector<Session*> behind(behind_.begin(), behind_.end());  // catching up takes sessions out
    for (Session* session : behind) {
        if (session->next + limits_.catch_up_distance < processed_) drop(*session, 1013, "Slow consumer");
        // Those that the tail overtook have no write under way that would wake them.
        if (!session->blocked && !session->reading) catch_up(*session);
    }
}

bool LoopFeed::write(Session& session, const std::vector<Pending>& pending) {
    std::size_t done = 0;
    while (done < pending.size()) {
        std::array<base::ByteView, kMaxBuffers> buffers;
        std::size_t count = 0;
        std::size_t bytes = 0;
        for (; count < kMaxBuffers && done + count < pending.size(); ++count) {
            const auto& [batch, i] = pending[done + count];
            buffers[count] = (*batch)[i].message;
            bytes += buffers[count].size();
        }
        std::size_t taken = session.sink->write(std::span(buffers).first(count), true);
        if (taken == bytes) {
            done += count;
            continue;
        }
        for (std::size_t i = 0; taken >= buffers[i].size(); ++i) {
            taken -= buffers[i].size();
            ++done;
        }
        const auto& [batch, i] = pending[done];
        const auto& record = (*batch)[i];
        session.blocked = true;
        if (taken > 0) {
            const auto rest = base::ByteView(record.message).subspan(taken);
            session.rest.assign(rest.begin(), rest.end());
            fall_behind(session, record.seq + 1);
        } else {
            // Nothing of this message is sent: whether it is wanted is asked again then.
            session.sink->write({}, true);
            fall_behind(session, record.seq);
        }
        return false;
    }
    return true;
}

void LoopFeed::writable(const wire::SessionId& id) {
    Session* session = find(id);
    if (session == nullptr) return;
    session->blocked = false;
    if (!session->live && !session->reading) catch_up(*session);
}

void LoopFeed::catch_up(Session& session) {
    if (!session.rest.empty()) {
        const base::ByteView rest = session.rest;
        const std::size_t taken = session.sink->write(std::span(&rest, 1), true);
        if (taken < rest.size()) {
            session.rest.erase(session.rest.begin(), session.rest.begin() + static_cast<std::ptrdiff_t>(taken));
            session.blocked = true;
            return;
        }
        session.rest = base::Bytes{};
    }
    if (session.dropped) return;
    while (session.next <= processed_) {
        const auto batch = tail_.find(session.next);
        if (!batch) return read_log(session);
        if (!offer(session, batch)) return;
    }
    session.live = true;
    behind_.erase(&session);
}

bool LoopFeed::offer(Session& session, const store::LogBatch& batch) {
    std::size_t i = session.next - batch->front().seq;
    while (i < batch->size() && (*batch)[i].seq <= processed_) {
        std::vector<Pending> pending;
        std::size_t bytes = 0;
        for (; i < batch->size() && (*batch)[i].seq <= processed_ && bytes < kMaxWrite; ++i) {
            if (!session.subscriptions.want((*batch)[i])) continue;
            pending.push_back({batch, i});
            bytes += (*batch)[i].message.size();
        }
        const std::uint64_t after = batch->front().seq + i;
        if (!write(session, pending)) return false;  // sets the cursor
        session.next = after;
    }
    return true;
}

void LoopFeed::read_log(Session& session) {
    session.reading = true;
    executors_.on_pool([this, alive = alive_, id = session.id, from = session.next, bytes = limits_.catch_up_bytes,
                        &store = store_, &executors = executors_, loop = loop_] {
        auto records = store.read_log(from, bytes);
        executors.on_loop(loop, [this, alive, id, records = std::move(records)]() mutable {
            if (!*alive) return;
            Session* found = find(id);
            if (found == nullptr) return;
            found->reading = false;
            if (found->dropped) return;
            if (!records || records->empty() || records->front().seq != found->next) {
                log_(base::LogLevel::error, "a session's events could not be read from the log");
                return drop(*found, 1011, "Internal error");
            }
            const auto batch = std::make_shared<const std::vector<store::LogRecord>>(std::move(*records));
            if (offer(*found, batch)) catch_up(*found);
        });
    });
}

void LoopFeed::drop(Session& session, std::uint16_t code, const std::string& why) {
    if (session.dropped) return;
    session.dropped = true;
    const std::uint64_t looked_at = session.next - (session.rest.empty() ? 1 : 2);
    session.sink->close(
        code, fmt::format("{}, last position {}", why, wire::Position{store_.epoch(), looked_at}.to_string()));
}

}  // namespace rues::feed
