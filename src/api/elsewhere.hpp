#pragma once

#include "api/exchange.hpp"

namespace rues::api {

struct Context;
struct Route;

/// Answers requests that this process does not answer from its own store: a gateway gives them to nodes. `gateway`
/// implements it, so that this room knows no nodes. Any loop.
class Elsewhere {
public:
    virtual ~Elsewhere() = default;
    /// Whether `answer` is to be called for this request, in place of the row's handler. Does not block.
    virtual bool takes(const Route& row, const Exchange& exchange) const = 0;
    /// Whether the answer would come from a node. Does not block.
    virtual bool needs_node(const Route& row, const Exchange& exchange) const = 0;
    /// Whether a node can be asked that has the block of this height of the chain here. Any thread; does not block.
    virtual bool has_node_at(std::uint64_t height) const = 0;
    /// Answers the request, at once or later. It has passed the checks of its row, and its body is as the client sent
    /// it. On the exchange's loop; does not block. `context` outlives the answer.
    virtual void answer(const Context& context, const Route& row, Exchange exchange) = 0;
};

}  // namespace rues::api
