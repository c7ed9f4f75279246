#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "graphql/engine.hpp"
#include "net/http.hpp"

/// Reads the GraphQL requests of both endpoints (docs/reference/graphql.md 2). Pure.
namespace rues::api::graphql_http {

/// One GraphQL request, the same for every transport.
struct Question {
    std::string document;
    std::optional<std::string> operation;
    boost::json::object variables;
    net::Headers header_variables{};  ///< names in lower case

    /// The engine's form of the request. It refers to this question, which must outlive it.
    graphql::Request request() const;
    /// The question's key in the cache. Questions with equal keys have the same answer at one state of the chain.
    std::string key() const;
};

/// The requests in one body, in the order of their answers.
struct Questions {
    std::vector<Question> list;
    bool is_batch = false;  ///< the answer is a list, even of one
};

/// Most requests in a batch.
inline constexpr std::size_t kMaxBatch = 50;

/// The error of a request whose time ran out before it was read; the same text as the engine's.
inline constexpr const char* kCancelled = "The request was cancelled.";

/// Reads `POST /on/graphql/query`: the body is the document itself, or a JSON object with a `query`
/// (docs/reference/differences.md 14); variables come in headers (docs/reference/graphql.md 2.3). nullopt: the body is
/// not UTF-8.
std::optional<Question> legacy_question(std::string_view body, const net::Headers& headers);

/// Reads one request from JSON. nullopt: a member has a wrong type.
std::optional<Question> question_in(const boost::json::object& json);

/// Reads the body of `POST /graphql`. The error is for the client, after `Invalid request: `.
std::expected<Questions, std::string> posted_questions(std::string_view body);

/// Reads the query of `GET /graphql`. The error is for the client.
std::expected<Question, std::string> got_question(std::string_view target);

/// Whether an Accept header prefers `application/graphql-response+json` at least as much as `application/json`.
bool prefers_response_type(std::optional<std::string_view> accept);

}  // namespace rues::api::graphql_http
