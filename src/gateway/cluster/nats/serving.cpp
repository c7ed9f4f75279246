#include "gateway/cluster/nats/serving.hpp"

#include <fmt/format.h>

namespace rues::gateway::cluster::nats {
namespace {

/// How long the end of a subject may take: a server must know that no further request is to come.
constexpr Timeout kEnd{500};
/// A thread that watches a bucket looks so often whether it shall end.
constexpr Timeout kTurn{250};
constexpr Timeout kLook{2'000};  ///< for the questions of such a thread

/// A handler and the lock under which it runs, so that none runs after its `Serving`.
struct Target {
    std::mutex running;
    bool is_over = false;
    Handler handler;
    std::weak_ptr<Connection> on;
};

void serve_message(natsConnection*, natsSubscription*, natsMsg* got, void* closure) {
    const Msg message(got);
    const auto& target = *static_cast<std::shared_ptr<Target>*>(closure);
    const char* to = natsMsg_GetReply(got);
    Reply reply = [on = target->on, subject = std::string(to != nullptr ? to : "")](ByteView answer) {
        const auto connection = subject.empty() ? nullptr : on.lock();
        if (connection) connection->reply(subject, answer);
    };
    const std::lock_guard running(target->running);
    if (!target->is_over) target->handler(body_of(message), std::move(reply));
}

void forget_target(void* closure) {
    delete static_cast<std::shared_ptr<Target>*>(closure);
}

class NatsServing final : public Serving {
public:
    NatsServing(Shared on, std::shared_ptr<Target> target, natsSubscription* subscription)
        : on_(std::move(on)), target_(std::move(target)), subscription_(subscription) {}
    ~NatsServing() override {
        if (natsSubscription_Unsubscribe(subscription_) == NATS_OK && on_->is_up())
            (void)natsConnection_FlushTimeout(on_->nc(), kEnd.count());
        natsSubscription_Destroy(subscription_);
        const std::lock_guard running(target_->running);
        target_->is_over = true;
    }

private:
    Shared on_;
    std::shared_ptr<Target> target_;
    natsSubscription* subscription_;
};

/// A thread that reads a bucket and passes on what comes.
class Watch final : public Serving {
public:
    Watch(const Shared& on, const std::string& stream, const std::string& prefix, Bucket::OnEntry on_entry)
        : consumer_(on, stream, prefix + ">"), prefix_(prefix), on_entry_(std::move(on_entry)) {}
    BusResult<void> open(Timeout timeout) {
        if (const auto done = consumer_.open(0, timeout); !done) return done;
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
        return {};
    }

private:
    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            if (!consumer_.is_open() && !consumer_.open(0, kLook)) {
                std::this_thread::sleep_for(kTurn);
                continue;
            }
            const auto next = consumer_.next(kTurn);
            if (!next || !next->message) continue;
            std::string key(natsMsg_GetSubject(next->message.get()));
            if (key.starts_with(prefix_))
                on_entry_({key.substr(prefix_.size()), body_of(next->message), next->sequence});
        }
    }

    Consumer consumer_;
    const std::string prefix_;
    const Bucket::OnEntry on_entry_;
    std::jthread thread_;
};

}  // namespace

BusResult<std::unique_ptr<Serving>> serve_subject(const Shared& on, const std::string& subject, Handler handler,
                                                  Timeout timeout) {
    auto target = std::make_shared<Target>();
    target->handler = std::move(handler);
    target->on = on;
    auto closure = std::make_unique<std::shared_ptr<Target>>(target);
    natsSubscription* subscription = nullptr;
    auto status = natsConnection_Subscribe(&subscription, on->nc(), subject.c_str(), &serve_message, closure.get());
    if (status != NATS_OK) return failed(status, 0, fmt::format("serving {}", subject));
    (void)natsSubscription_SetOnCompleteCB(subscription, &forget_target, closure.release());
    auto out = std::make_unique<NatsServing>(on, std::move(target), subscription);
    // After this the server knows of it.
    status = natsConnection_FlushTimeout(on->nc(), wait_of(timeout));
    if (status != NATS_OK) return failed(status, 0, fmt::format("serving {}", subject));
    return out;
}

BusResult<std::unique_ptr<Serving>> watch_bucket(const Shared& on, const std::string& stream, const std::string& prefix,
                                                 Bucket::OnEntry on_entry, Timeout timeout) {
    auto out = std::make_unique<Watch>(on, stream, prefix, std::move(on_entry));
    if (const auto done = out->open(timeout); !done) return std::unexpected(done.error());
    return out;
}

}  // namespace rues::gateway::cluster::nats
