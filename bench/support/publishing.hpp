#pragma once

#include <functional>
#include <string>
#include <vector>

#include "support/meter.hpp"

namespace rues::bench {

/// What a publishing program is told to do, one line of its input.
struct Order {
    std::size_t bursts = 1;
    std::size_t burst = 1;          ///< events that happen together
    unsigned interval_us = 0;       ///< from one burst to the next; 0: as the readers take them
    std::size_t outstanding = 0;    ///< events that may not have arrived everywhere; 0: any number
    std::size_t message_bytes = 0;  ///< for who does not make real events
    std::string topic = "included";

    std::size_t events() const noexcept { return bursts * burst; }
    std::string line() const;
    static Order parse(const std::string& line);
};

/// Publishes the events of one burst; bytes that every session gets.
using Publish = std::function<std::size_t(const Order&)>;

/// The life of a publishing program: orders from its input until that ends. Answers each with `done`, after it has
/// published, and `latencies` with the 50th and 99th percentile of those that were added since the last time.
void serve_orders(Meter& meter, std::size_t sessions, const Publish& publish,
                  const std::function<std::vector<double>()>& take_latencies);

double now_us();  ///< of the clock that does not jump

/// A listening socket of the loopback interface and its port.
std::pair<int, std::uint16_t> listen_here();

}  // namespace rues::bench
