#include "app/reload.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/exposure.hpp"

namespace rues::app {

using base::LogLevel;

base::Result<std::shared_ptr<const net::TlsContext>> load_tls(const NodeSettings& settings) {
    if (settings.tls_certificate.empty() != settings.tls_key.empty())
        return base::failure(base::Error::Kind::invalid, "tls-cert and tls-key go together");
    if (settings.tls_key.empty()) return nullptr;
    return net::TlsContext::load(settings.tls_certificate, settings.tls_key);
}

Reload::Reload(const NodeSettings& current, Read read, Targets targets)
    : current_(current), read_(std::move(read)), to_(std::move(targets)) {}

void Reload::run() {
    const auto refuse = [this](std::string_view why) {
        to_.log(LogLevel::error, fmt::format("reload refused, nothing changed: {}", why));
    };
    const auto fresh = read_();
    if (!fresh) return refuse(fresh.error());
    const auto tls = load_tls(*fresh);
    if (!tls) return refuse(tls.error().text);
    const bool secured = current_.server.tls != nullptr;
    if (secured != (*tls != nullptr))
        return refuse(secured ? "turning TLS off needs a restart" : "turning TLS on needs a restart");

    // Only names go to the log: a value may be a secret.
    std::vector<std::string_view> taken;
    std::vector<std::string_view> waiting;
    const LogLevel level_before = current_.log_level;
    for (const Setting& setting : node_settings()) {
        const std::string& text = fresh->texts.at(setting.name);
        if (text == current_.texts.at(setting.name)) continue;
        (setting.reloadable ? taken : waiting).push_back(setting.name);
        if (!setting.reloadable || !setting.set(current_, text)) continue;
        current_.texts[setting.name] = text;
    }
    current_.server.tls = *tls;
    hand_over();
    to_.use_log_level(std::min(level_before, current_.log_level));  // else the new level could hide the report
    to_.log(LogLevel::info,
            fmt::format("reloaded: {}{}", taken.empty() ? "no setting has changed" : "", fmt::join(taken, ", ")) +
                (secured ? "; certificate and key were read again" : ""));
    if (!waiting.empty())
        to_.log(LogLevel::warning, fmt::format("changed, but needs a restart: {}", fmt::join(waiting, ", ")));
    if (const auto warning = key_file_warning(fresh->tls_key)) to_.log(LogLevel::warning, *warning);
    to_.use_log_level(current_.log_level);
}

/// The one place that changes the running node; nothing here can fail.
void Reload::hand_over() const {
    to_.server.use_limits(current_.server.limits);
    to_.hub.use_limits(current_.feed);
    if (current_.server.tls != nullptr) to_.server.use_tls(current_.server.tls);
}

}  // namespace rues::app
