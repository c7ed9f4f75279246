#include "net/http_connection.hpp"

namespace rues::net {

void Responder::Target::deliver(std::optional<Response> response) {
    if (loop_->runs_here()) {
        if (const auto connection = connection_.lock()) return connection->answer(serial_, std::move(response));
        if (response) loop_->release_soon(std::move(response->until_sent));
        return;
    }
    // The task must not own the loop: a task that never runs would keep the loop, and with it itself, for ever.
    loop_->post([connection = connection_, serial = serial_, response = std::move(response)]() mutable {
        if (const auto alive = connection.lock()) alive->answer(serial, std::move(response));
    });
}

void Responder::Target::stream(Response head, std::shared_ptr<BodyStream> body) {
    if (loop_->runs_here()) {
        if (const auto connection = connection_.lock()) connection->stream(serial_, std::move(head), std::move(body));
        return;
    }
    loop_->post([connection = connection_, serial = serial_, head = std::move(head), body = std::move(body)]() mutable {
        if (const auto alive = connection.lock()) alive->stream(serial, std::move(head), std::move(body));
    });
}

void Responder::Target::push(Response head, std::unique_ptr<PushHandler> handler) {
    if (loop_->runs_here()) {
        if (const auto connection = connection_.lock()) connection->push(serial_, std::move(head), std::move(handler));
        return;
    }
    loop_->post(
        [connection = connection_, serial = serial_, head = std::move(head), handler = std::move(handler)]() mutable {
            if (const auto alive = connection.lock()) alive->push(serial, std::move(head), std::move(handler));
        });
}

void Responder::Target::upgrade(Headers extra, std::unique_ptr<WebSocketHandler> handler, UpgradeOptions options) {
    if (loop_->runs_here()) {
        if (const auto connection = connection_.lock())
            connection->upgrade(serial_, extra, std::move(handler), options);
        return;
    }
    loop_->post([connection = connection_, serial = serial_, extra = std::move(extra), handler = std::move(handler),
                 options]() mutable {
        if (const auto alive = connection.lock()) alive->upgrade(serial, extra, std::move(handler), options);
    });
}

void Responder::Target::watch() {
    if (const auto connection = connection_.lock()) connection->watch(serial_);
}

void Responder::Target::watch(std::move_only_function<void()> on_end) {
    if (const auto connection = connection_.lock()) return connection->watch(serial_, std::move(on_end));
    loop_->post(std::move(on_end));
}

void Responder::watch() {
    target_->watch();
}

void Responder::watch(std::move_only_function<void()> on_end) {
    target_->watch(std::move(on_end));
}

bool Responder::has_gone() const noexcept {
    return target_->has_gone();
}

Responder::Responder(std::shared_ptr<Target> target) noexcept : target_(std::move(target)) {}

Responder::~Responder() {
    if (target_) target_->deliver(std::nullopt);
}

Responder& Responder::operator=(Responder&& other) noexcept {
    if (this != &other) {
        if (target_) target_->deliver(std::nullopt);
        target_ = std::move(other.target_);
    }
    return *this;
}

void Responder::send(Response response) && {
    std::exchange(target_, nullptr)->deliver(std::move(response));
}

void Responder::stream(Response head, std::unique_ptr<BodySource> body, Executor executor) && {
    std::exchange(target_, nullptr)
        ->stream(std::move(head), std::make_shared<BodyStream>(std::move(body), std::move(executor)));
}

void Responder::push(Response head, std::unique_ptr<PushHandler> handler) && {
    std::exchange(target_, nullptr)->push(std::move(head), std::move(handler));
}

void Responder::upgrade(Headers extra, std::unique_ptr<WebSocketHandler> handler, UpgradeOptions options) && {
    std::exchange(target_, nullptr)->upgrade(std::move(extra), std::move(handler), options);
}

}  // namespace rues::net
