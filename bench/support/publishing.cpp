#include "support/publishing.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <iostream>
#include <sstream>

#include "support/measure.hpp"

namespace rues::bench {
namespace {

void sleep_until(double us) {
    const timespec until{static_cast<time_t>(us / 1e6),
                         static_cast<long>((us - static_cast<long>(us / 1e6) * 1e6) * 1e3)};
    while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
    }
}

void obey(const Order& order, Meter& meter, std::size_t sessions, const Publish& publish) {
    double next = now_us();
    std::uint64_t sent = 0;  // bytes for each session
    for (std::size_t i = 0; i < order.bursts; ++i) {
        if (order.interval_us > 0) {
            sleep_until(next);
            next += order.interval_us;
        }
        const std::uint64_t each = i == 0 ? 0 : sent / i;
        if (i >= order.outstanding && order.outstanding > 0) {
            meter.wait_for_received((sent - (order.outstanding - 1) * each) * sessions);
        }
        const std::uint64_t bytes = publish(order);
        sent += bytes;
        meter.publish(bytes);
    }
    meter.finish();
}

}  // namespace

std::string Order::line() const {
    return fmt::format("{} {} {} {} {} {}", bursts, burst, interval_us, outstanding, message_bytes, topic);
}

Order Order::parse(const std::string& line) {
    Order out;
    std::istringstream in(line);
    in >> out.bursts >> out.burst >> out.interval_us >> out.outstanding >> out.message_bytes >> out.topic;
    require(!in.fail(), "an order cannot be read");
    return out;
}

void serve_orders(Meter& meter, std::size_t sessions, const Publish& publish,
                  const std::function<std::vector<double>()>& take_latencies) {
    for (std::string line; std::getline(std::cin, line);) {
        if (line != "latencies") {
            obey(Order::parse(line), meter, sessions, publish);
            fmt::print("done\n");
        } else {
            auto all = take_latencies();
            if (all.empty()) all.push_back(0);
            std::ranges::sort(all);
            const auto percentile = [&](std::size_t of) {
                return all[std::min(all.size() - 1, all.size() * of / 100)];
            };
            fmt::print("latencies {} {}\n", percentile(50), percentile(99));
        }
        std::fflush(stdout);
    }
}

double now_us() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

std::pair<int, std::uint16_t> listen_here() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in bound{};
    bound.sin_family = AF_INET;
    bound.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof bound;
    auto* const any = reinterpret_cast<sockaddr*>(&bound);
    require(::bind(socket, any, size) == 0 && ::getsockname(socket, any, &size) == 0, "no free port");
    require(::listen(socket, 4'096) == 0, "no listening socket");
    return {socket, ntohs(bound.sin_port)};
}

}  // namespace rues::bench
