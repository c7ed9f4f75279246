#include "graphql/engine.hpp"

#include "graphql/validation_context.hpp"

namespace rues::graphql {

struct Prepared::Parts {
    const Schema* schema = nullptr;
    ExecutionLimits limits;
    boost::json::object given;
    Document document;
    const OperationNode* operation = nullptr;
    std::optional<Variables> variables;
    std::optional<Plan> plan;
};

void Prepared::Deleter::operator()(Parts* parts) const noexcept {
    delete parts;
}

namespace {

std::unexpected<std::vector<Error>> refused(const Error& error) {
    return std::unexpected(std::vector<Error>(1, error));
}

std::unexpected<std::vector<Error>> refused(const Document& document, const std::vector<Problem>& problems) {
    return std::unexpected(to_errors(document, problems));
}

/// 6.1 GetOperation, with the node's texts.
std::expected<const OperationNode*, Error> chosen(const Document& document, const std::optional<std::string>& name) {
    if (!name) {
        if (document.operations.size() == 1) return &document.operations.front();
        return std::unexpected(Error{"Operation name required in request.", {}, {}});
    }
    for (const OperationNode& node : document.operations)
        if (node.name.text == *name && !name->empty()) return &node;
    return std::unexpected(Error{"Unknown operation named " + quoted(*name), {}, {}});
}

/// 6.1.2, for the variables that have a value in the request.
std::vector<Problem> wrong_variables(const Schema& schema, const Document& document, const OperationNode& operation,
                                     const boost::json::object& given) {
    std::vector<Problem> out;
    InputArena arena;
    for (const VariableNode& node : document.variables_of(operation.variables)) {
        const auto* value = given.if_contains(node.name.text);
        if (value == nullptr) continue;
        const TypeRef type{schema.type(node.type.name.text), node.type.wrapping};
        Input ignored;
        if (!Coercion(document, nullptr, arena).json(*value, type, ignored))
            out.push_back({Rule::ValuesOfCorrectType,
                           "Variable " + quoted(node.name.text) + " got an invalid value, expected type " +
                               quoted(type_text(type)),
                           {node.name.at}});
    }
    return out;
}

}  // namespace

std::expected<Prepared, std::vector<Error>> prepare(const Schema& schema, Request request,
                                                    const EngineOptions& options) {
    auto document = parse(request.document, options.limits.parse);
    if (!document) return refused(document.error());
    Prepared out;
    out.parts_.reset(new Prepared::Parts);
    auto& parts = *out.parts_;
    parts.schema = &schema;
    parts.limits = options.limits.execution;
    parts.document = std::move(*document);
    parts.given = std::move(request.variables);

    if (parts.document.operations.empty()) return refused(Error{"document does not contain an operation", {}, {}});
    if (auto problem = over_limits(parts.document, options.limits))
        return refused(parts.document, std::vector<Problem>(1, *problem));
    ValidationOptions validation;
    validation.variable_positions = options.variable_types;
    validation.problems = options.limits.execution.errors;
    if (const auto problems = validate(schema, parts.document, validation); !problems.empty())
        return refused(parts.document, problems);
    const auto operation = chosen(parts.document, request.operation);
    if (!operation) return refused(operation.error());
    parts.operation = *operation;
    out.kind_ = parts.operation->kind;
    if (request.more_variables)
        request.more_variables(parts.document.variables_of(parts.operation->variables), parts.given);
    if (options.variable_types)
        if (const auto problems = wrong_variables(schema, parts.document, *parts.operation, parts.given);
            !problems.empty())
            return refused(parts.document, problems);

    parts.variables.emplace(parts.document, *parts.operation, parts.given);
    parts.plan.emplace(schema, parts.document, *parts.operation, *parts.variables);
    if (!parts.plan->problems().empty()) {
        auto problems = parts.plan->problems();
        problems.resize(std::min(problems.size(), options.limits.execution.errors));
        return refused(parts.document, problems);
    }
    return out;
}

const Field* Prepared::source_field() const noexcept {
    const auto& fields = parts_->plan->set(0).fields;
    return fields.count == 0 ? nullptr : parts_->plan->field(fields.first).field;
}

std::span<const Input> Prepared::source_arguments() const noexcept {
    return parts_->plan->field(parts_->plan->set(0).fields.first).arguments;
}

Response execute(Prepared& prepared, const Execute& with) {
    ExecutionState state;
    state.limits = prepared.parts_->limits;
    state.schema = prepared.parts_->schema;
    state.context = with.context;
    state.cancelled = with.cancelled;
    return execute_plan(prepared.parts_->document, *prepared.parts_->plan, with.root, state);
}

Response answer(const Schema& schema, Request request, const Execute& with, const EngineOptions& options) {
    auto prepared = prepare(schema, std::move(request), options);
    if (!prepared) return {"null", std::move(prepared.error())};
    // The root of a subscription is an event, and `with` does not hold one.
    if (prepared->kind() == OperationNode::Kind::subscription)
        return {"null", {Error{"A subscription is not answered by one response.", {}, {}}}};
    return execute(*prepared, with);
}

}  // namespace rues::graphql
