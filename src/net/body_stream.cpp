#include "net/body_stream.hpp"

#include "base/client.hpp"

namespace rues::net {

BodyStream::~BodyStream() {
    // The source may hold a snapshot or a file; a loop must not wait for their release.
    if (source_ == nullptr) return;
    const base::ActingFor nobody(nullptr);  // a client that has spent its share would be refused
    executor_([source = std::move(source_)] {});
}

bool BodyStream::ask(Post post, std::move_only_function<void(Piece)> done) {
    return executor_([self = shared_from_this(), post = std::move(post), done = std::move(done)]() mutable {
        const std::stop_token gone = self->gone_.get_token();
        if (gone.stop_requested()) return;
        Piece piece = self->source_->next(gone);
        // The loop gets the stream back, so that it is the last owner.
        post([kept = std::move(self), done = std::move(done), piece = std::move(piece)]() mutable {
            done(std::move(piece));
        });
    });
}

}  // namespace rues::net
