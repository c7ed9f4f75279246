#include "support/memory_bus.hpp"

#include <algorithm>
#include <utility>

namespace rues::test {

using cluster::bus_failure;
using cluster::BusError;
using cluster::BusResult;
using cluster::Bytes;
using cluster::ByteView;
using cluster::Entry;
using cluster::Timeout;
using Kind = cluster::BusError::Kind;

namespace {

bool is_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    });
}

BusError too_large() {
    return {Kind::invalid, "the message is larger than the bus takes"};
}

/// An entry as the body of a task: revision in decimal, key, value.
Bytes packed(const std::string& key, ByteView value, std::uint64_t revision) {
    Bytes out = base::to_bytes(std::to_string(revision) + " " + key + " ");
    base::append(out, value);
    return out;
}

Entry unpacked(const Bytes& body) {
    const auto text = base::text(body);
    const auto first = text.find(' ');
    const auto second = text.find(' ', first + 1);
    return {std::string(text.substr(first + 1, second - first - 1)), base::to_bytes(text.substr(second + 1)),
            std::stoull(std::string(text.substr(0, first)))};
}

class MemoryServing final : public cluster::Serving {
public:
    MemoryServing(std::shared_ptr<MemoryTarget> target, std::function<void()> remove)
        : target_(std::move(target)), remove_(std::move(remove)) {}
    ~MemoryServing() override {
        remove_();
        const std::lock_guard lock(target_->running);
        target_->is_over = true;
    }

private:
    std::shared_ptr<MemoryTarget> target_;
    std::function<void()> remove_;
};

/// The answer that a request waits for.
struct Awaited {
    std::mutex mutex;
    std::condition_variable came;
    std::optional<Bytes> answer;
};

}  // namespace

// ---- The network ----

void MemoryNetwork::set_full(bool is_full) {
    const std::lock_guard lock(mutex_);
    is_full_ = is_full;
}

void MemoryNetwork::purge(std::uint64_t first) {
    const std::lock_guard lock(mutex_);
    while (!messages_.empty() && messages_.front().sequence < first) messages_.pop_front();
}

void MemoryNetwork::lose_after(std::uint64_t last) {
    const std::lock_guard lock(mutex_);
    while (!messages_.empty() && messages_.back().sequence > last) messages_.pop_back();
    std::erase_if(ids_, [&](const auto& each) { return each.second > last; });
    last_ = std::min(last_, last);
}

void MemoryNetwork::deliver_held() {
    const std::lock_guard lock(mutex_);
    for (const auto& publish : std::exchange(held_, {})) publish();
}

std::vector<base::Bytes> MemoryNetwork::messages() const {
    const std::lock_guard lock(mutex_);
    std::vector<base::Bytes> out;
    for (const auto& each : messages_) out.push_back(each.body);
    return out;
}

void MemoryNetwork::forget_expired_locked(Values& bucket) {
    if (bucket.to_live.count() == 0) return;
    std::erase_if(bucket.values,
                  [&](const auto& each) { return clock_.steady() - each.second.written >= bucket.to_live; });
}

BusResult<std::uint64_t> MemoryNetwork::append_locked(ByteView body, const std::string& id, std::uint64_t expected) {
    if (const auto known = ids_.find(id); known != ids_.end()) return known->second;
    if (expected != last_) return bus_failure(Kind::refused, "the last sequence is " + std::to_string(last_));
    if (is_full_) return bus_failure(Kind::full, "no room");
    messages_.push_back({++last_, base::to_bytes(body)});
    ids_[id] = last_;
    grown_.notify_all();
    return last_;
}

void MemoryNetwork::told_locked(const std::string& bucket, const std::string& key, const Value& value) {
    for (const auto& each : targets_) {
        if (each->bucket == bucket && !each->bucket.empty() && each->bus->is_up_)
            each->bus->post_locked(each, packed(key, value.bytes, value.revision), nullptr);
    }
}

// ---- A machine's connection ----

MemoryBus::MemoryBus(MemoryNetwork& network) : network_(network) {
    {
        const std::lock_guard lock(network_.mutex_);
        network_.buses_.insert(this);
    }
    thread_ = std::thread([this] { work(); });
}

MemoryBus::~MemoryBus() {
    {
        const std::lock_guard lock(network_.mutex_);
        network_.buses_.erase(this);
        is_over_ = true;
        has_tasks_.notify_all();
    }
    thread_.join();
}

void MemoryBus::work() {
    for (;;) {
        Task task;
        {
            std::unique_lock lock(network_.mutex_);
            has_tasks_.wait(lock, [this] { return is_over_ || !tasks_.empty(); });
            if (is_over_) return;
            task = std::move(tasks_.front());
            tasks_.pop_front();
        }
        const std::lock_guard running(task.target->running);
        if (!task.target->is_over) task.target->handler(std::move(task.body), std::move(task.reply));
    }
}

void MemoryBus::post_locked(std::shared_ptr<MemoryTarget> target, Bytes body, cluster::Reply reply) {
    tasks_.push_back({std::move(target), std::move(body), std::move(reply)});
    has_tasks_.notify_all();
}

void MemoryBus::cut() {
    const std::lock_guard lock(network_.mutex_);
    if (is_up_) ++losses_;
    is_up_ = false;
    network_.grown_.notify_all();
}

void MemoryBus::join() {
    const std::lock_guard lock(network_.mutex_);
    is_up_ = true;
    for (const auto& each : network_.targets_) {
        if (each->bus != this || each->bucket.empty()) continue;
        for (const auto& [key, value] : network_.buckets_[each->bucket].values)
            post_locked(each, packed(key, value.bytes, value.revision), nullptr);
    }
}

void MemoryBus::lose_requests(unsigned count) {
    const std::lock_guard lock(network_.mutex_);
    lost_requests_ = count;
}

void MemoryBus::lose_replies(unsigned count) {
    const std::lock_guard lock(network_.mutex_);
    lost_replies_ = count;
}

void MemoryBus::stall_reading() {
    const std::lock_guard lock(network_.mutex_);
    is_stalled_ = true;
}

void MemoryBus::hold_publishes(unsigned count) {
    const std::lock_guard lock(network_.mutex_);
    held_publishes_ = count;
}

cluster::Link MemoryBus::link() const {
    const std::lock_guard lock(network_.mutex_);
    return {is_up_, is_up_ ? "memory" : "", losses_};
}

template <typename T, typename What>
BusResult<T> MemoryBus::attempt_locked(What what) {
    if (!is_up_) return bus_failure(Kind::unreachable, "the link is cut");
    if (lost_requests_ > 0) {
        --lost_requests_;
        return bus_failure(Kind::unclear, "no answer came in time");
    }
    BusResult<T> out = what();
    if (lost_replies_ > 0) {
        --lost_replies_;
        return bus_failure(Kind::unclear, "no answer came in time");
    }
    return out;
}

BusResult<Bytes> MemoryBus::request(std::string_view subject, ByteView body, Timeout timeout) {
    if (!is_name(subject)) return bus_failure(Kind::invalid, "no subject");
    if (body.size() > most_bytes()) return std::unexpected(too_large());
    const auto awaited = std::make_shared<Awaited>();
    {
        const std::lock_guard lock(network_.mutex_);
        const auto sent = attempt_locked<bool>([&]() -> BusResult<bool> {
            bool is_served = false;
            for (const auto& each : network_.targets_) {
                if (each->subject != subject || !each->bus->is_up_) continue;
                is_served = true;
                each->bus->post_locked(each, base::to_bytes(body), [awaited](ByteView answer) {
                    const std::lock_guard own(awaited->mutex);
                    if (!awaited->answer) awaited->answer = base::to_bytes(answer);
                    awaited->came.notify_all();
                });
            }
            if (!is_served) return bus_failure(Kind::unreachable, "nobody serves it");
            return true;
        });
        if (!sent) return std::unexpected(sent.error());
    }
    std::unique_lock lock(awaited->mutex);
    if (!awaited->came.wait_for(lock, timeout, [&] { return awaited->answer.has_value(); }))
        return bus_failure(Kind::unclear, "no answer came in time");
    return *awaited->answer;
}

BusResult<void> MemoryBus::tell(std::string_view subject, ByteView body) {
    if (!is_name(subject)) return bus_failure(Kind::invalid, "no subject");
    if (body.size() > most_bytes()) return std::unexpected(too_large());
    const std::lock_guard lock(network_.mutex_);
    if (!is_up_) return bus_failure(Kind::unreachable, "the link is cut");
    for (const auto& each : network_.targets_) {
        if (each->subject == subject && each->bus->is_up_)
            each->bus->post_locked(each, base::to_bytes(body), [](ByteView) {});
    }
    return {};
}

std::unique_ptr<cluster::Serving> MemoryBus::added(std::shared_ptr<MemoryTarget> target) {
    target->bus = this;
    network_.targets_.push_back(target);
    return std::make_unique<MemoryServing>(target, [network = &network_, target] {
        const std::lock_guard lock(network->mutex_);
        std::erase(network->targets_, target);
    });
}

BusResult<std::unique_ptr<cluster::Serving>> MemoryBus::serve(std::string_view subject, cluster::Handler handler,
                                                              Timeout) {
    if (!is_name(subject)) return bus_failure(Kind::invalid, "no subject");
    const std::lock_guard lock(network_.mutex_);
    return attempt_locked<std::unique_ptr<cluster::Serving>>([&]() -> BusResult<std::unique_ptr<cluster::Serving>> {
        const auto target = std::make_shared<MemoryTarget>();
        target->handler = std::move(handler);
        target->subject = subject;
        return added(target);
    });
}

// ---- Buckets and the stream ----

class MemoryBucket final : public cluster::Bucket {
public:
    MemoryBucket(MemoryBus& bus, std::string name) : bus_(bus), name_(std::move(name)) {}

    BusResult<std::optional<Entry>> get(std::string_view key, Timeout) override {
        if (!is_name(key)) return bus_failure(Kind::invalid, "no key");
        const std::lock_guard lock(network().mutex_);
        return bus_.attempt_locked<std::optional<Entry>>([&]() -> BusResult<std::optional<Entry>> {
            const auto& values = now_locked().values;
            const auto found = values.find(key);
            if (found == values.end()) return std::nullopt;
            return Entry{found->first, found->second.bytes, found->second.revision};
        });
    }
    BusResult<std::vector<Entry>> all(Timeout) override {
        const std::lock_guard lock(network().mutex_);
        return bus_.attempt_locked<std::vector<Entry>>([&]() -> BusResult<std::vector<Entry>> {
            std::vector<Entry> out;
            for (const auto& [key, value] : now_locked().values) out.push_back({key, value.bytes, value.revision});
            return out;
        });
    }
    BusResult<std::uint64_t> put(std::string_view key, ByteView value, Timeout) override {
        return written(key, value, [](const std::uint64_t*) { return true; });
    }
    BusResult<std::uint64_t> create(std::string_view key, ByteView value, Timeout) override {
        return written(key, value, [](const std::uint64_t* present) { return present == nullptr; });
    }
    BusResult<std::uint64_t> update(std::string_view key, ByteView value, std::uint64_t revision, Timeout) override {
        return written(key, value,
                       [&](const std::uint64_t* present) { return present != nullptr && *present == revision; });
    }
    BusResult<void> remove(std::string_view key, std::uint64_t revision, Timeout) override {
        const std::lock_guard lock(network().mutex_);
        return bus_.attempt_locked<void>([&]() -> BusResult<void> {
            auto& values = now_locked().values;
            const auto found = values.find(key);
            if (found == values.end() || found->second.revision != revision)
                return bus_failure(Kind::refused, "it has another revision");
            values.erase(found);
            return {};
        });
    }
    BusResult<std::unique_ptr<cluster::Serving>> watch(OnEntry on_entry, Timeout) override {
        const std::lock_guard lock(network().mutex_);
        return bus_.attempt_locked<std::unique_ptr<cluster::Serving>>(
            [&]() -> BusResult<std::unique_ptr<cluster::Serving>> {
                const auto target = std::make_shared<MemoryTarget>();
                target->handler = [on_entry = std::move(on_entry)](const Bytes& body, const cluster::Reply&) {
                    on_entry(unpacked(body));
                };
                target->bucket = name_;
                auto out = bus_.added(target);
                for (const auto& [key, value] : now_locked().values)
                    bus_.post_locked(target, packed(key, value.bytes, value.revision), nullptr);
                return out;
            });
    }

private:
    MemoryNetwork& network() const { return bus_.network_; }
    MemoryNetwork::Values& now_locked() {
        auto& bucket = network().buckets_[name_];
        network().forget_expired_locked(bucket);
        return bucket;
    }
    template <typename May>
    BusResult<std::uint64_t> written(std::string_view key, ByteView value, May may) {
        if (!is_name(key)) return bus_failure(Kind::invalid, "no key");
        if (value.size() > bus_.most_bytes()) return std::unexpected(too_large());
        const std::lock_guard lock(network().mutex_);
        return bus_.attempt_locked<std::uint64_t>([&]() -> BusResult<std::uint64_t> {
            auto& bucket = now_locked();
            const auto found = bucket.values.find(key);
            if (!may(found == bucket.values.end() ? nullptr : &found->second.revision))
                return bus_failure(Kind::refused, "it has another revision");
            if (network().is_full_) return bus_failure(Kind::full, "no room");
            auto& to = bucket.values[std::string(key)];
            to = {base::to_bytes(value), ++bucket.last_revision, network().clock_.steady()};
            network().told_locked(name_, std::string(key), to);
            return to.revision;
        });
    }

    MemoryBus& bus_;
    const std::string name_;
};

class MemoryStream final : public cluster::Stream {
public:
    explicit MemoryStream(MemoryBus& bus) : bus_(bus) {}

    BusResult<std::uint64_t> publish(ByteView body, std::string_view id, std::uint64_t expected_last,
                                     Timeout) override {
        if (body.size() > bus_.most_bytes()) return std::unexpected(too_large());
        const std::lock_guard lock(network().mutex_);
        return bus_.attempt_locked<std::uint64_t>([&]() -> BusResult<std::uint64_t> {
            if (bus_.held_publishes_ == 0) return network().append_locked(body, std::string(id), expected_last);
            --bus_.held_publishes_;
            network().held_.emplace_back([network = &network(), body = base::to_bytes(body), id = std::string(id),
                                          expected_last] { (void)network->append_locked(body, id, expected_last); });
            return bus_failure(Kind::unclear, "no answer came in time");
        });
    }
    BusResult<cluster::StreamState> state(Timeout) override {
        const std::lock_guard lock(network().mutex_);
        return bus_.attempt_locked<cluster::StreamState>(
            [&]() -> BusResult<cluster::StreamState> { return cluster::StreamState{first_locked(), network().last_}; });
    }
    BusResult<std::vector<cluster::Message>> read(std::uint64_t from, std::size_t most, Timeout timeout) override {
        std::unique_lock lock(network().mutex_);
        network().grown_.wait_for(lock, timeout,
                                  [&] { return (network().last_ >= from && !bus_.is_stalled_) || !bus_.is_up_; });
        return bus_.attempt_locked<std::vector<cluster::Message>>([&]() -> BusResult<std::vector<cluster::Message>> {
            if (from < first_locked()) return bus_failure(Kind::not_found, "the stream does not hold it any more");
            std::vector<cluster::Message> out;
            for (const auto& each : network().messages_) {
                if (bus_.is_stalled_) break;
                if (each.sequence >= from && out.size() < most) out.push_back(each);
            }
            return out;
        });
    }

    void pause_reading() override {
        const std::lock_guard lock(network().mutex_);
        bus_.is_stalled_ = false;
    }

private:
    MemoryNetwork& network() const { return bus_.network_; }
    std::uint64_t first_locked() const {
        return network().messages_.empty() ? network().last_ + 1 : network().messages_.front().sequence;
    }

    MemoryBus& bus_;
};

BusResult<std::unique_ptr<cluster::Bucket>> MemoryBus::bucket(std::string_view name, std::chrono::milliseconds to_live,
                                                              Timeout) {
    if (!is_name(name)) return bus_failure(Kind::invalid, "no name");
    const std::lock_guard lock(network_.mutex_);
    return attempt_locked<std::unique_ptr<cluster::Bucket>>([&]() -> BusResult<std::unique_ptr<cluster::Bucket>> {
        network_.buckets_[std::string(name)].to_live = to_live;
        return std::make_unique<MemoryBucket>(*this, std::string(name));
    });
}

BusResult<std::unique_ptr<cluster::Stream>> MemoryBus::stream(Timeout) {
    const std::lock_guard lock(network_.mutex_);
    return attempt_locked<std::unique_ptr<cluster::Stream>>(
        [&]() -> BusResult<std::unique_ptr<cluster::Stream>> { return std::make_unique<MemoryStream>(*this); });
}

}  // namespace rues::test
