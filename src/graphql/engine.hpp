#pragma once

#include <boost/json/object.hpp>
#include <expected>

#include "graphql/execution.hpp"
#include "graphql/limits.hpp"

/// A request from its text to its answer.
namespace rues::graphql {

/// Adds values of variables that a transport can read only when it knows the declared variables, because their names or
/// types decide how it reads them (docs/reference/graphql.md 11, D3 and D4).
using VariableSource = std::function<void(std::span<const VariableNode> declared, boost::json::object& values)>;

struct Request {
    std::string document;
    std::optional<std::string> operation;  ///< name; an empty one counts as a name (docs/reference/graphql.md 2.2)
    boost::json::object variables;
    VariableSource more_variables{};
};

struct EngineOptions {
    RequestLimits limits;
    /// As `ValidationOptions::variable_positions`. When off, values of variables are checked only in the places that
    /// use them.
    bool variable_types = true;
};

/// A request that passed all checks: it is parsed, within the limits and valid, its operation is chosen, its variables
/// are coerced. It may be executed any number of times, by one thread at a time. It refers to the schema, which must
/// outlive it.
class Prepared {
public:
    OperationNode::Kind kind() const noexcept { return kind_; }

    /// Of a subscription: the field whose events the client subscribes to; nullptr when a directive leaves it out.
    /// `source_arguments` REQUIRES that there is one.
    const Field* source_field() const noexcept;
    std::span<const Input> source_arguments() const noexcept;

private:
    friend std::expected<Prepared, std::vector<Error>> prepare(const Schema&, Request, const EngineOptions&);
    friend Response execute(Prepared&, const struct Execute&);
    struct Parts;
    struct Deleter {
        void operator()(Parts* parts) const noexcept;
    };
    std::unique_ptr<Parts, Deleter> parts_;
    OperationNode::Kind kind_ = OperationNode::Kind::query;
};

/// Parses, checks and plans a request. The errors are those of the first stage that has any
/// (docs/reference/graphql.md 7.1); none has a path.
std::expected<Prepared, std::vector<Error>> prepare(const Schema& schema, Request request,
                                                    const EngineOptions& options = {});

struct Execute {
    const void* root = nullptr;       ///< parent object of the root type's resolvers; for a subscription: the event
    void* context = nullptr;          ///< the result of `Call::context`
    std::function<bool()> cancelled;  ///< true when execution must stop: the deadline passed or the client left
};
/// Executes the operation. Failed fields and passed limits are in the answer's `errors`.
Response execute(Prepared& prepared, const Execute& with);

/// 6.2.3.2: the answer to one event of a subscription. The subscription's field is resolved with `event` as its parent.
inline Response execute_subscription_event(Prepared& prepared, const void* event, Execute with) {
    with.root = event;
    return execute(prepared, with);
}

/// Prepares and executes in one call, for queries and mutations.
Response answer(const Schema& schema, Request request, const Execute& with, const EngineOptions& options = {});

}  // namespace rues::graphql
