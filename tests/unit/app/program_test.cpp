#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "app/cli.hpp"
#include "app/command_words.hpp"
#include "app/output.hpp"
#include "app/settings.hpp"
#include "support/load_share.hpp"
#include "support/temporary_folder.hpp"

namespace rues::app {
namespace {

struct Ended {
    int code = 0;
    std::string out;
    std::string err;
};

Ended run(const std::vector<std::string>& arguments) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Ended ended;
    ended.code = run_program(arguments);
    flush_output();
    ended.out = testing::internal::GetCapturedStdout();
    ended.err = testing::internal::GetCapturedStderr();
    return ended;
}

/// Texts that some parsers accept as a number: too large for 64 bits, other bases, signs, blanks, exponents.
constexpr const char* kBadNumbers[] = {"",
                                       " ",
                                       "010",
                                       "00",
                                       "0x10",
                                       "0X1",
                                       "0b1",
                                       "0o7",
                                       "+1",
                                       "-1",
                                       "-0",
                                       " 1",
                                       "1 ",
                                       "1\n",
                                       "1\t",
                                       "1e3",
                                       "1_000",
                                       "1,000",
                                       "1k",
                                       "1;2",
                                       "nan",
                                       "inf",
                                       "1.0.0",
                                       "18446744073709551616",
                                       "18446744073709551617",
                                       "340282366920938463463374607431768211457",
                                       "-18446744073709551615"};

/// Wrong values of the kind that `value` (the word in --help) stands for; empty when no number is expected.
std::vector<std::string> bad_values(std::string_view value) {
    if (value == "NAME") return {"a b", "a.b", "a*", "a/b", "\u00e4", std::string(65, 'a')};
    std::string before;
    std::vector<std::string> behind{""};
    if (value == "DURATION") {
        behind = {"s", "ms"};
    } else if (value == "AMOUNT") {
        behind = {"", "lux"};
    } else if (value == "ADDRESS:PORT") {
        before = "127.0.0.1:";
    } else if (value == "URL") {
        before = "http://127.0.0.1:";
    } else if (value == "POSITION") {
        before = "00c0ffee00c0ffee-";
    } else if (value == "ACCOUNT") {
        before = "#";
    } else if (value != "N" && value != "NUMBER" && value != "GAS" && value != "BYTES" && value != "LUX" &&
               value != "PERCENT" && value != "HEIGHT") {
        return {};
    }
    std::vector<std::string> out;
    for (const auto* bad : kBadNumbers) {
        for (const auto& end : behind) out.push_back(before + bad + end);
    }
    if (value == "DURATION") out.insert(out.end(), {"1", "60", "1.5s", "1d"});
    if (value == "ADDRESS:PORT") out.emplace_back("127.0.0.1:65536");
    if (value == "AMOUNT") out.insert(out.end(), {"1.", ".5", "1.0000000001", "18446744074", "1.5lux"});
    return out;
}

/// All commands, including the program itself.
std::vector<const CLI::App*> all_commands(const CLI::App& program) {
    std::vector<const CLI::App*> out{&program};
    for (const auto* sub : program.get_subcommands({})) {
        const auto below = all_commands(*sub);
        out.insert(out.end(), below.begin(), below.end());
    }
    return out;
}

/// The words that call `command`, with a value for every required option except `tested`.
std::vector<std::string> call_of(const CLI::App& command, const CLI::Option& tested) {
    const std::map<std::string, std::string> samples{{"AMOUNT", "1"}, {"ACCOUNT", "#1"}, {"DIR", "/dev/null/none"}};
    std::vector<std::string> out;
    for (const auto* at = &command; at->get_parent() != nullptr; at = at->get_parent())
        out.insert(out.begin(), at->get_name());
    for (const auto* option : command.get_options()) {
        if (!option->get_required() || option == &tested) continue;
        if (!option->get_positional()) out.push_back("--" + option->get_lnames().front());
        const auto sample = samples.find(option->get_positional() ? option->get_name() : option->get_type_name());
        out.push_back(sample == samples.end() ? "/x" : sample->second);
    }
    // A node that accepted the value would keep running, so it gets a folder with which it cannot start.
    if (command.get_name() == "node") out.insert(out.end(), {"--data", "/dev/null/none"});
    return out;
}

TEST(CommandLine, a_wrong_number_ends_every_command_with_2_and_names_the_flag) {
    const std::size_t share = test::case_share();
    CLI::App program("", "rues");
    int unused = 0;
    add_commands(program, unused);
    std::size_t flags = 0;
    for (const auto* command : all_commands(program)) {
        for (const auto* option : command->get_options()) {
            if (option->get_positional()) continue;
            const auto values = bad_values(option->get_type_name());
            if (!values.empty()) ++flags;
            const std::string flag = "--" + option->get_lnames().front();
            for (std::size_t at = 0; at < values.size(); ++at) {
                if (share > 1 && (flags % share != 0 || at != flags % values.size())) continue;
                auto words = call_of(*command, *option);
                const auto& value = values[at];
                if ((at + flags) % 2 == 0)
                    words.insert(words.end(), {flag, value});
                else
                    words.push_back(flag + "=" + value);
                const auto ended = run(words);
                EXPECT_EQ(ended.code, kWrongUse) << full_name(*command) << " " << flag << " \"" << value << '"';
                EXPECT_NE(ended.err.find(flag), std::string::npos) << ended.err;
            }
        }
    }
    EXPECT_GT(flags, 30U);  // flags with a number, of the node and of all other commands
}

TEST(CommandLine, the_kind_of_every_value_is_known) {
    CLI::App program("", "rues");
    int unused = 0;
    add_commands(program, unused);
    const std::set<std::string> texts{"",       "FILE",           "DIR",       "TEXT",     "HEADER",
                                      "METHOD", "MODE",           "BOOL",      "LEVEL",    "FORMAT",
                                      "SWITCH", "ADDRESS:PORT,…", "ADDRESS,…", "ORIGIN,…", "URL,…"};
    for (const auto* command : all_commands(program)) {
        for (const auto* option : command->get_options()) {
            const auto kind = option->get_type_name();
            // CLI11 shows UINT, INT or FLOAT for values that it reads itself, and it accepts hex, octal and signs.
            EXPECT_TRUE(texts.contains(kind) || kind.starts_with(":{") || !bad_values(kind).empty())
                << full_name(*command) << " --" << option->get_name() << ": " << kind;
        }
    }
}

TEST(CommandLine, a_wrong_number_in_the_environment_or_the_file_names_the_setting) {
    const test::TemporaryFolder folder;
    const auto file = (folder.path() / "rues.toml").string();
    const auto from_file = [&](const std::string& text) {
        std::ofstream(file) << text;
        return load_settings({}, file);
    };
    for (const auto& setting : node_settings()) {
        const std::string name(setting.name);
        const auto variable = environment_name(setting);
        for (const auto& value : bad_values(setting.value)) {
            ::setenv(variable.c_str(), value.c_str(), 1);
            const auto in_environment = load_settings({}, "");
            ::unsetenv(variable.c_str());
            ASSERT_FALSE(in_environment) << variable << "=" << value;
            EXPECT_NE(in_environment.error().find(variable), std::string::npos) << in_environment.error();

            const auto as_text = from_file("# first\n" + name + " = '''" + value + "'''\n");
            ASSERT_FALSE(as_text) << name << " = '" << value << "'";
            EXPECT_NE(as_text.error().find(name), std::string::npos) << as_text.error();
        }
        if (bad_values(setting.value).empty() || setting.value == "NAME") continue;  // a name may have digits only
        // The same as numbers of TOML, which has more spellings.
        for (const auto* value : {"0x10", "0o10", "0b1", "+1", "-1", "010", "1e3", "1.5", "inf", "99999999999999999999",
                                  "18446744073709551617", "-9223372036854775808"}) {
            const auto as_number = from_file("# first\n" + name + " = " + value + "\n");
            ASSERT_FALSE(as_number) << name << " = " << value;
            EXPECT_NE(as_number.error().find(name), std::string::npos) << as_number.error();
        }
    }
    EXPECT_EQ(from_file("\nlog-bytes = 1_000 # bytes\n")->retention.bytes, 1'000U);
    EXPECT_EQ(from_file("\xef\xbb\xbflog-bytes=7")->retention.bytes, 7U);
}

TEST(CommandLine, flags_that_a_flag_needs_or_excludes_are_listed_in_the_order_of_their_names) {
    CLI::App program("", "rues");
    int unused = 0;
    add_commands(program, unused);
    std::size_t lists = 0;
    for (const auto* command : all_commands(program)) {
        std::istringstream lines(command->help());
        for (std::string line; std::getline(lines, line);) {
            for (const std::string label : {"Needs: ", "Excludes: "}) {
                const auto at = line.find(label);
                if (at == std::string::npos) continue;
                std::istringstream words(line.substr(at + label.size()));
                std::vector<std::string> flags;
                for (std::string word; words >> word && word.starts_with("-");) flags.push_back(word);
                EXPECT_TRUE(std::ranges::is_sorted(flags)) << line;
                if (flags.size() > 1) ++lists;
            }
        }
    }
    EXPECT_GT(lists, 2U);
}

TEST(CommandLine, the_error_for_an_unknown_word_names_it_and_the_nearest_one) {
    const std::pair<std::vector<std::string>, std::string> cases[] = {
        {{"trasnfer", "--to", "#1"}, "`rues` has no command `trasnfer`; did you mean `transfer`?"},
        {{"nod"}, "`rues` has no command `nod`; did you mean `node`?"},
        {{"qwertyuiop"}, "`rues` has no command `qwertyuiop`\n"},
        {{"qwertyuiop", "--help"}, "`rues` has no command `qwertyuiop`\n"},
        {{"contract", "qury", "00", "f"}, "`rues contract` has no command `qury`; did you mean `query`?"},
        {{"contract", "driver", "uploads"}, "`rues contract driver` has no command `uploads`; did you mean `upload`?"},
        {{"deploy", "x.wasm", "--ownr", "#1"}, "`rues deploy` has no flag `--ownr`; did you mean `--owner`?"},
        {{"tx", "decod", "00"}, "`rues tx` has no command `decod`; did you mean `decode`?"},
        {{"transfer", "--amout", "1", "--to", "#1"}, "`rues transfer` has no flag `--amout`; did you mean `--amount`?"},
        {{"transfer", "--amout=1"}, "`rues transfer` has no flag `--amout`; did you mean `--amount`?"},
        {{"keys", "-count", "1"}, "`rues keys` has no flag `-count`; did you mean `--count`?"},
        {{"node", "--block-tme", "1s"}, "`rues node` has no flag `--block-tme`; did you mean `--block-time`?"},
        {{"keys", "-Z"}, "`rues keys` has no flag `-Z`\n"},
        {{"--count", "1", "keys"}, "--count must come after `rues keys`"},
        {{"keys", "more"}, "`rues keys` does not take the argument `more`"},
        {{"help", "trasnfer"}, "`rues` has no command `trasnfer`; did you mean `transfer`?"},
        {{"help", "tx", "decod"}, "`rues tx` has no command `decod`; did you mean `decode`?"},
        {{"help", "keys", "more"}, "`rues keys` does not take the argument `more`"},
        {{"transfer"}, "--to is required"},
        {{}, "A subcommand is required"},
    };
    for (const auto& [words, expected] : cases) {
        const auto ended = run(words);
        EXPECT_EQ(ended.code, kWrongUse) << expected;
        EXPECT_NE(ended.err.find(expected), std::string::npos) << expected << "\nbut:\n" << ended.err;
        EXPECT_EQ(ended.out, "") << expected;
    }
}

TEST(CommandLine, help_and_version_are_commands_too) {
    EXPECT_EQ(run({"help"}).out, run({"--help"}).out);
    EXPECT_EQ(run({"help", "transfer"}).out, run({"transfer", "--help"}).out);
    EXPECT_EQ(run({"help", "tx", "decode"}).out, run({"tx", "decode", "-h"}).out);
    EXPECT_EQ(run({"version"}).out, run({"--version"}).out);
    EXPECT_EQ(run({"version"}).out, run({"-V"}).out);
    EXPECT_EQ(run({"version"}).out.find("rues "), 0U);
    EXPECT_NE(run({"help", "transfer"}).out.find("--amount"), std::string::npos);
}

TEST(CommandLine, the_variable_names_the_node_unless_a_flag_does) {
    NodeOption node;
    ::unsetenv("RUES_URL");
    EXPECT_EQ(node.parse()->authority(), "127.0.0.1:8080");
    EXPECT_FALSE(node.is_named());
    ::setenv("RUES_URL", "", 1);
    EXPECT_EQ(node.parse()->authority(), "127.0.0.1:8080");
    EXPECT_FALSE(node.is_named());
    ::setenv("RUES_URL", "http://example:81", 1);
    EXPECT_EQ(node.parse()->authority(), "example:81");
    EXPECT_TRUE(node.is_named());
    node.url = "http://flag:82";
    EXPECT_EQ(node.parse()->authority(), "flag:82");
    node.url = "";
    EXPECT_EQ(node.parse().error().text.find("--url: "), 0U);
    node.url.reset();
    ::setenv("RUES_URL", "ftp://example", 1);
    EXPECT_EQ(node.parse().error().text.find("RUES_URL: "), 0U);
    ::unsetenv("RUES_URL");
}

TEST(CommandLine, an_empty_value_is_a_value) {
    EXPECT_NE(run({"keys", "--count=", "5"}).err.find("--count"), std::string::npos);
    EXPECT_EQ(run({"keys", "--count=", "5"}).code, kWrongUse);
}

TEST(CommandLine, a_flag_without_a_value_takes_none) {
    for (const auto* word : {"--secrets=0", "--secrets=false", "--secrets=9"})
        EXPECT_EQ(run({"keys", word}).code, kWrongUse);
    EXPECT_EQ(run({"keys", "--secrets", "--count", "1"}).code, kDone);
}

}  // namespace
}  // namespace rues::app
