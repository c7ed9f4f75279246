#pragma once

#include "gateway/cluster/nats/consumer.hpp"

namespace rues::gateway::cluster::nats {

/// Serves a subject by its full name until the result is destroyed.
BusResult<std::unique_ptr<Serving>> serve_subject(const Shared& on, const std::string& subject, Handler handler,
                                                  Timeout timeout);
/// Watches the stream of a bucket, whose subjects begin with `prefix`, on a thread of its own.
BusResult<std::unique_ptr<Serving>> watch_bucket(const Shared& on, const std::string& stream, const std::string& prefix,
                                                 Bucket::OnEntry on_entry, Timeout timeout);

}  // namespace rues::gateway::cluster::nats
