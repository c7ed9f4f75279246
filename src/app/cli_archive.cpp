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
        put("index entries  {}, none missing, none wrong, none unexpected\n", report->entries);
        return kDone;
    }
    put("index entries  {}\n", report->entries);
    for (const auto& finding : report->findings) put("{}\n", finding);
    if (report->wrong > report->findings.size()) put("and {} more\n", report->wrong - report->findings.size());
    return complain(kFailed, fmt::format("the archive is damaged; number of errors: {}", report->wrong));
}

}  // namespace

void add_archive(CLI::App& program, int& exit_code) {
    auto* command = program.add_subcommand("archive", "Check the archive of a node that is not running");
    command->require_subcommand(1);
    auto data = std::make_shared<std::string>();
    auto* checks = command->add_subcommand(
        "check", "Build the indexes of contract events, accounts and memos again from all blocks and compare");
    checks->add_option("--data", *data, "The node's data folder")->required()->type_name("DIR");
    checks->footer(
        "Example:\n  rues archive check --data chain\n\nExit codes: 0 no error, 1 errors found (they are printed), 2 "
        "the store cannot be opened");
    checks->callback([data, &exit_code] { exit_code = check(*data); });
}

}  // namespace rues::app
