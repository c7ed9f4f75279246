#pragma once

#include <boost/json/object.hpp>
#include <expected>

#include "graphql/execution.hpp"
#include "graphql/limits.hpp"

/// A request from its text to its answer.
namespace rues::graphql {

/// Adds values of variables that are known only once the declared ones are: names or types decide how a transport reads
/// them (GQ 11, D3 and D4).
using VariableSource = std::function<void(std::span<const VariableNode> declared, boost::json::object& values)>;

struct Request {
    std::string document;
    std::optional<std::string> operation;  ///< name; an empty one counts as a name (GQ 2.2)
    boost::json::object variables;
    VariableSource more_variables{};
};

struct EngineOptions {
    RequestLimits limits;
    /// As ValidationOptions; off also means that values of variables are held only against the places where they are
    /// used.
    bool variable_types = true;
};

/// A request that was found good: parsed, within the limits, valid, its operation chosen, its variables coerced. May be
/// executed any number of times, by one thread at a time; refers to the schema.
class Prepared {
public:
    OperationNode::Kind kind() const noexcept { return kind_; }

    /// Of a subscription: the field whose source stream is asked for, and its arguments; nullptr when directives leave
    /// it out.
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

/// The errors are those of the first stage that has any (GQ 7.1); none has a path.
std::expected<Prepared, std::vector<Error>> prepare(const Schema& schema, Request request,
                                                    const EngineOptions& options = {});

struct Execute {
    const void* root = nullptr;       ///< what the root type's resolvers are asked of; of a subscription: the event
    void* context = nullptr;          ///< what `Call::context` gives
    std::function<bool()> cancelled;  ///< true: stop, for a deadline that has passed or a client that has gone
};
Response execute(Prepared& prepared, const Execute& with);

/// 6.2.3.2: the answer to one event of a subscription's source stream; the subscription's field is resolved with
/// `event` as its parent.
inline Response execute_subscription_event(Prepared& prepared, const void* event, Execute with) {
    with.root = event;
    return execute(prepared, with);
}

/// Both in one, for queries and mutations.
Response answer(const Schema& schema, Request request, const Execute& with, const EngineOptions& options = {});

}  // namespace rues::graphql
