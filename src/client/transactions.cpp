#include "client/transactions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/json.hpp"

namespace rues::client {
namespace {

using base::json::object;
using base::json::value;

Result<object> parse_object(base::ByteView text, std::string_view what) {
    boost::system::error_code problem;
    auto parsed = boost::json::parse(base::text(text), problem);
    auto* out = problem ? nullptr : parsed.if_object();
    if (out == nullptr) return failure(Error::Kind::malformed, fmt::format("{}: not a JSON object", what));
    return std::move(*out);
}

std::optional<std::uint64_t> number(const object& from, std::string_view key) {
    const value* found = from.if_contains(key);
    if (found == nullptr) return std::nullopt;
    boost::system::error_code problem;
    const auto out = found->to_number<std::uint64_t>(problem);
    return problem ? std::nullopt : std::optional(out);
}

/// The text of `{"error": text}`, or the body as it is.
std::string error_text(const Answer& answer) {
    const auto body = parse_object(answer.body, "");
    if (body) {
        const value* text = body->if_contains("error");
        if (text != nullptr && text->is_string()) return std::string(text->get_string());
    }
    return std::string(base::text(answer.body));
}

Result<object> ask(const Url& url, const std::string& path) {
    const auto answer = http(url, "POST", path, {}, {});
    if (!answer) return std::unexpected(answer.error());
    if (!answer->ok())
        return failure(Error::Kind::refused, fmt::format("{}: {} {}", path, answer->status, error_text(*answer)));
    return parse_object(answer->body, path);
}

Result<Ending> read_ending(std::string_view topic, base::ByteView payload) {
    Ending out;
    if (topic == "removed") {
        out.kind = Ending::Kind::removed;
        return out;
    }
    const auto body = parse_object(payload, topic);
    if (!body) return std::unexpected(body.error());
    const bool dropped = topic == "dropped";
    const value* error = body->if_contains(dropped ? "reason" : "err");
    if (error != nullptr && error->is_string()) out.error = std::string(error->get_string());
    if (dropped) {
        out.kind = Ending::Kind::dropped;
    } else {
        out.block_height = number(*body, "block_height").value_or(0);
        out.gas_spent = number(*body, "gas_spent").value_or(0);
    }
    return out;
}

}  // namespace

Result<AccountStatus> account_status(const Url& url, const crypto::PublicKey& account) {
    const auto path = fmt::format("/on/account:{}/status", base::to_base58(account.bytes()));
    const auto status = ask(url, path);
    if (!status) return std::unexpected(status.error());
    const auto balance = number(*status, "balance");
    const auto nonce = number(*status, "nonce");
    if (!balance || !nonce) return failure(Error::Kind::malformed, path + ": no balance or nonce");
    return AccountStatus{*balance, *nonce, number(*status, "next_nonce").value_or(*nonce + 1)};
}

Result<std::uint8_t> chain_id(const Url& url) {
    const auto info = ask(url, "/on/node/info");
    if (!info) return std::unexpected(info.error());
    const auto id = number(*info, "chain_id");
    if (!id || *id > 255) return failure(Error::Kind::malformed, "/on/node/info: no chain id");
    return static_cast<std::uint8_t>(*id);
}

Result<void> propagate(const Url& url, const ledger::Transaction& tx) {
    const auto answer = http(url, "POST", "/on/transactions/propagate", {{"Content-Type", "application/octet-stream"}},
                             tx.encode(ledger::Envelope::aegis));
    if (!answer) return std::unexpected(answer.error());
    if (answer->ok()) return {};
    return failure(Error::Kind::refused, error_text(*answer));
}

Result<Watch> Watch::open(const Url& url, const ledger::TxId& id) {
    auto session = Session::open(url);
    if (!session) return std::unexpected(session.error());
    for (const auto* topic : {"executed", "removed", "dropped"}) {
        const auto done = session->subscribe(fmt::format("/on/transactions:{}/{}", base::to_hex(id), topic));
        if (!done) return std::unexpected(done.error());
    }
    return Watch(std::move(*session));
}

Result<std::optional<Ending>> Watch::wait(std::chrono::milliseconds timeout) {
    const auto event = session_.next_event(timeout);
    if (!event) return std::unexpected(event.error());
    if (!*event) return std::nullopt;
    const auto location = (*event)->header("Content-Location").value_or("");
    auto ending = read_ending(location.substr(location.rfind('/') + 1), (*event)->payload);
    if (!ending) return std::unexpected(ending.error());
    return std::optional(std::move(*ending));
}

}  // namespace rues::client
