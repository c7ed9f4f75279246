#include "app/trace_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "app/output.hpp"
#include "base/encoding.hpp"
#include "client/answer_json.hpp"
#include "ledger/genesis.hpp"

namespace rues::app {
namespace {

using base::json::object;
using base::json::value;

constexpr std::size_t kIdDigits = 8;
/// Calls are nested less deeply. A node that says otherwise gets its lines all the same, without more indentation.
constexpr std::uint64_t kMaxDepth = 64;

std::string grouped(std::uint64_t number) {
    std::string out = std::to_string(number);
    for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, 1, ',');
    return out;
}

std::string gas_at(const object& from, std::string_view key) {
    const auto found = client::number_in(from, key);
    return found ? grouped(*found) : "?";
}

std::string text_at(const object& from, std::string_view key) {
    return printable(client::text_in(from, key).value_or(""));
}

bool is_true(const object& from, std::string_view key) {
    const value* found = from.if_contains(key);
    return found != nullptr && found->is_bool() && found->get_bool();
}

const object* object_at(const object& from, std::string_view key) {
    const value* found = from.if_contains(key);
    return found != nullptr ? found->if_object() : nullptr;
}

/// `transfer`, `stake`, or the first digits.
std::string contract_name(const object& call) {
    const auto id = text_at(call, "contract");
    if (id == base::to_hex(ledger::kTransferContract)) return "transfer";
    if (id == base::to_hex(ledger::kStakeContract)) return "stake";
    return id.substr(0, kIdDigits);
}

bool has_failed(const object& call) {
    return text_at(call, "end") != "returned";
}

/// A line of the tree, before it is drawn.
struct Line {
    std::size_t depth = 0;
    std::string text;
    bool is_failed_call = false;
};

/// `, 3 calls and 2 events left out`
std::string left_out_text(const object& call) {
    const auto* left_out = object_at(call, "left_out");
    if (left_out == nullptr) return "";
    const auto calls = client::number_in(*left_out, "calls").value_or(0);
    const auto events = client::number_in(*left_out, "events").value_or(0);
    if (calls + events == 0) return "";
    return fmt::format(", left out: {} calls with {} gas, {} events", grouped(calls), gas_at(*left_out, "gas_spent"),
                       grouped(events));
}

std::string end_text(const object& call) {
    if (!has_failed(call)) return "";
    auto end = text_at(call, "end");
    std::ranges::replace(end, '_', ' ');
    const auto error = text_at(call, "error");
    if (end == "failed" && !error.empty()) return "  FAILED: " + error;
    return fmt::format("  FAILED: {}{}{}", end, error.empty() ? "" : ": ", error);
}

std::string call_text(const object& call) {
    const std::string gas = fmt::format("{} gas", gas_at(call, "gas_spent"));
    const bool has_parts = gas_at(call, "gas_own") != gas_at(call, "gas_spent");
    const bool loses = client::number_in(call, "gas_lost").value_or(0) > 0;
    const std::string parts = !has_parts ? ""
                                         : fmt::format(" ({} own{})", gas_at(call, "gas_own"),
                                                       loses ? fmt::format(", {} lost", gas_at(call, "gas_lost")) : "");
    return fmt::format("{}.{}  {}{}{}{}{}", contract_name(call), text_at(call, "function"), gas, parts,
                       is_true(call, "paid") ? "" : ", not paid", left_out_text(call), end_text(call));
}

std::string event_text(const object& event) {
    return fmt::format("event {}, {} bytes{}", text_at(event, "topic"), gas_at(event, "bytes"),
                       is_true(event, "reverted") ? ", reverted" : "");
}

std::vector<Line> lines_of(const object& trace) {
    std::vector<Line> out;
    const value* steps = trace.if_contains("steps");
    if (steps == nullptr || !steps->is_array()) return out;
    for (const value& step : steps->get_array()) {
        if (!step.is_object()) continue;
        const auto depth = std::min(client::number_in(step.get_object(), "depth").value_or(0), kMaxDepth);
        // No deeper than one below the line before, so that each line has a place in the tree.
        Line line{std::min<std::size_t>(depth, out.empty() ? 0 : out.back().depth + 1), {}};
        if (const auto* call = object_at(step.get_object(), "call")) {
            line.text = call_text(*call);
            line.is_failed_call = has_failed(*call);
        } else if (const auto* event = object_at(step.get_object(), "event")) {
            line.text = event_text(*event);
        } else {
            continue;
        }
        out.push_back(std::move(line));
    }
    return out;
}

/// The line at which a reader should look first: of the last call that failed, the last call of its own that failed,
/// and so on. A caller often fails because a call of its own did.
std::optional<std::size_t> innermost_failure(const std::vector<Line>& lines) {
    std::optional<std::size_t> found;
    std::size_t within = kMaxDepth + 1;  // lines of this depth and above are outside of the last failed call
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i].depth <= within) within = kMaxDepth + 1;
        if (within > kMaxDepth && lines[i].is_failed_call) {
            found = i;
            within = lines[i].depth;
        }
    }
    for (auto at = found; at;) {
        found = at;
        at.reset();
        for (std::size_t i = *found + 1; i < lines.size() && lines[i].depth > lines[*found].depth; ++i)
            if (lines[i].is_failed_call && lines[i].depth == lines[*found].depth + 1) at = i;
    }
    return found;
}

/// Adds the branches: a line is the last one of its depth when no line of the same depth follows before a shallower
/// one.
std::string drawn(const std::vector<Line>& lines, std::optional<std::size_t> marked) {
    std::vector<std::string> out(lines.size());
    std::vector<bool> goes_on;  // by depth: a line of this depth follows further below
    for (std::size_t i = lines.size(); i > 0; --i) {
        const Line& line = lines[i - 1];
        goes_on.resize(line.depth + 1, false);
        std::string& text = out[i - 1];
        for (std::size_t depth = 0; depth < line.depth; ++depth) text += goes_on[depth] ? "│  " : "   ";
        text += goes_on[line.depth] ? "├─ " : "└─ ";
        text += line.text;
        if (marked == i - 1) text += "  <- the innermost failure";
        goes_on[line.depth] = true;
    }
    std::string all;
    for (const auto& line : out) all += line + '\n';
    return all;
}

}  // namespace

std::string trace_text(const object& trace, bool failed) {
    auto lines = lines_of(trace);
    const auto marked = failed ? innermost_failure(lines) : std::nullopt;
    if (client::number_in(trace, "deploy_charge").value_or(0) > 0)
        lines.push_back({0, fmt::format("charge for the deployment  {} gas", gas_at(trace, "deploy_charge")), false});
    if (client::number_in(trace, "blob_charge").value_or(0) > 0)
        lines.push_back({0, fmt::format("charge for the blobs  {} gas", gas_at(trace, "blob_charge")), false});
    if (client::number_in(trace, "gas_lost").value_or(0) > 0)
        lines.push_back(
            {0, fmt::format("the rest of the limit, because it failed  {} gas", gas_at(trace, "gas_lost")), false});
    std::string out =
        fmt::format("{} of {} gas\n", gas_at(trace, "gas_spent"), gas_at(trace, "gas_limit")) + drawn(lines, marked);
    if (const auto* left_out = object_at(trace, "left_out")) {
        const auto calls = client::number_in(*left_out, "calls").value_or(0);
        const auto events = client::number_in(*left_out, "events").value_or(0);
        const auto bytes = client::number_in(*left_out, "text_bytes").value_or(0);
        if (calls + events + bytes > 0)
            out += fmt::format("left out: {} calls, {} events, {} bytes of text\n", grouped(calls), grouped(events),
                               grouped(bytes));
    }
    return out;
}

}  // namespace rues::app
