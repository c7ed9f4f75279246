#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "api/openapi.hpp"
#include "app/cli.hpp"
#include "app/node.hpp"
#include "rues/version.hpp"

int main(int argc, char** argv) {
    using namespace rues::app;
    CLI::App program(
        "rues: a local Dusk chain and event server\n\nExamples:\n  rues node\n  rues listen /on/blocks/accepted\n  "
        "rues transfer --to '#1' --amount 1.5 --wait");
    program.require_subcommand(1);
    program.set_version_flag("--version", fmt::format("rues {}", rues::kVersion));
    int exit_code = 0;

    auto* node = program.add_subcommand("node",
                                        "Run the chain and serve it (stops on SIGINT or SIGTERM, reads its settings "
                                        "again on SIGHUP; exit 1 when it cannot go on)");
    std::map<std::string, std::string> flags;
    std::string config;
    node->add_option("--config", config, "TOML file of settings (docs/configuration.md)")->type_name("FILE");
    for (const Setting& setting : node_settings()) {
        const std::string name(setting.name);
        std::string help(setting.help);
        if (!setting.fallback.empty()) help += fmt::format(" [{}]", setting.fallback);
        node->add_option_function<std::string>(
                "--" + name, [&flags, name](const std::string& value) { flags[name] = value; }, help)
            ->type_name(std::string(setting.value));
    }
    node->callback([&] {
        const auto read = [&flags, &config] { return load_settings(flags, config); };
        const auto settings = read();
        if (!settings) {
            fmt::print(stderr, "rues: {}\n", settings.error());
            exit_code = kWrongUse;
            return;
        }
        exit_code = run_node(*settings, read);
    });

    auto* config_command =
        program.add_subcommand("config", "Print the sample file or the documentation of all settings");
    config_command->require_subcommand(1);
    config_command->add_subcommand("sample", "A TOML file with every setting and its default")->callback([] {
        fmt::print("{}", sample_file());
    });
    config_command->add_subcommand("docs", "The page docs/configuration.md")->callback([] {
        fmt::print("{}", settings_page());
    });

    auto* docs = program.add_subcommand("docs", "Print what the server serves, as documents");
    docs->require_subcommand(1);
    docs->add_subcommand("openapi", "The OpenAPI document, as /openapi.json has it")->callback([] {
        fmt::print("{}\n", rues::api::openapi_document(rues::kVersion));
    });
    docs->add_subcommand("endpoints", "The page docs/endpoints.md")->callback([] {
        fmt::print("{}", rues::api::endpoints_page());
    });
    docs->add_subcommand("errors", "The page docs/errors.md")->callback([] {
        fmt::print("{}", rues::api::errors_page());
    });

    add_client_commands(program, exit_code);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? kDone : kWrongUse;  // 0: help or version was asked for
    }
    return exit_code;
}
