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
    /// Answers the request, at once or later. It has passed the checks of its row, and its body is as the client sent
    /// it. On the exchange's loop; does not block. `context` outlives the answer.
    virtual void answer(const Context& context, const Route& row, Exchange exchange) = 0;
};

}  // namespace rues::api
