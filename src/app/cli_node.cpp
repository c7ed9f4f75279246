#include <fmt/format.h>

#include "app/cli.hpp"
#include "app/output.hpp"
#include "app/run_node.hpp"
#include "app/setting_flags.hpp"
#include "app/values.hpp"

namespace rues::app {
namespace {

int run_command(const SettingFlags& given) {
    const auto read = [given] { return load_settings(given.flags, given.config); };
    const auto settings = read();
    if (!settings) return complain(kWrongUse, settings.error());
    return run_node(*settings, read, Role::node);
}

/// A flag that may be given several times: its values together, separated by commas.
CLI::Option* add_list(CLI::App& command, const std::string& name, const std::shared_ptr<SettingFlags>& given,
                      const std::string& help) {
    return command
        .add_option(
            "--" + name,
            [given, name](const CLI::results_t& values) {
                given->flags[name] = fmt::format("{}", fmt::join(values, ","));
                return true;
            },
            help)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace

void add_settings(CLI::App& command, Role role, const std::shared_ptr<SettingFlags>& given) {
    command.add_option("--config", given->config, "TOML file of settings (docs/configuration.md)")->type_name("FILE");
    for (const Setting* each : settings_of(role)) {
        const Setting& setting = *each;
        const std::string name(setting.name);
        std::string help(setting.help);
        if (setting.value.empty()) {
            command.add_flag_callback("--" + name, [given, name] { given->flags[name] = "true"; }, help);
            continue;
        }
        if (!setting.fallback.empty()) help += fmt::format(" [{}]", setting.fallback);
        if (name == "upstream") {
            add_list(command, name, given, help)->type_name(std::string(setting.value));
            continue;
        }
        add_value(
            command, "--" + name, [given, name](const std::string& value) { given->flags[name] = value; }, help)
            ->type_name(std::string(setting.value));
    }
}

void add_node_command(CLI::App& program, int& exit_code) {
    auto* command = program.add_subcommand("node",
                                           "Run the chain and serve it (stops on SIGINT or SIGTERM, reads its settings "
                                           "again on SIGHUP; exits with 1 when it cannot continue)");
    auto given = std::make_shared<SettingFlags>();
    add_settings(*command, Role::node, given);
    command->footer(
        "Examples:\n  rues node\n  rues node --mining instant --data chain\n  rues node --listen localhost:9090 "
        "--quiet");
    command->callback([given, &exit_code] { exit_code = run_command(*given); });
}

void add_config(CLI::App& program) {
    auto* command = program.add_subcommand("config", "Print the sample file or the documentation of all settings");
    command->require_subcommand(1);
    command->add_subcommand("sample", "A TOML file with every setting and its default")->callback([] {
        write_output(sample_file());
    });
    command->add_subcommand("docs", "The page docs/configuration.md")->callback([] { write_output(settings_page()); });
    command->footer("Example:\n  rues config sample > rues.toml");
}

}  // namespace rues::app
