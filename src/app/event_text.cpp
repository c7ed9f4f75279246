#include "app/event_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/output.hpp"
#include "app/terminal_json.hpp"
#include "base/encoding.hpp"
#include "base/json_reading.hpp"
#include "client/amount.hpp"
#include "drivers/driver.hpp"
#include "ledger/transaction.hpp"
#include "wire/uri.hpp"

namespace rues::app {
namespace {

using base::json::object;
using base::json::value;

constexpr std::size_t kPayloadWidth = 100;
constexpr std::size_t kEntityWidth = 8;
constexpr std::size_t kDecodedWidth = 2'000;  ///< of a payload that was decoded because the user asked for it
constexpr std::size_t kMemoWidth = 40;

std::optional<value> json_payload(const wire::Frame& frame) {
    const auto type = frame.header("Content-Type");
    if (frame.payload.empty() || (type && *type != "application/json")) return std::nullopt;
    auto out = base::json::parse(base::text(frame.payload));
    return out ? std::optional(std::move(*out)) : std::nullopt;
}

std::string text_at(const object& from, std::string_view key) {
    const value* found = from.if_contains(key);
    if (found == nullptr || found->is_null()) return "-";
    return found->is_string() ? std::string(found->get_string()) : terminal_json(*found);
}

std::string shortened(std::string text, std::size_t width) {
    if (text.size() <= width) return text;
    while (width > 0 && (static_cast<unsigned char>(text[width]) & 0xc0) == 0x80) --width;  // not inside a character
    return text.substr(0, width) + "…";
}

/// The same JSON with long texts cut, so that one account does not fill the line: keys and hashes to the digits that
/// tell them apart.
value abbreviated(const value& json) {
    if (const auto* text = json.if_string()) {
        if (text->size() <= kMemoWidth) return json;
        const bool is_name = std::ranges::all_of(
            *text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
        return value(boost::json::string(shortened(std::string(*text), is_name ? kEntityWidth : kMemoWidth)));
    }
    if (const auto* list = json.if_array()) {
        base::json::array out;
        for (const auto& item : *list) out.push_back(abbreviated(item));
        return out;
    }
    const auto* map = json.if_object();
    if (map == nullptr) return json;
    object out;
    for (const auto& member : *map) out.emplace(member.key(), abbreviated(member.value()));
    return out;
}

/// An amount in LUX: a number in events of transactions, a text in events of contracts.
std::uint64_t lux_at(const object& from, std::string_view key) {
    return base::parse_u64(text_at(from, key)).value_or(0);
}

std::string bytes_text(std::uint64_t count) {
    return fmt::format("{} byte{}", count, count == 1 ? "" : "s");
}

/// `, calls count of a8956062…`, `, deploys a contract`: what else a transaction does. Empty for a transfer.
std::string work_text(const object& payload) {
    if (const value* deploys = payload.if_contains("is_deploy"); deploys != nullptr && *deploys == true)
        return ", deploys a contract";
    const value* call = payload.if_contains("call");
    if (call == nullptr || !call->is_object()) return "";
    return fmt::format(", calls {} of {}", shortened(text_at(call->get_object(), "fn_name"), kMemoWidth),
                       shortened(text_at(call->get_object(), "contract"), kEntityWidth));
}

/// `, “lunch”`: the memo of a transfer, which the payload has in hex. Empty where there is none.
std::string memo_text(const object& payload) {
    const auto bytes = base::from_hex(text_at(payload, "memo"));
    if (!bytes || bytes->empty()) return "";
    const auto text = base::text(*bytes);
    if (!base::is_utf8(text)) return ", memo of " + bytes_text(bytes->size());
    return fmt::format(", “{}”", shortened(std::string(text), kMemoWidth));
}

/// The payload of a genesis contract's event as its data driver shows it.
std::optional<value> driver_payload(const wire::Frame& frame, const std::optional<wire::Uri>& at) {
    if (!at || at->component != wire::Component::contracts || !at->entity) return std::nullopt;
    const auto contract = base::array_from_hex<32>(*at->entity);
    const auto* driver = contract ? drivers::driver_of(*contract) : nullptr;
    if (driver == nullptr) return std::nullopt;
    auto shown = driver->decode_event(at->topic, frame.payload);
    return shown ? std::optional(std::move(*shown)) : std::nullopt;
}

/// The important part of the most common payloads; nullopt: print the payload itself.
std::optional<std::string> summary(std::string_view what, const std::optional<wire::Uri>& at, const object& payload) {
    if (what == "blocks/accepted") {
        const value* transactions = payload.if_contains("transactions");
        if (transactions == nullptr || !transactions->is_array()) return std::nullopt;
        const auto count = transactions->get_array().size();
        return count == 0 ? "empty" : fmt::format("{} transaction{}", count, count == 1 ? "" : "s");
    }
    if (what == "blocks/statechange")
        return fmt::format("{} at {}", text_at(payload, "state"), text_at(payload, "atHeight"));
    if (what == "transactions/executed") {
        const auto error = text_at(payload, "err");
        return fmt::format("gas {}{}", text_at(payload, "gas_spent"), error == "-" ? "" : ", error: " + error);
    }
    // Any contract may have an event `moonlight`, but only the transfer contract moves DUSK.
    const bool is_transfer_contract = at && at->entity == base::to_hex(ledger::kTransferContract);
    const bool moves = what == "transactions/included" || (what == "contracts/moonlight" && is_transfer_contract);
    if (moves && payload.contains("sender")) {
        const auto receiver = text_at(payload, "receiver");
        return fmt::format("{} DUSK, {} → {}{}{}", client::dusk(lux_at(payload, "value")),
                           shortened(text_at(payload, "sender"), kEntityWidth),
                           receiver == "-" ? "itself" : shortened(receiver, kEntityWidth), work_text(payload),
                           memo_text(payload));
    }
    if (what == "contracts/deploy" && payload.contains("size") && payload.contains("owner")) {
        return fmt::format("{} of code, owner {}", bytes_text(base::parse_u64(text_at(payload, "size")).value_or(0)),
                           shortened(text_at(payload, "owner"), kEntityWidth));
    }
    return std::nullopt;
}

std::string payload_text(const wire::Frame& frame, std::string_view what, const std::optional<wire::Uri>& at) {
    if (frame.payload.empty()) return "";
    auto json = json_payload(frame);
    if (!json) json = driver_payload(frame, at);
    const std::string_view decoded = frame.header("Rues-Decoded").value_or("");
    if (!json) {
        const auto bytes = bytes_text(frame.payload.size());
        return decoded.starts_with("no; ") ? fmt::format("{} ({})", bytes, decoded.substr(4)) : bytes;
    }
    if (json->is_object()) {
        if (auto text = summary(what, at, json->get_object())) return *text;
    }
    return shortened(terminal_json(abbreviated(*json)), decoded == "json" ? kDecodedWidth : kPayloadWidth);
}

}  // namespace

std::string event_line(const wire::Frame& frame, bool colours) {
    const auto location = frame.header("Content-Location").value_or("");
    const auto uri = wire::Uri::of_location(location);
    std::string what(location);
    std::string whom;
    if (uri) {
        what = fmt::format("{}/{}", wire::name(uri->component), uri->topic);
        // The first digits are enough to tell hashes apart, and contracts of the genesis as well.
        whom = shortened(std::string(uri->entity.value_or("")), kEntityWidth);
    }
    const auto height = frame.header("Rues-Height").value_or("-");
    auto payload = printable(payload_text(frame, what, uri));
    if (frame.header("Rues-Retracted")) payload = payload.empty() ? "retracted" : "retracted " + payload;
    what = printable(what);
    whom = printable(whom);
    if (!colours) return fmt::format("{:>6}  {:<24} {:<9}  {}", height, what, whom, payload);
    return fmt::format("\x1b[2m{:>6}\x1b[0m  \x1b[36m{:<24}\x1b[0m {:<9}  {}", height, what, whom, payload);
}

std::string event_json(const wire::Frame& frame) {
    object headers;
    for (const auto& [name, text] : frame.headers) headers[name] = text;
    object out{{"headers", std::move(headers)}};
    if (auto json = json_payload(frame)) {
        out["json"] = std::move(*json);
    } else if (frame.payload.empty()) {
        out["json"] = nullptr;
    } else {
        out["base64"] = base::to_base64(frame.payload);
    }
    return terminal_json(out);
}

}  // namespace rues::app
