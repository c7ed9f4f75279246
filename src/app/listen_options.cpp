#include "app/listen_options.hpp"

#include "app/values.hpp"

namespace rues::app {

void ListenOptions::add_to(CLI::App& command, const std::string& raw_help) {
    add_node(command, node);
    command.add_option("PATH", paths, "Paths of events, such as /on/blocks/accepted")->required()->type_name("");
    command.add_option("--after", after, "Start with the stored events after this position of the server's log")
        ->type_name("POSITION");
    auto* as_json = command.add_flag("--json", json, "Print headers and payload as JSON");
    command.add_flag("--raw", raw, raw_help)->excludes(as_json);
    add_number(command, "--count", count, {1}, "Stop after this number of events");
}

Result<std::optional<wire::Position>> ListenOptions::position() const {
    if (after.empty()) return std::optional<wire::Position>();
    const auto found = wire::Position::parse(after);
    if (!found)
        return std::unexpected(Error{Error::Kind::invalid, "--after: expected a position such as 00c0ffee00c0ffee-0"});
    return found;
}

}  // namespace rues::app
