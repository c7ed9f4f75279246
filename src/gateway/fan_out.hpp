#pragma once

#include <memory>

#include "client/http.hpp"
#include "gateway/upstreams.hpp"
#include "net/body_source.hpp"
#include "net/http.hpp"

/// One transaction to all nodes.
namespace rues::gateway {

/// A request as it is sent to a node.
struct NodeRequest {
    std::string method;
    std::string target;  ///< path and query
    client::Headers headers;
    net::Body body;
};

/// How long a node may take to admit a transaction.
inline constexpr std::chrono::milliseconds kPropagateTimeout{10'000};

/// Called once, on a thread of the executor, or on the caller's thread when nothing could be sent.
using OnAnswer = std::move_only_function<void(Result<client::Answer>)>;

/// Sends the request to every healthy node, each in a task of `executor`. `done` gets the first good answer as soon as
/// it is there; when no node has one, the first answer; when no node answers, the first error. `nodes` outlives the
/// tasks.
void fan_out(Upstreams& nodes, const net::Executor& executor, NodeRequest request, OnAnswer done);

}  // namespace rues::gateway
