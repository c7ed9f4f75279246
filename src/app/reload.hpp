#pragma once

#include <functional>

#include "app/settings.hpp"
#include "feed/hub.hpp"
#include "net/server.hpp"

namespace rues::app {

/// Loads the TLS of these settings from its files. nullptr when the settings name no file. One file without the other
/// is an error: somebody would take a plain server for a secured one.
base::Result<std::shared_ptr<const net::TlsContext>> load_tls(const NodeSettings& settings);

/// Reads the settings again in a running node (SIGHUP) and takes over the ones that may change: all of them, or none
/// when anything is wrong. One thread.
class Reload {
public:
    using Read = std::function<std::expected<NodeSettings, std::string>()>;
    /// The parts of the node that get the new settings. All of them must outlive this object.
    struct Targets {
        net::Server& server;
        feed::Hub& hub;
        std::function<void(base::LogLevel)> use_log_level;
        base::Log log;
    };
    /// `current`: the settings that the node started with.
    Reload(const NodeSettings& current, Read read, Targets targets);

    void run();
    /// The settings that are in force now.
    const NodeSettings& current() const noexcept { return current_; }

private:
    void hand_over() const;

    NodeSettings current_;
    const Read read_;
    const Targets to_;
};

}  // namespace rues::app
