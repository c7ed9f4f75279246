#include <fmt/format.h>

#include <algorithm>

#include "app/accounts.hpp"
#include "app/cli.hpp"
#include "app/exposure.hpp"
#include "app/input.hpp"
#include "app/note_search.hpp"
#include "app/output.hpp"
#include "app/terminal_json.hpp"
#include "client/amount.hpp"

namespace rues::app {
namespace {

struct NotesOptions {
    NodeOption node;
    std::string account = "#0";
    KeySource keys;
    std::string view_key_file;
    std::string state_file;
    bool json = false;
};

std::unexpected<Error> wrong_use(std::string text) {
    return client::failure(Error::Kind::invalid, std::move(text));
}

Result<NoteKeys> read_view_key(const std::string& file) {
    auto text = read_argument(file == "-" ? file : "@" + file);
    if (!text) return wrong_use(text.error().text);
    if (const auto warning = key_file_warning(file); warning && file != "-") put_error("warning: " + *warning);
    const auto key = phoenix::ViewKey::from_text(base::trimmed(*text));
    const bool is_address = !key && phoenix::PublicKey::from_text(base::trimmed(*text)).has_value();
    crypto::wipe(std::as_writable_bytes(std::span(*text)));
    if (key) return NoteKeys{*key, std::nullopt};
    return wrong_use(fmt::format("{} holds {}", file == "-" ? "the standard input" : file,
                                 is_address
                                     ? "an address, which cannot find notes, instead of its view key"
                                     : "no view key: 64 bytes in base58, as `rues keys --view-keys` prints them"));
}

Result<NoteKeys> read_keys(const NotesOptions& options) {
    if (!options.view_key_file.empty()) return read_view_key(options.view_key_file);
    const auto number = account_number(options.account);
    if (!number) return wrong_use(number.error().text + ": expected #N");
    const auto accounts = Accounts::read(options.keys);
    if (!accounts) return wrong_use(accounts.error().text);
    const auto key = accounts->phoenix_key(*number);
    return NoteKeys{key.view_key(), key};
}

void print(const FoundNotes& found, bool knows_spent) {
    for (const auto& own : found.notes) put("{}\n", line_of(own));
    put_fact("address", base::to_base58(found.address));
    const auto spent = std::ranges::count_if(found.notes, [](const OwnNote& own) { return own.is_spent == true; });
    put_fact("notes", fmt::format("{} of {}{}", found.notes.size(), found.scanned,
                                  knows_spent ? fmt::format(", {} spent", spent) : ""));
    put_fact("balance", knows_spent ? client::dusk(balance_of(found.notes).value_or(0)) + " DUSK"
                                    : "unknown: a view key does not show which notes are spent");
}

int run(const NotesOptions& options) {
    const auto url = options.node.parse();
    if (!url) return complain(kWrongUse, url.error().text);
    const auto keys = read_keys(options);
    if (!keys) return complain(kWrongUse, keys.error().text);
    const auto found = find_notes(*url, *keys, options.state_file);
    if (!found) return complain(exit_code_of(found.error()), found.error().text);
    const bool knows_spent = keys->secret.has_value();
    if (options.json)
        put("{}\n", terminal_json(report_json(*found, knows_spent)));
    else
        print(*found, knows_spent);
    return kDone;
}

}  // namespace

void add_notes(CLI::App& program, int& exit_code) {
    auto options = std::make_shared<NotesOptions>();
    auto* command = program.add_subcommand(
        "notes", "Find the notes of a Phoenix address in the chain, and what of them is not spent");
    auto* account = command->add_option("ACCOUNT", options->account, "#N for an account number [#0]")->type_name("");
    options->keys.add_options(*command);
    auto* view = command->add_option("--view-key-file", options->view_key_file,
                                     "The view key in this file, instead of an account (- for the standard input). It "
                                     "finds the notes, but not which of them are spent");
    view->type_name("FILE")->excludes(account);
    for (const auto* other : {"--phrase-file", "--seed-file"}) view->excludes(command->get_option(other));
    add_state_file(*command, options->state_file);
    add_node(*command, options->node);
    command->add_flag("--json", options->json, "Print one JSON object, with amounts in LUX");
    command->footer(
        "Examples:\n  rues notes '#1'\n  rues notes --view-key-file view.key --state notes.json --json\n\nExit codes: "
        "0 done, 1 refused, unreachable or interrupted, 2 wrong use, such as a state file of another chain or key");
    command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace rues::app
