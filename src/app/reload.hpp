#pragma once

#include <functional>

#include "app/settings.hpp"
#include "feed/hub.hpp"

namespace rues::app {

/// The TLS of these settings, read from its files. nullptr without settings for it; one alone would mean that somebody
/// takes a plain server for a secured one.
base::Result<std::shared_ptr<const net::TlsContext>> load_tls(const NodeSettings& settings);

/// What a running node takes over from its settings when it is told to read them again (SIGHUP): all of it, or nothing
/// when anything is wrong. One thread.
class Reload {
public:
    using Read = std::function<std::expected<NodeSettings, std::string>()>;
    /// What is told of it; all of them outlive it.
    struct Targets {
        net::Server& server;
        feed::Hub& hub;
        std::function<void(base::LogLevel)> use_log_level;
        base::Log log;
    };
    /// `current`: the settings that the node began with.
    Reload(const NodeSettings& current, Read read, Targets targets);

    void run();
    /// Those that hold now.
    const NodeSettings& current() const noexcept { return current_; }

private:
    void hand_over() const;

    NodeSettings current_;
    const Read read_;
    const Targets to_;
};

}  // namespace rues::app
