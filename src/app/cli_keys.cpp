#include <fmt/format.h>

#include "app/accounts.hpp"
#include "app/cli.hpp"
#include "app/output.hpp"
#include "app/values.hpp"
#include "base/json.hpp"

namespace rues::app {
namespace {

using base::json::array;
using base::json::object;

struct Keys {
    KeySource source;
    std::uint64_t count = 4;
    bool view_keys = false;
    bool secrets = false;
    bool json = false;
};

object to_json(const Accounts& accounts, std::uint64_t number, const Keys& options) {
    const auto key = accounts.secret_key(number);
    const auto phoenix = accounts.phoenix_key(number);
    object out{{"number", number},
               {"account", base::json::base58(key.public_key().bytes())},
               {"phoenix_address", phoenix.public_key().text()}};
    if (options.view_keys || options.secrets) out["phoenix_view_key"] = phoenix.view_key().text();
    if (options.secrets) {
        out["secret"] = base::json::hex(key.bytes());
        out["phoenix_secret"] = base::json::hex(phoenix.bytes());
    }
    return out;
}

void print(const Accounts& accounts, std::uint64_t number, const Keys& options) {
    const auto key = accounts.secret_key(number);
    const auto phoenix = accounts.phoenix_key(number);
    put("{}  {}\n", number, base::to_base58(key.public_key().bytes()));
    put("   phoenix address {}\n", phoenix.public_key().text());
    if (options.view_keys || options.secrets) put("   phoenix view key {}\n", phoenix.view_key().text());
    if (!options.secrets) return;
    put("   secret {}\n", base::to_hex(key.bytes()));
    put("   phoenix secret {}\n", base::to_hex(phoenix.bytes()));
}

int run(const Keys& options) {
    const auto accounts = Accounts::read(options.source);
    if (!accounts) return complain(kWrongUse, accounts.error().text);
    array all;
    for (std::uint64_t number = 0; number < options.count; ++number) {
        if (options.json)
            all.push_back(to_json(*accounts, number, options));
        else
            print(*accounts, number, options);
    }
    if (options.json) put("{}\n", base::json::print(object{{"keys", std::move(all)}}));
    return kDone;
}

}  // namespace

void add_keys(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<Keys>();
    auto* command = program.add_subcommand(
        "keys", "Accounts and Phoenix addresses of a phrase or seed; without one, of the local chain");
    options->source.add_options(*command);
    add_number(*command, "--count", options->count, {1, 1'000}, "Number of accounts [4]");
    command->add_flag("--view-keys", options->view_keys,
                      "Show the Phoenix view keys too; who has one sees all that its address gets");
    command->add_flag("--secrets", options->secrets, "Show the view keys and the secret keys too");
    command->add_flag("--json", options->json, "Print one JSON object");
    command->footer("Examples:\n  rues keys\n  rues keys --phrase-file phrase.txt --count 2 --view-keys");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
