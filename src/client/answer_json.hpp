#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "client/http.hpp"
#include "ledger/event.hpp"

/// Reads the JSON of a node's answers and events.
namespace rues::client {

/// The JSON object in `text`. Error `malformed`, with `what` at the front of its text, when `text` is not a JSON
/// object.
Result<base::json::object> parse_object(base::ByteView text, std::string_view what);
/// nullopt when the member is missing or not a number of 64 bits.
std::optional<std::uint64_t> number_in(const base::json::object& from, std::string_view key);
std::optional<std::string> text_in(const base::json::object& from, std::string_view key);
/// A contract event in the form of GraphQL and of a simulation: `{"source","topic","data","origin"}`, all but the topic
/// in hex. nullopt: `json` is not one.
std::optional<ledger::ContractEvent> contract_event_of(const base::json::value& json);
/// The text of `{"error": text}`, or else the body as it is; cut after 4,096 bytes, since people read it.
std::string error_text(const Answer& answer);
/// The error `refused` of an answer that is not 2xx: path, status and text. Every answer of a RUES server has the
/// header `Rusk-Version` (docs/reference/protocol.md 4.4); an answer without it gets a text that says that this is
/// another server.
std::unexpected<Error> refused(std::string_view path, const Answer& answer);
/// The JSON in a 2xx answer. Errors: as `refused`; `malformed` when it is not JSON.
Result<base::json::value> json_of(std::string_view path, const Answer& answer);

}  // namespace rues::client
