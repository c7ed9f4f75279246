#include "gateway/relay.hpp"

#include <algorithm>
#include <array>

#include "api/endpoints/contract_id.hpp"
#include "api/process.hpp"
#include "api/routes.hpp"
#include "api/running.hpp"
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

/// The answer of a node. `held` is given back when the client has it.
void give(Exchange exchange, client::Answer answer, api::Place held) {
    net::Response out;
    out.status = answer.status;
    out.headers = headers_for_client(answer.headers);
    out.body = std::move(answer.body);
    out.until_sent = std::make_shared<api::Place>(std::move(held));
    std::move(exchange).take_responder().send(std::move(out));
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

bool Relay::takes(const api::Route& row, const Exchange& exchange) const {
    if (row.path == "/status") return true;
    if (chain_.executes() && is_known(row, exchange.entity, chain_.is_whole())) return false;
    return is_passed(row.path, exchange.request.method, is_watched(exchange.request));
}

void Relay::answer(const api::Context& context, const api::Route& row, Exchange exchange) {
    if (row.path == "/status") return status(context, std::move(exchange));
    exchange.watch_client();
    const bool is_proof = row.work == api::Work::prove;
    const bool is_transaction = row.path == "/on/transactions/propagate" || row.topic == "propagate";
    api::on_pool(executor_, context.places, api::Work::relay, std::move(exchange),
                 [this, is_proof, is_transaction](Exchange asked) {
                     if (is_transaction) return propagate(std::move(asked));
                     pass(std::move(asked), is_proof);
                 });
}

Result<client::Answer> Relay::ask(std::size_t node, const NodeRequest& request, const Exchange& exchange,
                                  api::Place& held, std::chrono::milliseconds timeout) const {
    base::Bytes body;
    const client::Take keep = [&](base::ByteView bytes) -> Result<void> {
        if (exchange.client_has_gone()) return client::failure(Error::Kind::invalid, "the client has gone");
        if (body.size() + bytes.size() > kMostAnswer)
            return client::failure(Error::Kind::malformed, "the answer is too large to be passed on");
        if (!held.resize(body.size() + bytes.size()))
            return client::failure(Error::Kind::timed_out, "too many large answers are being passed on");
        base::append(body, bytes);
        return {};
    };
    auto answer = client::http_stream(nodes_[node].url, request.method, request.target, request.headers, request.body,
                                      keep, timeout);
    if (answer && answer->ok()) answer->body = std::move(body);
    return answer;
}

/// On a thread of the executor.
void Relay::pass(Exchange exchange, bool is_proof) {
    const auto request = for_node(exchange);
    const auto nodes = is_proof ? nodes_.in_turn_for_proof() : nodes_.in_turn();
    Error last{Error::Kind::unreachable, "none is healthy"};
    std::optional<client::Answer> refusal;
    const auto timeout = is_proof ? kProofTimeout : kAnswerTimeout;
    for (const auto node : nodes) {
        if (std::chrono::steady_clock::now() - exchange.arrived > timeout) break;
        auto held = *held_.take(0);
        auto answer = ask(node, request, exchange, held, timeout);
        if (exchange.client_has_gone()) return;
        if (answer && is_proof && is_without_prover(answer->status)) {
            nodes_.lacks_prover(node);
            refusal = std::move(*answer);
            continue;
        }
        if (answer) return give(std::move(exchange), std::move(*answer), std::move(held));
        last = answer.error();
        if (last.kind == Error::Kind::unreachable) nodes_.failed(node, last.text);
    }
    if (refusal) return give(std::move(exchange), std::move(*refusal), {});
    refuse(std::move(exchange), last);
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
