#include "query/archive_json.hpp"

#include "drivers/driver.hpp"

namespace rues::query {
namespace {

/// The payload as JSON of its contract's driver; hex when no driver can read it.
base::json::value payload_json(const ledger::ContractEvent& event) {
    if (const auto* driver = drivers::driver_of(event.contract)) {
        if (auto json = driver->decode_event(event.topic, event.data)) return std::move(*json);
    }
    return base::json::hex(event.data);
}

}  // namespace

base::json::object json_of(const store::EventGroup& group) {
    base::json::array events;
    events.reserve(group.events.size());
    for (const auto& event : group.events)
        events.push_back(base::json::object{{"data", payload_json(event)},
                                            {"reverted", kReverted},
                                            {"target", base::json::hex(event.contract)},
                                            {"topic", event.topic}});
    return {{"block_height", group.height}, {"events", std::move(events)}, {"origin", base::json::hex(group.origin)}};
}

base::json::object json_of(const store::FinalEvent& event) {
    return {{"block_hash", base::json::hex(event.block_hash)}, {"block_height", event.height},
            {"data", base::json::hex(event.event.data)},       {"id", event.row},
            {"origin", base::json::hex(event.event.origin)},   {"reverted", kReverted},
            {"source", base::json::hex(event.event.contract)}, {"topic", event.event.topic}};
}

}  // namespace rues::query
