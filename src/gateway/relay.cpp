#include "gateway/relay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/endpoints/contract_id.hpp"
#include "api/process.hpp"
#include "api/routes.hpp"
#include "api/running.hpp"
#include "api/wanted_tip.hpp"
#include "client/failure.hpp"
#include "wire/version.hpp"

namespace rues::gateway {
namespace {

using api::Exchange;

/// RFC 9110 7.6.1, and headers that this program writes itself.
constexpr std::array<std::string_view, 14> kOfConnection{"connection",
                                                         "content-length",
                                                         "date",
                                                         "expect",
                                                         "host",
                                                         "keep-alive",
                                                         "proxy-authenticate",
                                                         "proxy-authorization",
                                                         "proxy-connection",
                                                         "te",
                                                         "trailer",
                                                         "transfer-encoding",
                                                         "upgrade",
                                                         "x-forwarded-for"};

bool is_of_connection(std::string_view name) {
    return std::ranges::any_of(kOfConnection,
                               [name](std::string_view each) { return base::equal_ignoring_case(each, name); });
}

bool is_watched(const net::Request& request) {
    return request.header("rues-watch").has_value() || request.header("rues-wait").has_value();
}

NodeRequest for_node(Exchange& exchange) {
    auto& request = exchange.request;
    return {request.method, request.target, headers_for_node(request), std::move(request.body)};
}

/// The height that a node must have for this request, which `api::await_tip` has found here; 0: any. May wait for the
/// disk.
std::uint64_t least_height(const api::Context& context, const net::Request& request) {
    const auto wanted = api::WantedTip::of(request);
    if (!wanted) return 0;
    std::uint64_t out = wanted->height.value_or(0);
    if (wanted->hash) {
        const auto height = context.store.snapshot()->height_of(*wanted->hash);
        if (height && *height) out = std::max(out, **height);
    }
    return out;
}

/// The answer of a node. `held` is given back when the client has it.
void give(Exchange exchange, client::Answer answer, api::Place held) {
    net::Response out;
    out.status = answer.status;
    out.headers = headers_for_client(answer.headers);
    out.body = std::move(answer.body);
    out.until_sent = std::make_shared<api::Place>(std::move(held));
    std::move(exchange).take_responder().send(std::move(out));
}

/// The same for an answer that others get too.
void give_shared(Exchange exchange, const SharedAnswerPtr& shared) {
    net::Response out;
    out.status = shared->answer.status;
    out.headers = headers_for_client(shared->answer.headers);
    out.shared_body = {base::ByteView(shared->answer.body), shared};
    std::move(exchange).take_responder().send(std::move(out));
}

void refuse_behind(Exchange exchange) {
    std::move(exchange).fail({api::ErrorCode::block_not_reached, "no node that answers has it"});
}

void refuse(Exchange exchange, const Error& error) {
    std::move(exchange).fail({api::ErrorCode::overloaded, "no node answers: " + error.text});
}

}  // namespace

client::Headers headers_for_node(const net::Request& request) {
    client::Headers out;
    for (const auto& [name, value] : request.headers) {
        if (!is_of_connection(name) && !base::equal_ignoring_case(name, "rusk-session-id"))
            out.emplace_back(name, value);
    }
    if (!request.peer.empty()) out.emplace_back("X-Forwarded-For", request.peer);
    return out;
}

net::Headers headers_for_client(const client::Headers& headers) {
    net::Headers out;
    for (const auto& [name, value] : headers) {
        if (!is_of_connection(name)) out.emplace_back(name, value);
    }
    return out;
}

bool is_passed(std::string_view path, std::string_view method, bool watched) {
    if (path == "/on/graphql/query") return false;
    if (path == "/on/transactions/propagate") return method == "POST" && !watched;
    if (path.starts_with("/on/")) return method == "POST";
    return path == "/contracts" || path == "/contracts/{entity}" || path.starts_with("/static/drivers/");
}

bool is_known(const api::Route& row, std::string_view entity, bool whole) {
    const auto is = [&row](std::string_view path, std::string_view topic) {
        return row.path == path && (topic.empty() || row.topic == topic);
    };
    if (is("/contracts", "") || is("/contracts/{entity}", "") || is("/on/stats/{topic}", "tx_count")) return whole;
    if (is("/on/driver:{entity}/{topic}", "")) {  // uploaded drivers are on the nodes
        const auto id = api::contract_id(entity);
        return id && api::is_genesis_contract(*id);
    }
    return is("/on/contracts:{entity}/{topic}", "") || is("/on/account:{entity}/{topic}", "") ||
           is("/on/contract:{entity}/status", "") || is("/on/contract_owner:{entity}/{topic}", "") ||
           is("/on/transactions/{topic}", "simulate") || is("/on/node/{topic}", "provisioners") ||
           is("/on/stats/{topic}", "account_count") || is("/on/blocks/{topic}", "gas-price");
}

bool is_without_prover(unsigned status) noexcept {
    return status == 404 || status == 501 || status == 503;
}

bool is_from_before(std::uint64_t height, const client::Answer& answer) {
    const auto text = answer.header("rues-height");
    const auto said = text ? base::parse_u64(*text) : std::nullopt;
    return said && *said < height;
}

bool Relay::takes(const api::Route& row, const Exchange& exchange) const {
    return row.path == "/status" || needs_node(row, exchange);
}

bool Relay::needs_node(const api::Route& row, const Exchange& exchange) const {
    if (chain_.executes() && is_known(row, exchange.entity, chain_.is_whole())) return false;
    return is_passed(row.path, exchange.request.method, is_watched(exchange.request));
}

Relay::Kind Relay::kind_of(const api::Route& row, const net::Request& request) {
    if (row.topic == "propagate") return Kind::transaction;
    if (row.topic == "upload_driver") return Kind::driver_upload;
    if (row.work == api::Work::prove) return Kind::proof;
    return !row.has_secrets && is_shared(row.path, row.topic, request) ? Kind::shared_read : Kind::read;
}

std::optional<std::string> Relay::share_key_of(const net::Request& request) const {
    auto key = share_key(request);
    if (key) key->append("\n").append(std::to_string(driver_uploads_));
    return key;
}

void Relay::answer(const api::Context& context, const api::Route& row, Exchange exchange) {
    if (row.path == "/status") return status(context, std::move(exchange));
    const Kind kind = kind_of(row, exchange.request);
    if (kind == Kind::shared_read) {
        const auto key = share_key_of(exchange.request);
        if (const auto kept = key ? shared_.find(chain_.tip().hash, *key) : nullptr)
            return give_shared(std::move(exchange), kept);
    }
    exchange.watch_client();
    api::on_pool(executor_, context.places, api::Work::relay, std::move(exchange),
                 [this, &context, kind](Exchange exchange_now) {
                     if (kind == Kind::transaction) return propagate(std::move(exchange_now));
                     const auto least = least_height(context, exchange_now.request);
                     if (kind == Kind::shared_read) return pass_shared({std::move(exchange_now), least});
                     pass({std::move(exchange_now), least}, kind);
                 });
}

Result<client::Answer> Relay::ask(std::size_t node, const NodeRequest& request, const std::function<bool()>& gone,
                                  api::Place& held, std::chrono::milliseconds timeout) const {
    base::Bytes body;
    const client::Take keep = [&](base::ByteView bytes) -> Result<void> {
        if (gone()) return client::failure(Error::Kind::invalid, "the client has gone");
        if (body.size() + bytes.size() > kMostAnswer)
            return client::failure(Error::Kind::malformed, "the answer is too large to be passed on");
        if (!held.resize(body.size() + bytes.size()))
            return client::failure(Error::Kind::timed_out, "too many large answers are being passed on");
        base::append(body, bytes);
        return {};
    };
    const Upstreams::Asking asking(nodes_, node);
    auto answer = client::http_stream(nodes_[node].url, request.method, request.target, request.headers, request.body,
                                      keep, timeout);
    if (answer && answer->ok()) answer->body = std::move(body);
    return answer;
}

/// On a thread of the executor.
void Relay::pass(Asked asked, Kind kind) {
    auto& [exchange, least] = asked;
    const auto request = for_node(exchange);
    const bool is_proof = kind == Kind::proof;
    const auto nodes = is_proof ? nodes_.in_turn_for_proof() : nodes_.in_turn(least);
    Error last{Error::Kind::unreachable, "none is healthy"};
    std::optional<client::Answer> refusal;
    bool is_behind = nodes.empty() && least > 0;
    const auto timeout = is_proof ? kProofTimeout : kAnswerTimeout;
    for (const auto node : nodes) {
        if (std::chrono::steady_clock::now() - exchange.arrived > timeout) break;
        auto held = *held_.take(0);
        auto answer = ask(node, request, [&exchange] { return exchange.client_has_gone(); }, held, timeout);
        if (kind == Kind::driver_upload) ++driver_uploads_;
        if (exchange.client_has_gone()) return;
        if (answer && is_proof && is_without_prover(answer->status)) {
            nodes_.lacks_prover(node);
            refusal = std::move(*answer);
            continue;
        }
        if (answer && is_from_before(least, *answer)) {
            is_behind = true;
            continue;
        }
        if (answer) return give(std::move(exchange), std::move(*answer), std::move(held));
        last = answer.error();
        if (last.kind == Error::Kind::unreachable) nodes_.failed(node, last.text);
    }
    if (refusal) return give(std::move(exchange), std::move(*refusal), {});
    if (is_behind) return refuse_behind(std::move(exchange));
    refuse(std::move(exchange), last);
}

/// The same for a request whose answer others may get: it waits for one that asks the same, or asks for all. Only nodes
/// are asked that have the gateway's tip, so that nobody gets an answer from before the tip that he has seen here. On a
/// thread of the executor.
void Relay::pass_shared(Asked asked) {
    const auto key = share_key_of(asked.exchange.request);
    const auto tip = chain_.tip();
    const auto least = std::max(asked.least, tip.height);
    const auto nodes = nodes_.in_turn(least);
    if (!key || nodes.empty()) return pass(std::move(asked), Kind::read);
    if (const auto kept = shared_.find(tip.hash, *key)) return give_shared(std::move(asked.exchange), kept);
    const auto has_gone = [](const Asked& each) { return each.exchange.client_has_gone(); };
    if (shared_.join(tip.hash, *key, asked, has_gone)) return;
    const auto& exchange = asked.exchange;
    const NodeRequest request{exchange.request.method, exchange.request.target, headers_for_node(exchange.request),
                              net::Body(exchange.request.body)};
    auto shared = std::make_shared<SharedAnswer>(SharedAnswer{{}, *held_.take(0)});
    Result<client::Answer> answer = client::failure(Error::Kind::unreachable, "none is healthy");
    for (const auto node : nodes) {
        if (std::chrono::steady_clock::now() - exchange.arrived > kAnswerTimeout) break;
        answer = ask(node, request, [] { return false; }, shared->held, kAnswerTimeout);
        if (answer && !is_from_before(least, *answer)) break;
        if (!answer && answer.error().kind == Error::Kind::unreachable) nodes_.failed(node, answer.error().text);
    }
    const bool is_behind = answer && is_from_before(least, *answer);
    const bool is_good = answer && !is_behind && is_for_all(*answer);
    if (answer) shared->answer = std::move(*answer);
    const bool is_kept = is_good && shared->answer.status == 200 && shared->answer.body.size() <= kMostKept;
    auto others = shared_.end(tip.hash, *key, is_kept ? shared : nullptr);
    if (!answer) {
        refuse(std::move(asked.exchange), answer.error());
        return give_to_all(std::move(others), std::unexpected(answer.error()));
    }
    // An answer that is for nobody else is for the one who asked.
    if (is_behind) {
        others.push_back(std::move(asked));
    } else {
        give_shared(std::move(asked.exchange), shared);
    }
    give_to_all(std::move(others), is_good ? SharedAnswerPtr(shared) : nullptr);
}

/// Null: the answer was none for all, so each asks for itself.
void Relay::give_to_all(std::vector<Asked> all, const Result<SharedAnswerPtr>& answer) {
    for (auto& each : all) {
        if (!answer) {
            refuse(std::move(each.exchange), answer.error());
        } else if (*answer) {
            give_shared(std::move(each.exchange), *answer);
        } else {
            const auto client = each.exchange.request.client;
            const base::ActingFor scope(client.get());
            // Shared, because an executor that is full drops the task, and the request must still be answered.
            const auto alone = std::make_shared<Asked>(std::move(each));
            if (!executor_([this, alone] { pass(std::move(*alone), Kind::read); }))
                std::move(alone->exchange)
                    .fail({api::ErrorCode::overloaded, std::string(api::class_of(api::Work::relay).full)});
        }
    }
}

void Relay::propagate(Exchange exchange) {
    auto request = for_node(exchange);
    fan_out(nodes_, executor_, std::move(request),
            [exchange = std::move(exchange)](Result<client::Answer> answer) mutable {
                if (!answer) return refuse(std::move(exchange), answer.error());
                give(std::move(exchange), std::move(*answer), {});
            });
}

void Relay::status(const api::Context& context, Exchange exchange) const {
    using base::json::object;
    const auto tip = chain_.tip();
    const auto report = chain_.report();
    const auto uptime =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - context.begun);
    const auto highest = nodes_.highest();
    object gateway{{"following", nullptr},
                   {"lag", highest > tip.height ? highest - tip.height : 0},
                   {"blocks", report.blocks},
                   {"asked_again", report.asked_again},
                   {"executes", chain_.executes()},
                   {"reorganisations", report.reorganisations},
                   {"taken_back", report.taken_back},
                   {"upstreams", nodes_.to_json(tip.height)}};
    if (!report.upstream.empty()) gateway["following"] = report.upstream;
    if (const auto* member = chain_.member()) gateway["cluster"] = member->to_json();
    std::move(exchange).json(object{
        {"version", context.version},
        {"rusk_version", wire::kRuskVersion},
        {"chain_id", chain_.parameters().chain_id},
        {"ready", !context.not_ready || context.not_ready().empty()},
        {"setup", context.setup},
        {"tip", object{{"height", tip.height}, {"hash", base::json::hex(tip.hash)}, {"timestamp", tip.timestamp}}},
        {"position", wire::Position{context.store.epoch(), context.store.last_seq()}.to_string()},
        {"mempool", chain_.mempool_size()},
        {"sessions", context.hub.sessions()},
        {"uptime_seconds", uptime.count()},
        {"memory_bytes", api::resident_bytes()},
        {"gateway", std::move(gateway)}});
}

}  // namespace rues::gateway
