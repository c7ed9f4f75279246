#include "api/graphql/service.hpp"
#include "api/routes.hpp"
#include "api/running.hpp"
#include "base/encoding.hpp"

/// Both GraphQL endpoints over HTTP. docs/reference/graphql.md 2, docs/reference/rusk-1.7.md 6.2,
/// docs/reference/differences.md 12 to 14, 21.
namespace rues::api::graphql_http {
namespace {

/// Most bytes of a body that is parsed on the loop. The query pool parses longer ones.
constexpr std::size_t kShortBody = 16'384;

/// Answers 400 with a GraphQL response whose only error is `message`.
void refuse(Reply reply, std::string message) {
    Answered answer({"null", {graphql::Error{std::move(message), {}, {}}}});
    std::move(reply.exchange)
        .send(400, reply.response_type ? "application/graphql-response+json" : "application/json",
              base::to_bytes(answer.envelope()));
}

Reply standard(Exchange exchange) {
    const bool response_type = prefers_response_type(exchange.request.header("accept"));
    return {std::move(exchange), Reply::Form::envelope, response_type};
}

void answer_post(const Context& context, Exchange exchange, bool on_loop) {
    const auto body = std::move(exchange.request.body);
    auto questions = posted_questions(base::text(body));
    Reply reply = standard(std::move(exchange));
    if (!questions) return refuse(std::move(reply), "Invalid request: " + questions.error());
    if (on_loop && !questions->is_batch)
        return context.graphql->ask(context, std::move(questions->list.front()), std::move(reply));
    if (!on_loop) return context.graphql->ask_all(context, *questions, std::move(reply));
    on_pool(context, Work::query, std::move(reply.exchange),
            [&context, asked = std::move(*questions), type = reply.response_type](Exchange later) {
                context.graphql->ask_all(context, asked, {std::move(later), Reply::Form::envelope, type});
            });
}

void answer_legacy(const Context& context, Exchange exchange, bool on_loop) {
    auto question = legacy_question(base::text(exchange.body), exchange.request.headers);
    exchange.body = {};
    if (!question) return std::move(exchange).fail({ErrorCode::invalid_payload, "Invalid payload: Invalid utf8"});
    if (base::trimmed(question->document).empty()) return std::move(exchange).text(context.graphql->sdl());
    Reply reply{std::move(exchange), Reply::Form::bare};
    if (on_loop) return context.graphql->ask(context, std::move(*question), std::move(reply));
    context.graphql->ask_all(context, {{std::move(*question)}, false}, std::move(reply));
}

}  // namespace

void legacy(const Context& context, Exchange exchange) {
    if (exchange.body.size() <= kShortBody) return answer_legacy(context, std::move(exchange), true);
    exchange.watch_client();
    on_pool(context, Work::query, std::move(exchange),
            [&context](Exchange later) { answer_legacy(context, std::move(later), false); });
}

void post(const Context& context, Exchange exchange) {
    if (exchange.request.body.size() <= kShortBody) return answer_post(context, std::move(exchange), true);
    exchange.watch_client();
    on_pool(context, Work::query, std::move(exchange),
            [&context](Exchange later) { answer_post(context, std::move(later), false); });
}

void get(const Context& context, Exchange exchange) {
    if (net::asks_for_websocket(exchange.request)) return graphql_ws::upgrade(context, std::move(exchange));
    auto question = got_question(exchange.request.target);
    Reply reply = standard(std::move(exchange));
    reply.conditional = true;
    if (!question) return refuse(std::move(reply), std::move(question.error()));
    context.graphql->ask(context, std::move(*question), std::move(reply));
}

}  // namespace rues::api::graphql_http
