#include "client/simulation.hpp"

#include "client/answer_json.hpp"

namespace rues::client {
namespace {

using base::json::object;

constexpr std::string_view kPath = "/on/transactions/simulate";

}  // namespace

Result<Simulated> simulate(const Url& url, base::ByteView transaction, Trace trace) {
    Headers headers{{"Content-Type", "application/octet-stream"}, {"Rues-Events", "true"}};
    if (trace == Trace::yes) headers.emplace_back("Rues-Trace", "true");
    const auto answer = http(url, "POST", kPath, headers, transaction);
    if (!answer) return std::unexpected(answer.error());
    const auto json = json_of(kPath, *answer);
    if (!json) return std::unexpected(json.error());
    const object* body = json->if_object();
    const auto gas = body == nullptr ? std::nullopt : number_in(*body, "gas-spent");
    if (!gas) return failure(Error::Kind::malformed, std::string(kPath) + ": no gas");
    Simulated out{*gas, text_in(*body, "error"), {}, {}};
    if (const auto* calls = body->if_contains("trace"); calls != nullptr && calls->is_object())
        out.trace = calls->get_object();
    const auto* events = body->if_contains("events");
    if (events == nullptr) return out;
    if (!events->is_array()) return failure(Error::Kind::malformed, std::string(kPath) + ": the events are no array");
    for (const auto& each : events->get_array()) {
        auto event = contract_event_of(each);
        if (!event) return failure(Error::Kind::malformed, std::string(kPath) + ": an event without its parts");
        out.events.push_back(std::move(*event));
    }
    return out;
}

}  // namespace rues::client
