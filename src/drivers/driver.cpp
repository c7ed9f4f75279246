#include "drivers/driver.hpp"

#include <algorithm>

#include "base/json_reading.hpp"
#include "drivers/codec.hpp"
#include "drivers/tables.hpp"

namespace rues::drivers {

std::unexpected<Failure> json_failure(std::string_view why) {
    return std::unexpected(Failure{fmt::format("Json({})", base::json::print(value(why)))});
}

std::unexpected<Failure> rkyv_failure(std::string_view why) {
    return std::unexpected(Failure{fmt::format("Rkyv({})", base::json::print(value(why)))});
}

std::unexpected<Failure> unsupported(std::string_view what) {
    return std::unexpected(Failure{fmt::format("Unsupported({})", base::json::print(value(what)))});
}

namespace {

std::unexpected<Failure> too_long() {
    return rkyv_failure(fmt::format("more than {} bytes", kMaxArchived));
}

}  // namespace

Result<const Function*> Driver::find(std::string_view function) const {
    const auto found = std::ranges::find(functions_, function, &Function::name);
    if (found == functions_.end()) return unsupported(fmt::format("fn_name {}", function));
    return &*found;
}

Result<Bytes> Driver::encode_input(std::string_view function, std::string_view json) const {
    const auto found = find(function);
    if (!found) return std::unexpected(found.error());
    if (json.size() > kMaxJson) return json_failure(fmt::format("more than {} bytes", kMaxJson));
    const auto parsed = base::json::parse(json);
    if (!parsed) return json_failure(parsed.error());
    return (*found)->input.encode(*parsed);
}

Result<value> Driver::decode_input(std::string_view function, ByteView archived) const {
    const auto found = find(function);
    if (!found) return std::unexpected(found.error());
    if (archived.size() > kMaxArchived) return too_long();
    auto out = (*found)->input.decode(archived);
    return out ? Result<value>(base::json::sorted(*out)) : out;
}

Result<value> Driver::decode_output(std::string_view function, ByteView archived) const {
    const auto found = find(function);
    if (!found) return std::unexpected(found.error());
    auto out = (*found)->output.decode(archived);
    return out ? Result<value>(base::json::sorted(*out)) : out;
}

Result<value> Driver::decode_event(std::string_view topic, ByteView archived) const {
    const auto found = std::ranges::find(events_, topic, &EventType::topic);
    if (found == events_.end()) return unsupported(fmt::format("event {}", topic));
    if (archived.size() > kMaxArchived) return too_long();
    auto out = found->decode(archived);
    return out ? Result<value>(base::json::sorted(*out)) : out;
}

std::string Driver::schema() const {
    array functions;
    for (const Function& one : functions_) {
        functions.push_back(object{{"name", one.name},
                                   {"doc", ""},
                                   {"input", one.input_type},
                                   {"output", one.output_type},
                                   {"custom", false}});
    }
    array events;
    for (const EventType& one : events_) events.push_back(object{{"topic", one.topic}, {"data", one.type}});
    return base::json::print(object{
        {"name", name_}, {"imports", array()}, {"functions", std::move(functions)}, {"events", std::move(events)}});
}

const Driver* driver_of(const base::ByteArray<32>& contract) {
    base::ByteArray<32> id{};
    for (const auto& [number, driver] : {std::pair(std::byte{1}, &kTransferDriver), {std::byte{2}, &kStakeDriver}}) {
        id[0] = number;
        if (contract == id) return driver;
    }
    return nullptr;
}

}  // namespace rues::drivers
