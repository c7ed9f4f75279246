#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "support/meter.hpp"

namespace rues::bench {

struct FeedService {
    std::size_t sessions = 0;
    std::chrono::milliseconds ping_interval{};
    std::filesystem::path store;
    std::string certificate_folder;  ///< `-`: no TLS
};

/// Runs the process of a FeedServer.
int serve_feed(Meter& meter, const FeedService& service);

/// Writes a self-signed certificate and its key.
void make_certificate(const std::filesystem::path& certificate, const std::filesystem::path& key);

}  // namespace rues::bench
