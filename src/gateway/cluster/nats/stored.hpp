#pragma once

#include "gateway/cluster/nats/client.hpp"

namespace rues::gateway::cluster::nats {

BusResult<std::unique_ptr<Bucket>> open_bucket(const Shared& on, const std::string& name,
                                               std::chrono::milliseconds to_live, Timeout timeout);
BusResult<std::unique_ptr<Stream>> open_log(const Shared& on, Timeout timeout);

}  // namespace rues::gateway::cluster::nats
