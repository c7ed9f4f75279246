#include "app/contract_events.hpp"

#include <fmt/format.h>

#include "app/event_text.hpp"
#include "app/terminal_json.hpp"
#include "drivers/driver.hpp"

namespace rues::app {

std::string event_line(ContractJson& drivers, const ledger::ContractEvent& event, std::optional<std::uint64_t> height) {
    wire::Frame frame;
    frame.headers.emplace_back("Content-Location",
                               fmt::format("/on/contracts:{}/{}", base::to_hex(event.contract), event.topic));
    if (height) frame.headers.emplace_back("Rues-Height", std::to_string(*height));
    frame.payload = event.data;
    // `listen` decodes events of the genesis contracts by itself.
    const auto decoded = drivers::driver_of(event.contract) == nullptr ? drivers.event(event) : std::nullopt;
    frame.headers.emplace_back("Content-Type", decoded ? "application/json" : "application/octet-stream");
    if (decoded) frame.payload = base::to_bytes(terminal_json(*decoded));
    return event_line(frame, false);
}

base::json::object event_json(ContractJson& drivers, const ledger::ContractEvent& event) {
    return {{"contract", base::json::hex(event.contract)},
            {"topic", event.topic},
            {"data", drivers.event(event).value_or(nullptr)},
            {"bytes", base::json::hex(event.data)}};
}

}  // namespace rues::app
