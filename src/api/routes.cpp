#include "api/routes.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace rues::api {
namespace {

using enum Method;
using enum Rules;
using Form = Content::Form;

constexpr std::size_t kOn = 3 << 20;  // docs/reference/differences.md 10
/// Body limit of routes that need no body, or only a number. No known client sends more there.
constexpr std::size_t kShort = 65'536;
constexpr std::size_t kUpload = 2 << 20;
constexpr std::size_t kGraphql = 262'144;
constexpr std::size_t kSmall = 4'096;

constexpr Content kNone{};
constexpr Content kText{Form::text, {}};
constexpr Content kBytes{Form::bytes, {}};
constexpr Content kUntyped{Form::untyped, {}};
constexpr Content kRaw{Form::raw, {}};
constexpr Content kAny{Form::any, {}};
constexpr Content kBlob{Form::any, "Blob"};
constexpr Content kPage{Form::page, {}};
constexpr Content json(std::string_view schema) {
    return {Form::json, schema};
}

constexpr std::string_view kSubscribe = "Subscribe the session to events";
constexpr std::string_view kUnsubscribe = "End a subscription of the session";
constexpr bool kDeprecated = true;

using enum Parameter::In;

constexpr Parameter kPropagateParameters[] = {
    {"Rues-Watch", header,
     "true: subscribes the session of Rusk-Session-Id to the events of the transaction, until its last one"},
    {"Rues-Wait", header, "included, executed or finalized: the answer waits for it"},
    {"Rues-Wait-Seconds", header, "Seconds to wait at most, 1 to 300; default 30"},
};
constexpr FurtherAnswer kPropagateAnswers[] = {{200, {Form::json, "Outcome"}, "The outcome, with Rues-Wait"}};
constexpr unsigned kTooMany[] = {429};
constexpr Extras kPropagate{kPropagateParameters, kPropagateAnswers, kTooMany};

constexpr Parameter kPeersParameters[] = {{"count", query, "Maximum number of peers"}};
constexpr FurtherAnswer kPeersAnswers[] = {{200, kUntyped, "Subscribed"}};
constexpr Extras kPeersOrSubscription{.parameters = kPeersParameters, .answers = kPeersAnswers, .needs_session = false};

constexpr std::string_view kDecode = "json: events of contracts come decoded; no: as they are, the default";
constexpr std::string_view kDecodeHeader = "The same; wins over decode";
constexpr std::string_view kFinality =
    "confirmed or final: an event comes when its block has this state; accepted: at once, the default";
constexpr std::string_view kFinalityHeader = "The same; wins over finality";
constexpr std::string_view kRetractions =
    "true: when a block is taken back, a copy of each of its events comes, marked with Rues-Retracted";
constexpr std::string_view kRetractionsHeader = "The same; wins over retractions";
constexpr Parameter kStreamParameters[] = {
    {"on", query, "Path to subscribe to, /on/…; may be repeated", true},
    {"after", query, "Position; only events after it"},
    {"Last-Event-ID", header, "Position; wins over lastEventId and after"},
    {"lastEventId", query, "The same, for polyfills; wins over after"},
    {"decode", query, kDecode},
    {"Rues-Decode", header, kDecodeHeader},
    {"finality", query, kFinality},
    {"Rues-Finality", header, kFinalityHeader},
    {"retractions", query, kRetractions},
    {"Rues-Retractions", header, kRetractionsHeader},
};
constexpr Extras kStream{.parameters = kStreamParameters};
constexpr Parameter kHistoryParameters[] = {
    {"on", query, "Path to subscribe to, /on/…; may be repeated", true},
    {"after", query, "Position; only events after it"},
    {"limit", query, "Events in a page, 1 to 10000; default 1000"},
    {"decode", query, kDecode},
    {"Rues-Decode", header, kDecodeHeader},
    {"finality", query, kFinality},
    {"Rues-Finality", header, kFinalityHeader},
    {"retractions", query, kRetractions},
    {"Rues-Retractions", header, kRetractionsHeader},
};
constexpr Extras kHistory{.parameters = kHistoryParameters};
constexpr Parameter kArchiveParameters[] = {
    {"before", query, "`next` of the previous page; the newest page without it"},
    {"limit", query, "Entries in a page, 1 to 200; default 25"},
};
constexpr Extras kArchive{.parameters = kArchiveParameters};
constexpr Parameter kEventsParameters[] = {
    {"before", query, "`next` of the previous page; the newest page without it"},
    {"limit", query, "Entries in a page, 1 to 200; default 25"},
    {"topic", query, "Only events with this topic. A page examines at most 1000 events, so it may be short or empty"},
};
constexpr Extras kEvents{.parameters = kEventsParameters};
constexpr Parameter kCallParameters[] = {
    {"Rusk-Feeder", header, "Any value: stream the feeder's items"},
    {"Rues-Trace", header,
     "true: the answer is JSON of the schema TracedQuery, also for a call that failed. Not with Rusk-Feeder"}};
constexpr Parameter kSimulateParameters[] = {
    {"Rues-Events", header, "true: adds the events of the transaction"},
    {"Rues-Trace", header, "true: adds the calls that contracts made, with their gas and how they ended"}};
constexpr Extras kSimulate{.parameters = kSimulateParameters};
constexpr Extras kCall{.parameters = kCallParameters};
constexpr Extras kCached{.cached = true};
constexpr Parameter kLegacyParameters[] = {
    {"on", query, "Path to subscribe to, /on/…; may be repeated"},
    {"after", query, "Position; only events after it"},
};
constexpr Extras kLegacy{.parameters = kLegacyParameters};
constexpr FurtherAnswer kOldAnswers[] = {{202, kNone, "Done, and there is nothing to say"},
                                         {500, kText, "Any error, as text"}};
constexpr Extras kOld{.answers = kOldAnswers};

// docs/reference/rusk-1.7.md 1.2. The first match wins. The order of GET and POST is that of the node's `Allow`.
// clang-format off
constexpr Route kRoutes[] = {
    // path, method, topic, work, body limit, handler, rules, deprecated, takes, status, gives, summary, setting, extras, refine
    {"/", get, "", Work::loop, kSmall, &pages::start, page, false, kNone, 200, {Form::start, "Start"},
     "Start page for browsers, JSON for other clients; with `Upgrade: websocket` a session"},
    {"/explorer", get, "", Work::loop, kSmall, &pages::explorer, plain, false, kNone, 200, kPage, "Explorer of the chain: blocks, transactions, accounts, contracts, stakes, live"},
    {"/explorer/{file}", get, "", Work::loop, kSmall, &pages::explorer, plain, false, kNone, 200, kPage, "A file of this page"},
    {"/graphiql", get, "", Work::loop, kSmall, &pages::graphiql, plain, false, kNone, 200, kPage, "GraphiQL, an editor for queries to /graphql"},
    {"/graphiql/{file}", get, "", Work::loop, kSmall, &pages::graphiql, plain, false, kNone, 200, kPage, "A file of this page"},
    {"/healthz", get, "", Work::loop, kSmall, &health::alive, plain, false, kNone, 200, json("Alive"), "200 while the program answers"},
    {"/readyz", get, "", Work::loop, kSmall, &health::ready, plain, false, kNone, 200, json("Ready"), "200 while the chain runs, else 503"},
    {"/status", get, "", Work::loop, kSmall, &health::status, plain, false, kNone, 200, json("Status"),
     "Version, tip, mempool, sessions, uptime, memory"},
    {"/openapi.json", get, "", Work::loop, kSmall, &pages::openapi, plain, false, kNone, 200, json(""), "This document", nullptr, kCached},
    {"/api-docs/openapi.json", get, "", Work::loop, kSmall, &pages::openapi, plain, false, kNone, 200, json(""), "The same document, at Rusk's path", nullptr, kCached},
    {"/on", upgrade, "", Work::session, kSmall, &sessions::upgrade, plain, false, kNone, 101, kNone,
     "Open a WebSocket session: the first message is its id, then come the events that it subscribes to"},

    {"/events", get, "", Work::push, kSmall, &events::stream, plain, false, kNone, 200, {Form::events, {}},
     "Events as Server-Sent Events: `on=…` once for each subscription, `after` or `Last-Event-ID`", nullptr, kStream},
    {"/events/history", get, "", Work::history, kSmall, &events::history, plain, false, kNone, 200, {Form::lines, {}},
     "Stored events, one per line: `on=…` once for each subscription, `after`, `limit`", nullptr, kHistory, &events::history_work},

    {"/archive/accounts/{entity}", get, "", Work::scan, kSmall, &archive::account, plain, false, kNone, 200, json("AccountHistory"),
     "Transactions of an account in final blocks, newest first: `limit`, and `before` with the `next` of the previous page", nullptr, kArchive},
    {"/archive/contracts/{entity}", get, "", Work::scan, kSmall, &archive::contract, plain, false, kNone, 200, json("ContractHistory"),
     "Events of a contract in final blocks, newest first: `limit`, `topic`, and `before` with the `next` of the previous page", nullptr, kEvents},
    {"/contracts", get, "", Work::scan, kSmall, &deployed::list, plain, false, kNone, 200, json("Contracts"),
     "Contracts that transactions deployed, newest first: `limit`, and `before` with the `next` of the previous page", nullptr, kArchive},
    {"/contracts/{entity}", get, "", Work::scan, kSmall, &deployed::show, plain, false, kNone, 200, json("Contract"),
     "Code, owner and deployment of a contract; a genesis contract has no deployment"},
    {"/contracts/{entity}/calls", get, "", Work::scan, kSmall, &deployed::calls, plain, false, kNone, 200, json("ContractCalls"),
     "Transactions that call a contract, newest first: `limit`, and `before` with the `next` of the previous page", nullptr, kArchive},

    {"/on/transactions/propagate", post, "propagate", Work::verify, kOn, &transactions::propagate, rues, false, kBytes, 202, kNone,
     "Check a transaction and put it into the mempool; `Rues-Watch` subscribes the session to its events, `Rues-Wait` waits for its outcome", nullptr, kPropagate},
    {"/on/transactions/{topic}", post, "preverify", Work::verify, kOn, &transactions::preverify, rues, false, kBytes, 202, kNone,
     "Check a transaction; nothing changes"},
    {"/on/transactions/{topic}", post, "simulate", Work::simulate, kOn, &transactions::simulate, rues, false, kBytes, 200, json("Simulation"),
     "Execute a transaction on the state of the tip; nothing changes. `Rues-Events: true` adds its events, `Rues-Trace: true` the calls of contracts", nullptr, kSimulate},
    {"/on/transactions/{topic}", post, "propagate", Work::verify, kOn, &transactions::propagate, rues, false, kBytes, 202, kNone,
     "Check a transaction and put it into the mempool; `Rues-Watch` subscribes the session to its events, `Rues-Wait` waits for its outcome", nullptr, kPropagate},
    {"/on/transactions/{topic}", subscribe, "", Work::session, kShort, &sessions::subscribe, rues, false, kNone, 200, kNone, kSubscribe},
    {"/on/transactions/{topic}", unsubscribe, "", Work::session, kShort, &sessions::unsubscribe, rues, false, kNone, 200, kNone, kUnsubscribe},
    {"/on/transactions:{entity}/{topic}", subscribe, "", Work::session, kShort, &sessions::subscribe, rues, false, kNone, 200, kNone, kSubscribe},
    {"/on/transactions:{entity}/{topic}", unsubscribe, "", Work::session, kShort, &sessions::unsubscribe, rues, false, kNone, 200, kNone, kUnsubscribe},

    {"/on/blocks/{topic}", post, "gas-price", Work::loop, kShort, &blocks::gas_price, rues, false, kText, 200, json("GasPrice"),
     "Gas prices in the mempool, computed from at most as many transactions as the body says"},
    {"/on/blocks/{topic}", subscribe, "", Work::session, kShort, &sessions::subscribe, rues, false, kNone, 200, kNone, kSubscribe},
    {"/on/blocks/{topic}", unsubscribe, "", Work::session, kShort, &sessions::unsubscribe, rues, false, kNone, 200, kNone, kUnsubscribe},
    {"/on/blocks:{entity}/{topic}", subscribe, "", Work::session, kShort, &sessions::subscribe, rues, false, kNone, 200, kNone, kSubscribe},
    {"/on/blocks:{entity}/{topic}", unsubscribe, "", Work::session, kShort, &sessions::unsubscribe, rues, false, kNone, 200, kNone, kUnsubscribe},

    {"/on/contracts:{entity}/{topic}", post, "", Work::call, kOn, &contracts::call_function, rues, false, kAny, 200, kAny,
     "Call a function of a contract on a copy of the tip's state; nothing changes. `Rues-Trace: true` shows the calls of contracts", nullptr, kCall, &contracts::work_of},
    {"/on/contracts:{entity}/{topic}", subscribe, "", Work::session, kShort, &sessions::subscribe, rues, false, kNone, 200, kNone, kSubscribe},
    {"/on/contracts:{entity}/{topic}", unsubscribe, "", Work::session, kShort, &sessions::unsubscribe, rues, false, kNone, 200, kNone, kUnsubscribe},

    {"/on/contracts/{topic}", subscribe, "", Work::session, kShort, &sessions::subscribe, rues, false, kNone, 200, kNone,
     "Subscribe the session to events of every contract, unless the setting `contracts-wildcard` is false", &Settings::contracts_wildcard},
    {"/on/contracts/{topic}", unsubscribe, "", Work::session, kShort, &sessions::unsubscribe, rues, false, kNone, 200, kNone, kUnsubscribe,
     &Settings::contracts_wildcard},

    {"/on/network/peers", post, "peers", Work::loop, kShort, &network::peers, rues, false, kText, 200, json("Peers"),
     "Addresses of peers, at most as many as the body says"},
    {"/on/network/peers", subscribe, "", Work::session, kShort, &network::peers_or_subscription, rues, false, kText, 200, json("Peers"),
     "The same; the number is in the body or in `count`. With a session: subscribe it (no event is ever published there)", nullptr, kPeersOrSubscription},
    {"/on/network/peers", unsubscribe, "", Work::session, kShort, &sessions::unsubscribe, rues, false, kNone, 200, kNone, kUnsubscribe},
    {"/on/network/{topic}", post, "peers", Work::loop, kShort, &network::peers, rues, false, kText, 200, json("Peers"),
     "Addresses of peers, at most as many as the body says"},
    {"/on/network/{topic}", post, "peers_location", Work::loop, kShort, &network::peers_location, rues, false, kNone, 200, json("PeersLocation"),
     "Locations of peers, as configured"},
    {"/on/node/{topic}", post, "info", Work::loop, kShort, &node::info, rues, false, kNone, 200, json("NodeInfo"), "Version, chain and rules of the node"},
    {"/on/node/{topic}", post, "provisioners", Work::state, kShort, &node::provisioners, rues, false, kNone, 200, json("Provisioners"), "All stakes"},
    {"/on/node/{topic}", post, "crs", Work::stream, kShort, &node::crs, rues, false, kNone, 200, kRaw, "The common reference string, if configured"},
    {"/on/stats/{topic}", post, "account_count", Work::state, kShort, &stats::account_count, rues, false, kNone, 200, json("AccountCount"), "Number of public accounts"},
    {"/on/stats/{topic}", post, "tx_count", Work::loop, kShort, &stats::tx_count, rues, false, kNone, 200, json("TxCount"), "Number of transfers in final blocks"},
    {"/on/account:{entity}/{topic}", post, "status", Work::state, kShort, &account::status, rues, kDeprecated, kNone, 200, json("AccountStatus"),
     "Balance and nonces of an account, named in base58"},
    {"/on/blobs:{entity}/{topic}", post, "hash", Work::scan, kShort, &blobs::by_hash, rues, false, kNone, 200, kBlob,
     "The data of a blob in a block, by its versioned hash: commitment, proof and data as bytes, or as JSON for a request with that content type"},
    {"/on/blobs:{entity}/{topic}", post, "commitment", Work::scan, kShort, &blobs::by_commitment, rues, false, kNone, 200, kBlob, "The same by its commitment"},
    {"/on/driver:{entity}/{topic}", post, "", Work::scan, kOn, &driver::run, rues, false, kAny, 200, kAny, "Run a function of a contract's data driver", nullptr, {}, &driver::work_of},
    {"/on/contract:{entity}/upload_driver", post, "upload_driver", Work::scan, kUpload, &contract::upload_driver, rues, false, kBytes, 200, kUntyped,
     "Store a contract's data driver; header `sign`: the owner's signature over its SHA3-256"},
    {"/on/contract:{entity}/status", post, "status", Work::state, kShort, &contract::status, rues, kDeprecated, kNone, 200, json("ContractStatus"),
     "Balance of a contract"},
    {"/on/contract:{entity}/{topic}", post, "download_driver", Work::scan, kShort, &contract::download_driver, rues, false, kNone, 200, {Form::wasm, {}},
     "The stored data driver of a contract"},
    {"/on/contract:{entity}/{topic}", post, "metadata", Work::scan, kShort, &contract::metadata, rues, false, kNone, 200, json("ContractMetadata"),
     "Owner and data driver of a contract"},
    {"/on/contract_owner:{entity}/{topic}", post, "", Work::loop, kShort, &contract::owner, rues, kDeprecated, kNone, 200, kRaw, "Owner of a contract"},

    {"/on/graphql/query", post, "query", Work::query, kOn, &graphql_http::legacy, rues, false, kText, 200, json(""),
     "GraphQL of older clients: the body is a document, the answer is its bare data; variables in `Rusk-gqlvar-` headers; an empty body is answered with the schema"},
    {"/on/prover/{topic}", post, "prove", Work::prove, kOn, &prover::prove, rues, false, kBytes, 200, kRaw,
     "Prove a Phoenix transaction: from the bytes of its circuit the 1,008 bytes of the proof. 422: the circuit is not satisfied. 503: the keys are not made yet, or too many proofs wait (`Rues-Queue`: the place)",
     nullptr, {}, nullptr, true},
    {"/graphql", get, "", Work::query, kSmall, &graphql_http::get, plain, false, kNone, 200, json(""),
     "GraphQL over HTTP: `query`, `variables`, `operation_name`; with an ETag. With `Upgrade: websocket` queries and subscriptions over `graphql-transport-ws`"},
    {"/graphql", post, "", Work::query, kGraphql, &graphql_http::post, plain, false, json(""), 200, json(""),
     "GraphQL over HTTP: a request, or a list of them"},
    {"/static/drivers/{file}", get, "", Work::stream, kSmall, &static_files::driver, plain, false, kNone, 200, {Form::wasm, {}}, "A data driver that wallets load"},

    {"/debug/sessions", get, "", Work::session, kSmall, &debug::sessions, debug, false, kNone, 200, json("Sessions"),
     "Sessions; the one that is farthest behind comes first", &Settings::dev_endpoints},
    {"/debug/sessions/{id}", get, "", Work::session, kSmall, &debug::session, debug, false, kNone, 200, json("Session"),
     "One session, by the first 8 digits of its id: subscriptions, cursor, last decisions", &Settings::dev_endpoints},
    {"/debug/clients", get, "", Work::loop, kSmall, &debug::clients, debug, false, kNone, 200, json("Clients"),
     "What each client holds and has spent, at most 1,000, and the sums of all; the one that has spent most comes first",
     &Settings::dev_endpoints},

    {"/dev/mine", post, "", Work::chain, kSmall, &dev::mine, local, false, kText, 200, json("Mined"),
     "Make as many blocks as the body says, at most 10,000, or one without a body; other requests are handled between two blocks",
     &Settings::dev_endpoints},
    {"/dev/time", post, "", Work::chain, kSmall, &dev::advance_time, local, false, kText, 200, json("Time"),
     "Move the chain's clock forward by as many seconds as the body says, permanently", &Settings::dev_endpoints},
    {"/dev/reorg", post, "", Work::chain, kOn, &dev::reorganise, local, false, json("Reorganise"), 200, json("Reorganised"),
     "Take back the last `depth` blocks, at most 64, and make the blocks of `replace` in their place: a list of blocks, each a list of transactions in hex. Transactions of the blocks return to the mempool. With `final` false a final block is not taken back. docs/delivery.md says what clients receive",
     &Settings::dev_endpoints},
    {"/dev/echo", upgrade, "", Work::loop, kSmall, &dev::echo, local, false, kNone, 101, kNone,
     "A WebSocket that sends every message of up to 16 MiB back, to test WebSocket clients", &Settings::dev_endpoints},

    {"/legacy", upgrade, "", Work::session, kSmall, &legacy::upgrade, plain, false, kNone, 101, kNone,
     "The legacy event system: Messages over a WebSocket (docs/legacy.md)", &Settings::legacy, kLegacy},
    // The last rows, because they have no literal part.
    {"/{type}/{target}", upgrade, "", Work::session, kOn, &legacy::old_upgrade, legacy, false, kNone, 101, kNone,
     "The event system of Rusk 0.7 to 1.0 over a WebSocket: type 1 is a contract, type 2 a host", &Settings::legacy},
    {"/{type}/{target}", any, "", Work::loop, kOn, &legacy::old_request, legacy, false, kAny, 200, kAny,
     "A request of Rusk 0.7 to 1.0: topic and data are in the body", &Settings::legacy, kOld},
};
// clang-format on

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Matches a path with a pattern. The result has the values of `{entity}` and of the last `{…}`; nullopt: no match.
std::optional<Match> match(std::string_view pattern, std::string_view path) {
    Match out;
    while (!pattern.empty()) {
        if (pattern.front() != '{') {
            const auto literal = pattern.substr(0, pattern.find('{'));
            if (!path.starts_with(literal)) return std::nullopt;
            pattern.remove_prefix(literal.size());
            path.remove_prefix(literal.size());
            continue;
        }
        const auto name = pattern.substr(1, pattern.find('}') - 1);
        const auto value = path.substr(0, path.find('/'));
        const bool is_type = name == "type";
        if (is_type && (value.empty() || !std::ranges::all_of(value, is_digit))) return std::nullopt;
        const bool is_entity = is_type || name == "entity";
        (is_entity ? out.entity : out.topic) = value;
        (is_entity ? out.has_entity : out.has_topic) = true;
        pattern.remove_prefix(name.size() + 2);
        path.remove_prefix(value.size());
    }
    if (!path.empty()) return std::nullopt;
    return out;
}

bool answers(const Route& row, std::string_view method) {
    switch (row.method) {
    case get:
    case upgrade:
        return method == "GET" || method == "HEAD";
    case post:
        return method == "POST";
    case subscribe:
        return method == "GET";
    case unsubscribe:
        return method == "DELETE";
    case any:
        return true;
    }
    return false;
}

/// The rows of a route, and the literal text before the first `{`. Comparing this text excludes most paths that do not
/// match.
struct Group {
    std::span<const Route> rows;
    std::string_view prefix;
};

std::vector<Group> groups_of(std::span<const Route> all) {
    std::vector<Group> out;
    while (!all.empty()) {
        const auto path = all.front().path;
        const auto other = std::ranges::find_if(all, [&](const Route& row) { return row.path != path; });
        const auto count = static_cast<std::size_t>(other - all.begin());
        out.push_back({all.first(count), path.substr(0, path.find('{'))});
        all = all.subspan(count);
    }
    return out;
}

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

Match match_route(std::string_view path) {
    static const auto groups = groups_of(kRoutes);
    for (const auto& [rows, prefix] : groups) {
        if (!path.starts_with(prefix)) continue;
        if (auto found = match(rows.front().path, path)) {
            found->rows = rows;
            return *found;
        }
    }
    return {};
}

const Route* row_for(std::span<const Route> rows, std::string_view method) {
    const auto found = std::ranges::find_if(rows, [&](const Route& row) { return answers(row, method); });
    return found == rows.end() ? nullptr : &*found;
}

std::string allow_of(std::span<const Route> rows) {
    std::string out;
    for (const Route& row : rows) {
        constexpr std::string_view kNames[] = {"GET,HEAD,", "POST,", "GET,", "DELETE,", "GET,HEAD,", ""};
        const auto name = kNames[static_cast<std::size_t>(row.method)];
        if (!out.contains(name)) out += name;
    }
    return out + "OPTIONS";
}

bool is_local(std::string_view path) {
    return path == "/dev" || path.starts_with("/dev/") || path == "/debug" || path.starts_with("/debug/");
}

}  // namespace rues::api
