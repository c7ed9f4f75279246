#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/cluster/bus.hpp"
#include "support/memory_bus.hpp"

/// Servers of a bus, for tests that hold for every bus.
namespace rues::gateway::cluster {

class BusWorld {
public:
    virtual ~BusWorld() = default;
    /// Another machine's connection. It ends before the world.
    virtual std::unique_ptr<Bus> machine() = 0;
    virtual std::size_t most_bytes() const = 0;
};

class MemoryWorld final : public BusWorld {
public:
    std::unique_ptr<Bus> machine() override { return std::make_unique<rues::test::MemoryBus>(network_); }
    std::size_t most_bytes() const override { return network_.most_bytes; }

private:
    base::SystemClock clock_;
    rues::test::MemoryNetwork network_{clock_};
};

}  // namespace rues::gateway::cluster
