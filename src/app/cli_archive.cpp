#include <fmt/format.h>

#include "app/cli.hpp"
#include "app/input.hpp"
#include "app/output.hpp"
#include "store/archive_check.hpp"

namespace rues::app {
namespace {

int check(const std::string& data) {
    const auto store = open_store_of(data);
    if (!store) return complain(kWrongUse, store.error().text);
    const auto report = store::check_archive(**store);
    if (!report) return complain(kFailed, report.error().text);
    put("blocks         {}, the last final one is {}\n", report->height, report->last_final);
    put("events         {} in final blocks\n", report->events);
    if (report->wrong == 0) {
        put("index entries  {}, each where it must be and no other\n", report->entries);
        return kDone;
    }
    put("index entries  {}\n", report->entries);
    for (const auto& finding : report->findings) put("{}\n", finding);
    if (report->wrong > report->findings.size()) put("and {} more\n", report->wrong - report->findings.size());
    return complain(kFailed, fmt::format("the archive is not whole: {} wrong", report->wrong));
}

}  // namespace

void add_archive(CLI::App& program, int& exit_code) {
    auto* command = program.add_subcommand("archive", "Work on the archive of a node that does not run");
    command->require_subcommand(1);
    auto data = std::make_shared<std::string>();
    auto* checks = command->add_subcommand(
        "check", "Make the indexes of contract events, accounts and memos again from all blocks and compare");
    checks->add_option("--data", *data, "The node's data folder")->required()->type_name("DIR");
    checks->footer(
        "Example:\n  rues archive check --data chain\n\nExit codes: 0 whole, 1 not whole (what is wrong is named), 2 "
        "it "
        "cannot be opened");
    checks->callback([data, &exit_code] { exit_code = check(*data); });
}

}  // namespace rues::app
