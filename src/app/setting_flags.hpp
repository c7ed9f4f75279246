#pragma once

#include <map>
#include <memory>
#include <string>

#include "app/cli.hpp"
#include "app/settings.hpp"

/// Settings as flags of a command.
namespace rues::app {

struct SettingFlags {
    std::map<std::string, std::string> flags;  ///< by the name of the setting
    std::string config;                        ///< file of settings; empty: none
};
/// Adds `--config` and a flag for each setting of this role. A setting that is given twice has the later value.
void add_settings(CLI::App& command, Role role, const std::shared_ptr<SettingFlags>& given);

}  // namespace rues::app
