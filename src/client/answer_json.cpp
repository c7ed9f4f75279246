#include "client/answer_json.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_reading.hpp"

namespace rues::client {

using base::json::object;
using base::json::value;

Result<object> parse_object(base::ByteView text, std::string_view what) {
    auto parsed = base::json::parse(base::text(text));
    auto* out = parsed ? parsed->if_object() : nullptr;
    if (out == nullptr) return failure(Error::Kind::malformed, fmt::format("{}: not a JSON object", what));
    return std::move(*out);
}

std::optional<std::uint64_t> number_in(const object& from, std::string_view key) {
    const value* found = from.if_contains(key);
    if (found == nullptr) return std::nullopt;
    boost::system::error_code problem;
    const auto out = found->to_number<std::uint64_t>(problem);
    return problem ? std::nullopt : std::optional(out);
}

std::optional<std::string> text_in(const object& from, std::string_view key) {
    const value* found = from.if_contains(key);
    if (found == nullptr || !found->is_string()) return std::nullopt;
    return std::string(found->get_string());
}

std::optional<ledger::ContractEvent> contract_event_of(const value& json) {
    const object* body = json.if_object();
    if (body == nullptr) return std::nullopt;
    const auto contract = base::array_from_hex<32>(text_in(*body, "source").value_or(""));
    const auto origin = base::array_from_hex<32>(text_in(*body, "origin").value_or(""));
    auto topic = text_in(*body, "topic");
    auto data = base::from_hex(text_in(*body, "data").value_or("-"));
    if (!contract || !origin || !topic || !data) return std::nullopt;
    return ledger::ContractEvent{*contract, std::move(*topic), std::move(*data), *origin};
}

std::string error_text(const Answer& answer) {
    constexpr std::size_t kLongest = 4'096;
    std::optional<std::string> text;
    if (const auto body = parse_object(answer.body, "")) text = text_in(*body, "error");
    if (!text) text = base::text(base::ByteView(answer.body).first(std::min(answer.body.size(), kLongest + 1)));
    if (text->size() <= kLongest) return std::move(*text);
    text->resize(kLongest);
    return *text + "...";
}

namespace {

/// Empty for an answer of a RUES server.
std::string other_server(std::string_view path, const Answer& answer) {
    if (answer.header("rusk-version")) return {};
    return fmt::format(
        "this is not a RUES server (rues or Rusk): {} was answered with status {} and without the header "
        "Rusk-Version",
        path, answer.status);
}

}  // namespace

std::unexpected<Error> refused(std::string_view path, const Answer& answer) {
    if (auto text = other_server(path, answer); !text.empty()) return failure(Error::Kind::refused, std::move(text));
    return failure(Error::Kind::refused, fmt::format("{}: {} {}", path, answer.status, error_text(answer)));
}

Result<value> json_of(std::string_view path, const Answer& answer) {
    if (!answer.ok()) return refused(path, answer);
    auto parsed = base::json::parse(base::text(answer.body));
    if (parsed) return std::move(*parsed);
    if (auto text = other_server(path, answer); !text.empty()) return failure(Error::Kind::refused, std::move(text));
    return failure(Error::Kind::malformed, fmt::format("{}: not JSON", path));
}

}  // namespace rues::client
