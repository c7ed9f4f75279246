#include <fmt/format.h>

#include "app/accounts.hpp"
#include "app/cli.hpp"
#include "app/output.hpp"
#include "app/values.hpp"
#include "base/encoding.hpp"

namespace rues::app {
namespace {

struct Keys {
    KeySource source;
    std::uint64_t count = 4;
    bool secrets = false;
};

int run(const Keys& options) {
    const auto accounts = Accounts::read(options.source);
    if (!accounts) return complain(kWrongUse, accounts.error().text);
    for (std::uint64_t number = 0; number < options.count; ++number) {
        const auto key = accounts->secret_key(number);
        put("{}  {}\n", number, base::to_base58(key.public_key().bytes()));
        if (options.secrets) put("   secret {}\n", base::to_hex(key.bytes()));
    }
    return kDone;
}

}  // namespace

void add_keys(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<Keys>();
    auto* command = program.add_subcommand("keys", "Accounts of a phrase or seed; without one, of the local chain");
    options->source.add_options(*command);
    add_number(*command, "--count", options->count, {1, 1'000}, "Number of accounts [4]");
    command->add_flag("--secrets", options->secrets, "Show the secret keys too");
    command->footer("Examples:\n  rues keys\n  rues keys --phrase-file phrase.txt --count 2");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
