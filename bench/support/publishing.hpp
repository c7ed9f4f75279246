#pragma once

#include <functional>
#include <string>
#include <vector>

#include "support/meter.hpp"

namespace rues::bench {

/// An order to a publishing program: one line of its input.
struct Order {
    std::size_t bursts = 1;
    std::size_t burst = 1;          ///< events that are published together
    unsigned interval_us = 0;       ///< from one burst to the next; 0: no pause
    std::size_t outstanding = 0;    ///< most bursts that not every session has received yet; 0: no limit
    std::size_t message_bytes = 0;  ///< for publishers that do not make real events
    std::string topic = "included";

    std::size_t events() const noexcept { return bursts * burst; }
    std::string line() const;
    static Order parse(const std::string& line);
};

/// Publishes the events of one burst. Returns the bytes that each session gets.
using Publish = std::function<std::size_t(const Order&)>;

/// Runs a publishing program: reads orders from its input until the input ends. It answers each order with `done` after
/// it has published, and the line `latencies` with the 50th and 99th percentile of the latencies since the last such
/// line.
void serve_orders(Meter& meter, std::size_t sessions, const Publish& publish,
                  const std::function<std::vector<double>()>& take_latencies);

double now_us();  ///< time of the steady clock, in microseconds

/// A listening socket on the loopback interface, and its port.
std::pair<int, std::uint16_t> listen_here();

}  // namespace rues::bench
