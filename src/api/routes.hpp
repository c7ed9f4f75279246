#pragma once

#include <span>

#include "api/api.hpp"

namespace rues::api {

/// Answers one request, at once or later. Called on the call's loop, so it must not block. `context` outlives the call.
using Handler = void (*)(const Context& context, Call call);

/// The checks that a row's requests must pass before the handler is called.
enum class Rules : std::uint8_t {
    plain,  ///< none
    page,   ///< none, but the node has no such path: other methods are 404 (docs/reference/differences.md 23)
    rues,   ///< the node's checks under `/on/` (docs/reference/rusk-1.7.md 1.3)
    local,  ///< this machine's own user only, never a page of a browser (docs/reference/differences.md 3)
    debug,  ///< as local, or with the token of the settings
};

/// How expensive a request can be, and so which thread does the work. Only `loop` never leaves the loop.
enum class Work : std::uint8_t {
    loop,      ///< microseconds, in memory
    read,      ///< point reads: on the loop when all is in memory, else on the read pool
    scan,      ///< walks over state, many keys to check, whole files: on the read pool
    stream,    ///< a body that the read pool makes while it is sent
    push,      ///< a body that the loop writes as events are published
    verify,    ///< a signature check: on the chain's verify pool
    simulate,  ///< execution on a snapshot
    chain,     ///< on the chain thread
    session,   ///< on the loop that owns the session
};

enum class Method : std::uint8_t { get, post, subscribe, unsubscribe, upgrade };

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
    };
    Form form = Form::none;
    std::string_view schema;
};

/// One row of the table of routes. Matching, `Allow`, body limits, 404, 405 and 501, docs/endpoints.md and the OpenAPI
/// document follow from the table. No other code in the program knows a path.
///
/// Rows with the same path stand together and are one route. Literal parts of the path match byte by byte on the
/// normalised path before it is decoded. `{…}` takes everything up to the next `/`, and is percent-decoded afterwards.
struct Route {
    std::string_view path;
    Method method = Method::get;
    std::string_view topic;  ///< the decoded topic that this row answers; empty: every topic
    Work work = Work::loop;
    std::size_t body_limit = 0;
    Handler handler = nullptr;  ///< null: a known path that is not served (501)
    Rules rules = Rules::plain;
    bool deprecated = false;  ///< docs/reference/rusk-1.7.md 1.8
    Content takes;
    unsigned status = 200;  ///< of a successful answer
    Content gives;
    std::string_view summary;
    bool Context::* setting = nullptr;  ///< the row exists only while this setting is true; null: always
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
/// Why a request cannot become a WebSocket (docs/reference/rusk-1.7.md 4.1); nullopt: it can.
std::optional<Failure> handshake_failure(const net::Request& request);
void upgrade(const Context& context, Call call);
void subscribe(const Context& context, Call call);
void unsubscribe(const Context& context, Call call);
}  // namespace sessions
namespace node {
/// The answer to `info`, which never changes.
std::string info_text(const chain::Parameters& parameters);
void info(const Context& context, Call call);
void provisioners(const Context& context, Call call);
void crs(const Context& context, Call call);
}  // namespace node
namespace network {
void peers(const Context& context, Call call);
void peers_or_subscription(const Context& context, Call call);
void peers_location(const Context& context, Call call);
}  // namespace network
namespace stats {
void account_count(const Context& context, Call call);
void tx_count(const Context& context, Call call);
}  // namespace stats
namespace blobs {
void by_hash(const Context& context, Call call);
void by_commitment(const Context& context, Call call);
}  // namespace blobs
namespace contract {
void status(const Context& context, Call call);
void metadata(const Context& context, Call call);
void owner(const Context& context, Call call);
void upload_driver(const Context& context, Call call);
void download_driver(const Context& context, Call call);
}  // namespace contract
namespace driver {
void run(const Context& context, Call call);
}
namespace static_files {
void driver(const Context& context, Call call);
}
namespace events {
void stream(const Context& context, Call call);
void history(const Context& context, Call call);
}  // namespace events
namespace archive {
void account(const Context& context, Call call);
void contract(const Context& context, Call call);
}  // namespace archive
namespace debug {
/// Whether the request comes from this machine's own user, or has the token of the settings and comes from no proxy or
/// other site.
bool may_look(const Context& context, const net::Request& request);
void sessions(const Context& context, Call call);
void session(const Context& context, Call call);
}  // namespace debug
namespace health {
void alive(const Context& context, Call call);
void ready(const Context& context, Call call);
void status(const Context& context, Call call);
}  // namespace health
namespace pages {
/// The entity tag of these bytes: their hash, in quotes (RFC 9110 8.8.3).
std::string tag_of(base::ByteView bytes);
void start(const Context& context, Call call);
void explorer(const Context& context, Call call);
void graphiql(const Context& context, Call call);
void openapi(const Context& context, Call call);
}  // namespace pages
namespace blocks {
void gas_price(const Context& context, Call call);
}
namespace transactions {
void preverify(const Context& context, Call call);
void propagate(const Context& context, Call call);
void simulate(const Context& context, Call call);
}  // namespace transactions
namespace account {
void status(const Context& context, Call call);
}
namespace contracts {
void call_function(const Context& context, Call call);
}
namespace prover {
void prove(const Context& context, Call call);
}
namespace graphql_http {
void legacy(const Context& context, Call call);
void get(const Context& context, Call call);
void post(const Context& context, Call call);
}  // namespace graphql_http
namespace graphql_ws {
void upgrade(const Context& context, Call call);
}
namespace dev {
/// Whether a request comes from this machine's own user. A browser page or a proxy must never reach these endpoints,
/// whatever its address (docs/reference/differences.md 3).
bool is_own(const net::Request& request);
/// Whether the headers show that a proxy passed the request on, or that a browser sent it for a page of another site.
bool is_foreign(const net::Request& request);
void mine(const Context& context, Call call);
void advance_time(const Context& context, Call call);
void echo(const Context& context, Call call);
}  // namespace dev

}  // namespace rues::api
