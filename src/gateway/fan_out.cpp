#include "gateway/fan_out.hpp"

#include <mutex>
#include <optional>

#include "client/failure.hpp"

namespace rues::gateway {
namespace {

/// What the tasks of one request share. Any thread.
class Fan {
public:
    Fan(NodeRequest asked, OnAnswer done, std::size_t nodes)
        : request(std::move(asked)), done_(std::move(done)), left_(nodes) {}

    const NodeRequest request;

    void answered(Result<client::Answer> answer) {
        OnAnswer done;
        {
            const std::lock_guard lock(mutex_);
            --left_;
            const bool is_good = answer && answer->ok();
            if (!is_good) {
                // An answer says more than an error.
                if (!kept_ || (!*kept_ && answer)) kept_ = std::move(answer);
                if (left_ > 0 || !done_) return;
                answer = std::move(*kept_);
            }
            done = std::exchange(done_, nullptr);
        }
        if (done) done(std::move(answer));
    }

private:
    std::mutex mutex_;
    OnAnswer done_;  ///< empty: it was called
    std::size_t left_;
    std::optional<Result<client::Answer>> kept_;
};

}  // namespace

void fan_out(Upstreams& nodes, const net::Executor& executor, NodeRequest request, OnAnswer done) {
    const auto to = nodes.in_turn();
    if (to.empty()) return done(client::failure(Error::Kind::unreachable, "no node answers"));
    const auto fan = std::make_shared<Fan>(std::move(request), std::move(done), to.size());
    for (const auto node : to) {
        const bool is_taken = executor([&nodes, node, fan] {
            const auto& asked = fan->request;
            const Upstreams::Asking asking(nodes, node);
            auto answer =
                client::http(nodes[node].url, asked.method, asked.target, asked.headers, asked.body, kPropagateTimeout);
            if (!answer) nodes.failed(node, answer.error().text);
            fan->answered(std::move(answer));
        });
        if (!is_taken) fan->answered(client::failure(Error::Kind::unreachable, "too many requests wait for nodes"));
    }
}

}  // namespace rues::gateway
