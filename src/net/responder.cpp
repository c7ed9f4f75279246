#include <type_traits>
#include <utility>

#include "net/answerable.hpp"
#include "net/body_stream.hpp"
#include "net/loop.hpp"

namespace rues::net {

Responder::Responder(std::shared_ptr<Loop> loop, std::weak_ptr<Answerable> to, std::uint64_t request) noexcept
    : loop_(std::move(loop)), to_(std::move(to)), request_(request) {}

Responder::~Responder() {
    drop();
}

Responder& Responder::operator=(Responder&& other) noexcept {
    if (this != &other) {
        drop();
        loop_ = std::move(other.loop_);
        to_ = std::move(other.to_);
        request_ = other.request_;
    }
    return *this;
}

template <typename Give>
void Responder::give(Give give) {
    const auto loop = std::move(loop_);
    if (!loop->runs_here()) {
        // The task must not own the loop: a task that never runs would keep the loop, and with it itself, for ever.
        return loop->post_in_turn([to = to_, give = std::move(give)]() mutable {
            if (const auto alive = to.lock()) give(*alive);
        });
    }
    if (const auto alive = to_.lock()) return give(*alive);
    // Nothing of the answer is released in this call: see Response::until_sent.
    if constexpr (!std::is_trivially_destructible_v<Give>) loop->release_soon(std::make_shared<Give>(std::move(give)));
}

void Responder::drop() {
    if (loop_ != nullptr) give([request = request_](Answerable& to) { to.answer(request, std::nullopt); });
}

void Responder::send(Response response) && {
    give([request = request_, response = std::move(response)](Answerable& to) mutable {
        to.answer(request, std::move(response));
    });
}

void Responder::stream(Response head, std::unique_ptr<BodySource> body, Executor executor) && {
    auto lent = std::make_shared<BodyStream>(std::move(body), std::move(executor));
    give([request = request_, head = std::move(head), lent = std::move(lent)](Answerable& to) mutable {
        to.stream(request, std::move(head), std::move(lent));
    });
}

void Responder::push(Response head, std::unique_ptr<PushHandler> handler) && {
    give([request = request_, head = std::move(head), handler = std::move(handler)](Answerable& to) mutable {
        to.push(request, std::move(head), std::move(handler));
    });
}

void Responder::upgrade(Headers extra, std::unique_ptr<WebSocketHandler> handler, UpgradeOptions options) && {
    give([request = request_, extra = std::move(extra), handler = std::move(handler), options](Answerable& to) mutable {
        to.upgrade(request, extra, std::move(handler), options);
    });
}

void Responder::watch() {
    if (const auto alive = to_.lock()) alive->watch(request_);
}

void Responder::watch(std::move_only_function<void()> on_end) {
    if (const auto alive = to_.lock()) return alive->watch(request_, std::move(on_end));
    loop_->post(std::move(on_end));
}

bool Responder::has_gone() const noexcept {
    return to_.expired();
}

}  // namespace rues::net
