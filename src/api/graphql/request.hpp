#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "graphql/engine.hpp"
#include "net/server.hpp"

/// GraphQL requests as the two endpoints are sent them (GQ 2). Pure.
namespace rues::api::graphql_http {

/// One request, whatever transport brought it.
struct Question {
    std::string document;
    std::optional<std::string> operation;
    boost::json::object variables;
    net::Headers header_variables{};  ///< names in lower case

    graphql::Request request() const;
    /// Equal for questions that get the same answer at one state of the chain.
    std::string key() const;
};

/// What a body asks for; the order of answers is theirs.
struct Questions {
    std::vector<Question> list;
    bool is_batch = false;  ///< answered as a list, also one of one
};

inline constexpr std::size_t kMaxBatch = 50;

/// The error of a request that ran out of time before it was read; the same text as the engine's.
inline constexpr const char* kCancelled = "The request was cancelled.";

/// `POST /on/graphql/query`: the document itself, or a JSON object with a `query` (decisions 14); variables come in
/// headers (GQ 2.3). nullopt: the body is not text.
std::optional<Question> legacy_question(std::string_view body, const net::Headers& headers);

/// One request as JSON. nullopt: a member is of another type than it may be.
std::optional<Question> question_in(const boost::json::object& json);

/// `POST /graphql`. The error is what the client is told after `Invalid request: `.
std::expected<Questions, std::string> posted_questions(std::string_view body);

/// `GET /graphql`. The error is what the client is told.
std::expected<Question, std::string> got_question(std::string_view target);

/// Whether `application/graphql-response+json` is wanted at least as much as `application/json`.
bool prefers_response_type(std::optional<std::string_view> accept);

}  // namespace rues::api::graphql_http
