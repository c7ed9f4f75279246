#pragma once

#include <memory>

#include "net/body_source.hpp"

namespace rues::net {

/// Lends a source to its executor for one piece at a time. Used on one loop; between `ask` and its answer the source
/// belongs to the executor, else to the loop.
class BodyStream : public std::enable_shared_from_this<BodyStream> {
public:
    BodyStream(std::unique_ptr<BodySource> source, Executor executor) noexcept
        : source_(std::move(source)), executor_(std::move(executor)) {}
    BodyStream(const BodyStream&) = delete;
    BodyStream& operator=(const BodyStream&) = delete;
    ~BodyStream();

    /// Runs a task on the loop of the stream's user.
    using Post = std::move_only_function<void(std::move_only_function<void()>)>;
    /// Asks for the next piece. REQUIRES: no earlier request is unanswered. False: the executor is full. `done` runs by
    /// `post`, unless the stream was cancelled; it must not own the loop, because a task that never runs would then
    /// keep the loop alive.
    bool ask(Post post, std::move_only_function<void(Piece)> done);
    /// Tells the source that no piece is wanted any more.
    void cancel() noexcept { gone_.request_stop(); }

private:
    std::unique_ptr<BodySource> source_;
    Executor executor_;
    std::stop_source gone_;
};

}  // namespace rues::net
