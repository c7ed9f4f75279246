#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace rues::api {

/// Makes the proofs of `prover/prove`. `app` implements it, so that this room knows no circuit. Any thread.
class Prover {
public:
    /// A decoded circuit that a client wants to have proved. It has secrets of the client, and wipes them when it is
    /// destroyed.
    class Request {
    public:
        Request() = default;
        Request(const Request&) = delete;
        Request& operator=(const Request&) = delete;
        virtual ~Request() = default;
    };

    virtual ~Prover() = default;
    /// Some milliseconds. The error is the network's text: `BadLength(found, expected)` or `InvalidData`.
    virtual base::Result<std::unique_ptr<Request>> decode(base::ByteView circuit) const = 0;
    /// nullopt: the keys for this request are ready. Else they are being made from now on, and the answer is the number
    /// of seconds after which it is worth asking again. Never waits.
    virtual std::optional<unsigned> seconds_until_ready(const Request& request) = 0;
    /// The bytes of the proof. Takes seconds of several threads. `go_on` is asked between the steps. Errors: `invalid`:
    /// the request does not satisfy its circuit, and the text says where; `would_block`: `go_on` said no; `io`: the
    /// keys are not ready, or the system has no randomness.
    virtual base::Result<base::Bytes> prove(const Request& request, const std::function<bool()>& go_on) = 0;
};

}  // namespace rues::api
