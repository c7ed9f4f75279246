#include "graphql/execution.hpp"

#include <algorithm>

namespace rues::graphql {
namespace {

using Token = ExecutionState::Token;

/// The values of one field for all objects of a run.
struct Column {
    std::uint32_t field = 0;                                     ///< in the plan
    std::uint32_t token = 0;                                     ///< next one to be written
    std::uint32_t object = 0;                                    ///< next one to be written, in the state's objects
    std::uint32_t run = Plan::kNone;                             ///< the run of its objects, for an object type
    std::vector<std::pair<const Type*, std::uint32_t>> by_type;  ///< one run for each type met, for an abstract type
};

/// Objects of one type at one place of the answer, which have one set of fields.
struct Run {
    std::uint32_t set = 0;
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    Range columns;
};

class Execution {
public:
    Execution(Plan& plan, ExecutionState& state) : plan_(plan), state_(state) {}

    bool resolve(const void* root) {
        state_.objects.push_back({root, plan_.set(0).type});
        runs_.push_back({0, 0, 1, {}});
        for (std::uint32_t i = 0; i < runs_.size(); ++i)
            if (!resolve_run(i)) return false;
        return true;
    }

    std::vector<Run>& runs() noexcept { return runs_; }
    std::vector<Column>& columns() noexcept { return columns_; }

private:
    bool resolve_run(std::uint32_t run) {
        const Range fields = plan_.set(runs_[run].set).fields;
        runs_[run].columns = {static_cast<std::uint32_t>(columns_.size()), fields.count};
        for (std::uint32_t i = 0; i < fields.count; ++i) {
            Column column;
            column.field = fields.first + i;
            const auto planned = plan_.field(column.field);
            if (planned.field->resolve && planned.failure == Plan::kNone) {
                if (state_.stop_if_cancelled()) return false;
                column.token = static_cast<std::uint32_t>(state_.tokens.size());
                column.object = static_cast<std::uint32_t>(state_.objects.size());
                Call call(state_, *planned.field, planned.arguments, runs_[run].first, runs_[run].count);
                Out out(state_, *planned.field, runs_[run].count);
                planned.field->resolve(call, out);
                out.finish();
                if (state_.stopped != nullptr) return false;
                below(column, planned);
            }
            columns_.push_back(std::move(column));
        }
        return true;
    }

    void below(Column& column, const Plan::PlannedField& planned) {
        const auto first = column.object;
        const auto count = static_cast<std::uint32_t>(state_.objects.size()) - first;
        if (count == 0) return;
        if (planned.child != Plan::kNone) {
            column.run = add_run(planned.child, first, count);
            return;
        }
        std::vector<const Type*> types;
        for (std::uint32_t i = 0; i < count; ++i) {
            const Type* type = state_.objects[first + i].type;
            if (std::ranges::find(types, type) == types.end()) types.push_back(type);
        }
        for (const Type* type : types) {
            const auto copies = static_cast<std::uint32_t>(state_.objects.size());
            for (std::uint32_t i = 0; i < count; ++i)
                if (const ObjectRef each = state_.objects[first + i]; each.type == type) state_.objects.push_back(each);
            const auto copied = static_cast<std::uint32_t>(state_.objects.size()) - copies;
            column.by_type.emplace_back(type, add_run(plan_.child(column.field, *type), copies, copied));
        }
    }

    std::uint32_t add_run(std::uint32_t set, std::uint32_t first, std::uint32_t count) {
        runs_.push_back({set, first, count, {}});
        return static_cast<std::uint32_t>(runs_.size() - 1);
    }

    Plan& plan_;
    ExecutionState& state_;
    std::vector<Run> runs_;
    std::vector<Column> columns_;
};

/// Writes the answer by reading the columns row by row: the objects of a run are written in the order in which they
/// were resolved, so every column has a cursor. Errors are collected on the way, in the order of the answer, with their
/// paths.
class Writer {
public:
    Writer(const Document& document, const Plan& plan, ExecutionState& state, Execution& execution)
        : plan_(plan),
          state_(state),
          runs_(execution.runs()),
          columns_(execution.columns()),
          locate_(*document.source) {
        out_.reserve(state.text.size() + 16 * state.tokens.size());
    }

    Response run() {
        row(0);
        return {std::move(out_), std::move(errors_)};
    }

private:
    struct Step {
        std::string_view key;
        std::uint32_t index;
    };

    /// Recursion is bounded by the depth of the plan.
    void row(std::uint32_t number) {
        const Run run = runs_[number];
        const std::size_t start = out_.size();
        out_ += '{';
        bool any = false;
        for (std::uint32_t i = 0; i < run.columns.count; ++i) {
            Column& column = columns_[run.columns.first + i];
            const auto& planned = plan_.field(column.field);
            const std::size_t before = out_.size();
            if (any) out_ += ',';
            out_ += '"';
            out_ += planned.node->key;
            out_ += "\":";
            path_.push_back({planned.node->key, 0});
            bool there = true;
            if (planned.failure != Plan::kNone) {
                error(plan_.failure(planned.failure), *planned.node);
                there = false;
            } else if (!planned.field->resolve) {
                out_ += '"' + plan_.set(run.set).type->name + '"';  // __typename
            } else {
                there = value(column, *planned.node);
            }
            path_.pop_back();
            if (there)
                any = true;
            else
                out_.resize(before);
        }
        if (any) {
            out_ += '}';
        } else {
            out_.resize(start);
            out_ += "null";
        }
        if (out_.size() > state_.limits.bytes) state_.stopped = "The answer is too large.";
        if (++rows_ % 1024 == 0) state_.stop_if_cancelled();
    }

    /// False when the field failed; then nothing was written.
    bool value(Column& column, const SelectionNode& node) {
        if (state_.stopped != nullptr) return false;
        const Token token = state_.tokens[column.token++];
        switch (token.kind) {
        case Token::Kind::null:
            out_ += "null";
            return true;
        case Token::Kind::leaf:
            out_.append(state_.text, token.first, token.size);
            return true;
        case Token::Kind::error:
            error(state_.errors[token.first], node);
            return false;
        case Token::Kind::object: {
            const Type* type = state_.objects[column.object++].type;
            std::uint32_t run = column.run;
            for (const auto& [each, number] : column.by_type)
                if (each == type) run = number;
            row(run);
            return true;
        }
        case Token::Kind::list:
            out_ += '[';
            path_.push_back({{}, 0});
            for (std::uint32_t i = 0; i < token.first; ++i) {
                if (i != 0) out_ += ',';
                path_.back().index = i;
                if (!value(column, node)) out_ += "null";
            }
            path_.pop_back();
            out_ += ']';
            return true;
        }
        return false;
    }

    void error(const ResolverError& from, const SelectionNode& node) {
        if (errors_.size() >= state_.limits.errors) return;
        std::string path = "[";
        for (const Step& step : path_) {
            if (path.size() > 1) path += ',';
            path += step.key.empty() ? std::to_string(step.index) : '"' + std::string(step.key) + '"';
        }
        errors_.push_back({from.message, {locate_(from.at == UINT32_MAX ? node.at : from.at)}, path + "]"});
    }

    const Plan& plan_;
    ExecutionState& state_;
    std::vector<Run>& runs_;
    std::vector<Column>& columns_;
    Locator locate_;
    std::string out_;
    std::vector<Step> path_;
    std::vector<Error> errors_;
    std::size_t rows_ = 0;
};

}  // namespace

std::string Response::envelope() const {
    std::string out;
    out.reserve(data.size() + 16);
    out += "{\"data\":";
    out += data;
    if (!errors.empty()) {
        out += ',';
        append_json(out, errors);
    }
    return out += '}';
}

Response execute_plan(const Document& document, Plan& plan, const void* root, ExecutionState& state) {
    Execution execution(plan, state);
    Response out;
    if (execution.resolve(root)) out = Writer(document, plan, state, execution).run();
    if (state.stopped != nullptr) out = {"null", {Error{state.stopped, {}, {}}}};
    return out;
}

}  // namespace rues::graphql
