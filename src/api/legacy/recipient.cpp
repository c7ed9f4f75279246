#include "api/legacy/socket.hpp"

namespace rues::api::legacy {
namespace {

/// Takes an answer to its socket, from any thread.
class ToSocket final : public Recipient {
public:
    ToSocket(std::shared_ptr<Link> link, std::uint64_t request) : link_(std::move(link)), request_(request) {}
    ToSocket(const ToSocket&) = delete;
    ToSocket& operator=(const ToSocket&) = delete;
    ~ToSocket() override {
        if (is_done_) return;
        const Failure failure{ErrorCode::internal, {}};
        send(render(failure, false, link_->failures), failure.text());
    }

    void send(net::Response response, std::string_view failure) override {
        is_done_ = true;
        give([request = request_, response = std::move(response), failure = std::string(failure)](Socket& to) mutable {
            to.answered(request, std::move(response), failure);
        });
    }
    void stream(net::Response head, std::unique_ptr<net::BodySource> body, net::Executor executor,
                bool by_item) override {
        is_done_ = true;
        auto lent = std::make_shared<net::BodyStream>(std::move(body), std::move(executor));
        give([request = request_, head = std::move(head), lent = std::move(lent), by_item](Socket& to) mutable {
            to.stream(request, std::move(head), std::move(lent), by_item);
        });
    }
    void watch(std::move_only_function<void()> on_end) override {
        if (link_->socket != nullptr) return link_->socket->watch(request_, std::move(on_end));
        link_->context.on_loop(link_->loop, std::move(on_end));
    }
    bool has_gone() const noexcept override { return link_->is_gone.load(std::memory_order_relaxed); }

private:
    /// Calls `give` with the socket, at once on its loop. When the socket is gone, nothing of the answer is released in
    /// this call (`net::Response::until_sent`).
    template <typename Give>
    void give(Give give) {
        const bool is_here = link_->thread.load(std::memory_order_relaxed) == std::this_thread::get_id();
        if (is_here && link_->socket != nullptr) return give(*link_->socket);
        link_->context.on_loop(link_->loop, [link = link_, give = std::move(give)]() mutable {
            if (link->socket != nullptr) give(*link->socket);
        });
    }

    const std::shared_ptr<Link> link_;
    const std::uint64_t request_;
    bool is_done_ = false;
};

}  // namespace

std::unique_ptr<Recipient> recipient_of(std::shared_ptr<Link> link, std::uint64_t request) {
    return std::make_unique<ToSocket>(std::move(link), request);
}

}  // namespace rues::api::legacy
