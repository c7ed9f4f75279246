#include "app/settings.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "app/input.hpp"
#include "app/setting_rows.hpp"
#include "app/values.hpp"
#include "base/encoding.hpp"

namespace rues::app {
namespace {

/// Line `number` of a text; the first line is 1.
std::string_view line_of(std::string_view text, std::size_t number) {
    for (; number > 1 && !text.empty(); --number) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    return text.substr(0, text.find_first_of("\r\n"));
}

/// The text of a whole number in the file, without the `_` that TOML allows between digits. TOML also allows signs,
/// `0x`, `0o` and `0b`; these stay in the text, so a setting treats them as a flag does.
std::string number_text(std::string_view file, const toml::source_position& begin) {
    const auto line = line_of(file, begin.line);
    const auto rest = line.substr(std::min<std::size_t>(begin.column - 1, line.size()));
    std::string out(rest.substr(0, rest.find_first_of(" \t#")));
    std::erase(out, '_');
    return out;
}

/// The settings of a file, as texts.
std::expected<std::map<std::string, std::string>, std::string> texts_of_file(const std::string& path) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    auto text = read_file(path);
    if (!text) return std::unexpected("--config: " + text.error().text);
    // The parser's columns do not count it.
    if (text->starts_with(kByteOrderMark)) text->erase(0, kByteOrderMark.size());
    toml::table table;
    try {
        table = toml::parse(*text, path);
    } catch (const toml::parse_error& error) {
        // Only the key is shown: the value may be a secret.
        const auto number = error.source().begin.line;
        const auto line = line_of(*text, number);
        const auto key = base::trimmed(line.substr(0, std::min(line.find('='), line.size())));
        return std::unexpected(fmt::format("{}: line {}, {}: {}", path, number, key, error.description()));
    }
    std::map<std::string, std::string> out;
    for (const auto& [key, node] : table) {
        const std::string name(key.str());
        if (std::ranges::find(node_settings(), name, &Setting::name) == node_settings().end()) {
            return std::unexpected(fmt::format("{}: unknown setting {}", path, name));
        }
        if (const auto value = node.value_exact<std::string>()) {
            out[name] = *value;
        } else if (node.is_integer()) {
            out[name] = number_text(*text, node.source().begin);
        } else if (const auto flag = node.value_exact<bool>()) {
            out[name] = *flag ? "true" : "false";
        } else {
            return std::unexpected(fmt::format("{}: {} must be a string, a whole number, true or false", path, name));
        }
    }
    return out;
}

bool is_bare(std::string_view value) {
    return value == "true" || value == "false" || base::parse_u64(value).has_value();
}

}  // namespace

std::span<const Setting> node_settings() {
    static const std::vector<Setting> all = [] {
        std::vector<Setting> out;
        for (const auto part :
             {rows::of_address(), rows::of_chain(), rows::of_clients(), rows::of_service(), rows::of_gateway()})
            out.insert(out.end(), part.begin(), part.end());
        return out;
    }();
    return all;
}

std::vector<const Setting*> settings_of(Role role) {
    constexpr std::array<std::string_view, 9> kOfNodes{
        "crs",    "prover",         "prover-threads", "static-drivers",    "peers",
        "legacy", "peers-location", "blob-blocks",    "legacy-any-version"};
    // Settings of a chain that a gateway has too, because it may execute one.
    constexpr std::array<std::string_view, 6> kOfExecution{"data",         "genesis",    "genesis-contracts",
                                                           "contract-log", "query-time", "verify-threads"};
    const auto is_in = [](std::span<const Setting> rows, std::string_view name) {
        return std::ranges::find(rows, name, &Setting::name) != rows.end();
    };
    const auto is_used = [&](std::string_view name) {
        if (role == Role::node) return !is_in(rows::of_gateway(), name);
        if (is_in(rows::of_chain(), name)) return std::ranges::find(kOfExecution, name) != kOfExecution.end();
        return std::ranges::find(kOfNodes, name) == kOfNodes.end();
    };
    std::vector<const Setting*> out;
    for (const Setting& setting : node_settings()) {
        if (is_used(setting.name)) out.push_back(&setting);
    }
    return out;
}

std::string environment_name(const Setting& setting) {
    std::string out = "RUES_";
    for (const char c : setting.name)
        out += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return out;
}

std::expected<NodeSettings, std::string> load_settings(const std::map<std::string, std::string>& flags,
                                                       const std::string& file) {
    std::map<std::string, std::string> from_file;
    if (!file.empty()) {
        auto read = texts_of_file(file);
        if (!read) return std::unexpected(read.error());
        from_file = std::move(*read);
    }
    NodeSettings out;
    for (const Setting& setting : node_settings()) {
        const std::string name(setting.name);
        const char* variable = std::getenv(environment_name(setting).c_str());
        std::string text(setting.fallback);
        std::string where = "default of " + name;
        if (const auto found = from_file.find(name); found != from_file.end()) {
            text = found->second;
            where = fmt::format("{}: {}", file, name);
        }
        if (variable != nullptr) {
            text = variable;
            where = environment_name(setting);
        }
        if (const auto found = flags.find(name); found != flags.end()) {
            text = found->second;
            where = "--" + name;
        }
        if (const auto set = setting.set(out, text); !set) {
            return std::unexpected(wrong_value(where, set.error(), text));
        }
        out.texts[setting.name] = text;
    }
    return out;
}

std::string sample_file() {
    std::string out =
        "# Every setting of `rues node` and `rues gateway` with its default. Flags and RUES_* variables win over this "
        "file.\n";
    for (const Setting& s : node_settings()) {
        out += fmt::format("\n# {}\n", s.help);
        out += is_bare(s.fallback) ? fmt::format("# {} = {}\n", s.name, s.fallback)
                                   : fmt::format("# {} = \"{}\"\n", s.name, s.fallback);
    }
    return out;
}

std::string settings_page() {
    std::string out =
        "# Configuration\n\nMade from the program's table of settings by `rues config docs`; do not edit.\n\n"
        "A setting is a flag of `rues node` or `rues gateway`, a variable of the environment, or a key of the TOML "
        "file given with "
        "`--config FILE`; a flag wins over the variable, the variable over the file. `rues config sample` prints a "
        "file with all of them. Numbers are decimal digits without leading zeros; a DURATION has a unit: ms, s, m or "
        "h.\n\n"
        "SIGHUP makes a running node read all settings and the files of the certificate again. Settings marked with * "
        "take effect for everything that begins after that. Other changed settings need a restart; the log names them. "
        "When anything is wrong, the log says so and nothing changes.\n\n"
        "| flag and key | variable | value | default | meaning |\n|---|---|---|---|---|\n";
    for (const Setting& s : node_settings()) {
        out += fmt::format("| `{}`{} | `{}` | {} | {} | {} |\n", s.name, s.reloadable ? "\\*" : "", environment_name(s),
                           s.value.empty() ? "BOOL" : s.value,
                           s.fallback.empty() ? "" : fmt::format("`{}`", s.fallback), s.help);
    }
    return out;
}

}  // namespace rues::app
