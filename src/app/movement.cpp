#include "app/movement.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "client/amount.hpp"
#include "client/answer_json.hpp"
#include "ledger/transaction.hpp"

namespace rues::app {
namespace {

using base::json::object;
using base::json::value;
using client::text_in;

/// An account in an event: its text, or `{"Moonlight": text}`. Empty for anything else.
std::string account_in(const object& data, std::string_view key) {
    const value* found = data.if_contains(key);
    if (found != nullptr && found->is_object()) return text_in(found->get_object(), "Moonlight").value_or("");
    return text_in(data, key).value_or("");
}

std::uint64_t added(std::uint64_t a, std::uint64_t b) {
    return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

void take(Movement& movement, const object& event, std::string_view account) {
    const auto topic = text_in(event, "topic").value_or("");
    const bool is_transfer = topic == "moonlight";
    const std::string kind = is_transfer ? "transfer" : topic;
    if (std::ranges::find(movement.kinds, kind) == movement.kinds.end()) movement.kinds.push_back(kind);
    const value* data = event.if_contains("data");
    if (data == nullptr || !data->is_object() || text_in(event, "target") != base::to_hex(ledger::kTransferContract))
        return;
    const auto& payload = data->get_object();
    const auto sender = account_in(payload, "sender");
    auto receiver = account_in(payload, "receiver");
    if (receiver.empty() && is_transfer) receiver = sender;  // a transfer to oneself names none
    const auto amount = base::parse_u64(text_in(payload, "value").value_or("0")).value_or(0);
    if (sender == account) movement.out = added(movement.out, amount);
    if (receiver == account) movement.in = added(movement.in, amount);
    if (!is_transfer || sender == receiver) return;
    movement.other = sender == account ? receiver : sender;
}

}  // namespace

std::optional<Movement> movement_of(const value& group, std::string_view account) {
    const object* body = group.if_object();
    if (body == nullptr) return std::nullopt;
    const auto height = client::number_in(*body, "block_height");
    const auto id = text_in(*body, "origin");
    const value* events = body->if_contains("events");
    if (!height || !id || events == nullptr || !events->is_array()) return std::nullopt;
    Movement out;
    out.height = *height;
    out.id = *id;
    for (const auto& event : events->get_array()) {
        if (!event.is_object()) return std::nullopt;
        take(out, event.get_object(), account);
    }
    return out;
}

std::string line_of(const Movement& movement) {
    const bool gained = movement.in > movement.out;
    const auto change = gained ? movement.in - movement.out : movement.out - movement.in;
    std::string out = fmt::format("{:>8}  {}  {}{} DUSK", movement.height, movement.id,
                                  change == 0 ? ""
                                  : gained    ? "+"
                                              : "-",
                                  client::dusk(change));
    if (!movement.other.empty()) out += fmt::format(" {} {}", gained ? "from" : "to", movement.other);
    for (const auto& kind : movement.kinds) out += ", " + kind;
    return out;
}

}  // namespace rues::app
