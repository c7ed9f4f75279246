#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "net/handler.hpp"

namespace rues::net {

class BodyStream;

/// Takes the answers to requests and sends them to the client, in the form of its protocol: an HTTP/1.1 connection, or
/// later a stream of HTTP/2. A `Responder` knows only this. `request` is the number that the implementation gave the
/// request; a call for a request that waits for no answer is ignored. The calls mean what they mean in `Responder`.
/// Loop thread only.
class Answerable {
public:
    /// nullopt: the responder was dropped.
    virtual void answer(std::uint64_t request, std::optional<Response> response) = 0;
    virtual void stream(std::uint64_t request, Response head, std::shared_ptr<BodyStream> body) = 0;
    virtual void push(std::uint64_t request, Response head, std::unique_ptr<PushHandler> handler) = 0;
    virtual void upgrade(std::uint64_t request, const Headers& extra, std::unique_ptr<WebSocketHandler> handler,
                         UpgradeOptions options) = 0;
    virtual void watch(std::uint64_t request) = 0;
    virtual void watch(std::uint64_t request, std::move_only_function<void()> on_end) = 0;

protected:
    ~Answerable() = default;
};

}  // namespace rues::net
