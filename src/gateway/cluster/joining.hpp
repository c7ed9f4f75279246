#pragma once

#include <functional>

#include "base/error.hpp"
#include "base/random.hpp"
#include "gateway/cluster/bus.hpp"
#include "gateway/cluster/pieces.hpp"
#include "gateway/upstreams.hpp"

namespace rues::gateway::cluster {

/// How long a machine without a log waits for the servers of the bus.
inline constexpr std::chrono::seconds kJoin{30};

/// Makes the begin of a cluster's log: its header and chain id.
using MakeBegin = std::function<base::Result<LogBegin>()>;

/// The begin of the cluster's log, for a machine that has no log yet. The first machine of a cluster writes it: of
/// several that try at once one is first, and all get its. Waits for the bus as long as `patience`, or until `is_over`.
/// The error says why the machine cannot join.
base::Result<LogBegin> join(Bus& bus, const MakeBegin& make, std::chrono::milliseconds patience,
                            const std::function<bool()>& is_over);

/// The begin after block `from` of the nodes, with a new epoch.
base::Result<LogBegin> new_begin(const Upstreams& nodes, std::uint64_t from, const base::RandomSource& random);

}  // namespace rues::gateway::cluster
