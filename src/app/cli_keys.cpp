#include <fmt/format.h>

#include "app/accounts.hpp"
#include "app/cli.hpp"
#include "base/encoding.hpp"

namespace rues::app {
namespace {

struct Keys {
    KeySource source;
    std::uint64_t count = 4;
    bool secrets = false;
};

int run(const Keys& options) {
    for (std::uint64_t number = 0; number < options.count; ++number) {
        const auto key = options.source.secret_key(number);
        if (!key) return complain(kWrongUse, key.error().text);
        fmt::print("{}  {}\n", number, base::to_base58(key->public_key().bytes()));
        if (options.secrets) fmt::print("   secret {}\n", base::to_hex(key->bytes()));
    }
    return kDone;
}

}  // namespace

void add_keys(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<Keys>();
    auto* command = program.add_subcommand("keys", "Accounts of a phrase or seed; without one, of the local chain");
    options->source.add_options(*command);
    command->add_option("--count", options->count, "How many [4]")->check(CLI::Range(1, 1'000))->type_name("N");
    command->add_flag("--secrets", options->secrets, "Show the secret keys too");
    command->footer("Example:\n  rues keys --phrase-file phrase.txt --count 2");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
