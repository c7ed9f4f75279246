#pragma once

#include <span>

#include "api/context.hpp"
#include "api/contract_state.hpp"

namespace rues::api {

/// Answers one request. The row's class of work says on which thread and when it is called; `context` outlives the
/// call. It is one of four kinds of function.
struct Handler {
    /// From the request to its answer. It may add headers to the answer (`Exchange::extra`), also to that of a failure.
    using Plain = Result<Answer> (*)(const Context& context, Exchange& exchange);
    /// The same from a snapshot of the store. Of the class `read` it may be called twice: on the loop, where it must
    /// not block, and again on the pool when not all was in memory. A failed snapshot is answered 500.
    using Reading = Result<Answer> (*)(const Context& context, const Exchange& exchange, const store::Snapshot& state);
    /// The same from the contracts at the tip: called on the loop, and again on the pool when `state` missed an answer.
    using Asking = Result<Answer> (*)(const Context& context, const Exchange& exchange, const ContractState& state);
    /// Takes the exchange and answers it itself, at once or later. Called on the exchange's loop.
    using Taking = void (*)(const Context& context, Exchange exchange);

    constexpr Handler() = default;
    constexpr Handler(std::nullptr_t) {}
    constexpr Handler(Plain function) : plain(function) {}
    constexpr Handler(Reading function) : reading(function) {}
    constexpr Handler(Asking function) : asking(function) {}
    constexpr Handler(Taking function) : taking(function) {}
    constexpr explicit operator bool() const noexcept { return plain || reading || asking || taking; }

    Plain plain = nullptr;
    Reading reading = nullptr;
    Asking asking = nullptr;
    Taking taking = nullptr;
};

/// The checks that a row's requests must pass before the handler is called.
enum class Rules : std::uint8_t {
    plain,   ///< none
    page,    ///< none, but the node has no such path: other methods are 404 (docs/reference/differences.md 23)
    rues,    ///< the node's checks under `/on/` (docs/reference/rusk-1.7.md 1.3)
    local,   ///< this machine's own user only, never a page of a browser (docs/reference/differences.md 3)
    debug,   ///< as local, or with the token of the settings
    legacy,  ///< none; every error is 500, as in Rusk 0.7 to 1.0 (docs/reference/protocol.md 9.2)
};

enum class Method : std::uint8_t {
    get,
    post,
    subscribe,
    unsubscribe,
    upgrade,
    any,  ///< every method that no earlier row of the route answers
};

/// Body of a request or of a successful answer, for the generated documents. `schema` is a name from schemas.json, or
/// empty.
struct Content {
    enum class Form : std::uint8_t {
        none,
        json,
        text,
        bytes,   ///< octet-stream, or text where `0x` and hex stand for bytes (docs/reference/protocol.md 5.2)
        raw,     ///< bytes or hex text, as the request asks (docs/reference/protocol.md 5.3)
        any,     ///< JSON or raw, by the request's content type
        start,   ///< a page for browsers, JSON for others
        page,    ///< HTML, or a file that a page loads
        events,  ///< Server-Sent Events
        lines,   ///< one JSON value a line
        wasm,
        untyped,  ///< an answer without a content type
    };
    Form form = Form::none;
    std::string_view schema;
};

/// A parameter of a request besides those that follow from its path, rules and method.
struct Parameter {
    enum class In : std::uint8_t { query, header };
    std::string_view name;
    In in = In::query;
    std::string_view text;
    bool required = false;
};
/// A further good answer.
struct FurtherAnswer {
    unsigned status = 0;
    Content content;
    std::string_view text;
};
/// Parameters, answers and errors of a row that do not follow from its other columns. Only the documents use them.
struct Extras {
    std::span<const Parameter> parameters{};
    std::span<const FurtherAnswer> answers{};
    std::span<const unsigned> errors{};  ///< statuses
    bool needs_session = true;           ///< of a subscription: whether `Rusk-Session-Id` is required
    bool cached = false;                 ///< 304 for whoever has it
};

/// One row of the table of routes. Matching, `Allow`, body limits, 404, 405 and 501, docs/endpoints.md and the OpenAPI
/// document follow from the table. No other code in the program knows a path.
///
/// Rows with the same path stand together and are one route. Literal parts of the path match byte by byte on the
/// normalised path before it is decoded. `{…}` takes everything up to the next `/`, and is percent-decoded afterwards;
/// `{type}` takes decimal digits only.
struct Route {
    std::string_view path;
    Method method = Method::get;
    std::string_view topic;  ///< the decoded topic that this row answers; empty: every topic
    Work work = Work::loop;
    std::size_t body_limit = 0;
    Handler handler;  ///< null: a known path that is not served (501)
    Rules rules = Rules::plain;
    bool deprecated = false;  ///< docs/reference/rusk-1.7.md 1.8
    Content takes;
    unsigned status = 200;  ///< of a successful answer
    Content gives;
    std::string_view summary;
    bool Settings::* setting = nullptr;  ///< the row exists only while this setting is true; null: always
    Extras extras{};
    Work (*refine)(const Exchange& exchange) = nullptr;  ///< the class of one request, where `work` is only the usual
    bool has_secrets = false;  ///< the body has secrets of the client: every memory through which it came is wiped
};

std::span<const Route> routes();

/// The route of a path. `rows` is empty when no route matches. `entity` and `topic` are parts of the path, still
/// encoded.
struct Match {
    std::span<const Route> rows;
    std::string_view entity;
    std::string_view topic;
    bool has_entity = false;
    bool has_topic = false;
};
Match match_route(std::string_view normalised_path);

/// The first row of a route for a request method; null: 405. HEAD has the row of GET, unless that subscribes
/// (docs/reference/differences.md 4).
const Route* row_for(std::span<const Route> rows, std::string_view method);
/// `Allow` of a route: the node's order, without HEAD where GET subscribes, with OPTIONS
/// (docs/reference/differences.md 3, 4).
std::string allow_of(std::span<const Route> rows);
/// Whether a path is under /dev or /debug, whether or not these are served.
bool is_local(std::string_view normalised_path);

namespace sessions {
/// Why a request cannot become a WebSocket (docs/reference/rusk-1.7.md 4.1), or may not because of its origin
/// (`Settings::ws_origins`); nullopt: it can.
std::optional<Failure> handshake_failure(const Context& context, const net::Request& request);
void upgrade(const Context& context, Exchange exchange);
void subscribe(const Context& context, Exchange exchange);
void unsubscribe(const Context& context, Exchange exchange);
}  // namespace sessions
namespace node {
/// The answer to `info`, which never changes.
std::string info_text(const chain::Parameters& parameters);
Result<Answer> info(const Context& context, Exchange& exchange);
Result<Answer> provisioners(const Context& context, const Exchange& exchange, const ContractState& state);
void crs(const Context& context, Exchange exchange);
}  // namespace node
namespace network {
Result<Answer> peers(const Context& context, Exchange& exchange);
void peers_or_subscription(const Context& context, Exchange exchange);
Result<Answer> peers_location(const Context& context, Exchange& exchange);
}  // namespace network
namespace stats {
Result<Answer> account_count(const Context& context, const Exchange& exchange, const ContractState& state);
Result<Answer> tx_count(const Context& context, Exchange& exchange);
}  // namespace stats
namespace blobs {
Result<Answer> by_hash(const Context& context, const Exchange& exchange, const store::Snapshot& state);
Result<Answer> by_commitment(const Context& context, const Exchange& exchange, const store::Snapshot& state);
}  // namespace blobs
namespace contract {
Result<Answer> status(const Context& context, const Exchange& exchange, const ContractState& state);
void metadata(const Context& context, Exchange exchange);
Result<Answer> owner(const Context& context, Exchange& exchange);
Result<Answer> upload_driver(const Context& context, Exchange& exchange);
Result<Answer> download_driver(const Context& context, Exchange& exchange);
}  // namespace contract
namespace driver {
/// The class of a method: of a genesis contract's driver, which is part of the program, or of uploaded code.
Work work_of(const Exchange& exchange);
void run(const Context& context, Exchange exchange);
}  // namespace driver
namespace static_files {
void driver(const Context& context, Exchange exchange);
}
namespace events {
void stream(const Context& context, Exchange exchange);
/// The class of a page: whether its events are decoded.
Work history_work(const Exchange& exchange);
void history(const Context& context, Exchange exchange);
}  // namespace events
namespace archive {
Result<Answer> account(const Context& context, const Exchange& exchange, const store::Snapshot& state);
Result<Answer> contract(const Context& context, const Exchange& exchange, const store::Snapshot& state);
}  // namespace archive
namespace deployed {
Result<Answer> list(const Context& context, Exchange& exchange);
Result<Answer> show(const Context& context, Exchange& exchange);
Result<Answer> calls(const Context& context, const Exchange& exchange, const store::Snapshot& state);
}  // namespace deployed
namespace debug {
/// Whether the request comes from this machine's own user, or has the token of the settings and comes from no proxy or
/// other site.
bool may_look(const Context& context, const net::Request& request);
void sessions(const Context& context, Exchange exchange);
void session(const Context& context, Exchange exchange);
Result<Answer> clients(const Context& context, Exchange& exchange);
}  // namespace debug
namespace health {
Result<Answer> alive(const Context& context, Exchange& exchange);
Result<Answer> ready(const Context& context, Exchange& exchange);
Result<Answer> status(const Context& context, const Exchange& exchange, const ContractState& state);
}  // namespace health
namespace pages {
/// The entity tag of these bytes: their hash, in quotes (RFC 9110 8.8.3).
std::string tag_of(base::ByteView bytes);
void start(const Context& context, Exchange exchange);
void explorer(const Context& context, Exchange exchange);
void graphiql(const Context& context, Exchange exchange);
void openapi(const Context& context, Exchange exchange);
}  // namespace pages
namespace blocks {
Result<Answer> gas_price(const Context& context, Exchange& exchange);
}
namespace transactions {
void preverify(const Context& context, Exchange exchange);
void propagate(const Context& context, Exchange exchange);
void simulate(const Context& context, Exchange exchange);
}  // namespace transactions
namespace account {
Result<Answer> status(const Context& context, const Exchange& exchange, const ContractState& state);
}
namespace contracts {
/// The class of a call: a feeder, a short function of a genesis contract, or any other.
Work work_of(const Exchange& exchange);
void call_function(const Context& context, Exchange exchange);
}  // namespace contracts
namespace prover {
void prove(const Context& context, Exchange exchange);
}
namespace graphql_http {
void legacy(const Context& context, Exchange exchange);
void get(const Context& context, Exchange exchange);
void post(const Context& context, Exchange exchange);
}  // namespace graphql_http
namespace graphql_ws {
void upgrade(const Context& context, Exchange exchange);
}
namespace legacy {
void upgrade(const Context& context, Exchange exchange);
void old_upgrade(const Context& context, Exchange exchange);
void old_request(const Context& context, Exchange exchange);
}  // namespace legacy
namespace dev {
/// Whether a request comes from this machine's own user. A browser page or a proxy must never reach these endpoints,
/// whatever its address (docs/reference/differences.md 3).
bool is_own(const net::Request& request);
/// Whether the headers show that a proxy passed the request on, or that a browser sent it for a page of another site.
bool is_foreign(const net::Request& request);
void mine(const Context& context, Exchange exchange);
void reorganise(const Context& context, Exchange exchange);
void advance_time(const Context& context, Exchange exchange);
void echo(const Context& context, Exchange exchange);
}  // namespace dev

}  // namespace rues::api
