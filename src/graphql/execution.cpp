#include "graphql/execution.hpp"

#include <algorithm>
#include <map>
#include <tuple>

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

std::strong_ordering order(const Input& a, const Input& b);

std::strong_ordering order(std::span<const Input> a, std::span<const Input> b) {
    return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end(),
                                                  [](const Input& x, const Input& y) { return order(x, y); });
}

/// Equal texts are often the same bytes: a variable that many fields use. Then nothing is compared.
std::strong_ordering order(std::string_view a, std::string_view b) {
    return a.data() == b.data() && a.size() == b.size() ? std::strong_ordering::equal : a <=> b;
}

/// An order of coerced values. The position in the document does not count. Recursion is bounded as that of coercion.
std::strong_ordering order(const Input& a, const Input& b) {
    if (a.kind != b.kind) return a.kind <=> b.kind;
    if (const auto keys = order(a.key, b.key); keys != 0) return keys;
    switch (a.kind) {
    case Input::Kind::absent:
    case Input::Kind::null:
        return std::strong_ordering::equal;
    case Input::Kind::boolean:
        return a.boolean <=> b.boolean;
    case Input::Kind::integer:
        return a.integer <=> b.integer;
    case Input::Kind::number:
        return std::strong_order(a.number, b.number);
    case Input::Kind::string:
    case Input::Kind::enumerator:
        return order(a.text, b.text);
    case Input::Kind::list:
    case Input::Kind::object:
        return order(a.items, b.items);
    }
    return std::strong_ordering::equal;
}

/// A field with its arguments and its parent objects. Two selections with equal questions have equal values, whatever
/// their aliases and whatever is selected below them.
struct Question {
    const Field* field = nullptr;
    std::uint32_t first = 0;  ///< of the parents, in the state's objects
    std::uint32_t count = 0;
    std::span<const Input> arguments;

    friend bool operator<(const Question& a, const Question& b) {
        const auto places = std::tie(a.field, a.first, a.count) <=> std::tie(b.field, b.first, b.count);
        return places != 0 ? places < 0 : order(a.arguments, b.arguments) < 0;
    }
};

/// Where the values of a field are in the state.
struct Values {
    std::uint32_t token = 0;
    std::uint32_t object = 0;
    std::uint32_t objects = 0;
    bool is_sorted = false;  ///< `by_type` is made
    /// Of an abstract type: the objects of each type met, copied side by side.
    std::vector<std::pair<const Type*, Range>> by_type;
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
                const Question question{planned.field, runs_[run].first, runs_[run].count, planned.arguments};
                if (const auto known = known_.find(question); known != known_.end()) {
                    below(column, planned, known->second);
                } else {
                    Values values;
                    const bool may_share = compute(question, values);
                    if (state_.stopped != nullptr) return false;
                    below(column, planned, may_share ? known_[question] = std::move(values) : values);
                }
            }
            columns_.push_back(std::move(column));
        }
        return true;
    }

    /// Calls the resolver. False: the values belong to this selection alone, because an error among them names a
    /// place of it in the document.
    bool compute(const Question& question, Values& to) {
        to.token = static_cast<std::uint32_t>(state_.tokens.size());
        to.object = static_cast<std::uint32_t>(state_.objects.size());
        // The last error may be used again.
        const std::size_t errors = state_.errors.empty() ? 0 : state_.errors.size() - 1;
        Call call(state_, *question.field, question.arguments, question.first, question.count);
        Out out(state_, *question.field, question.count);
        question.field->resolve(call, out);
        out.finish();
        to.objects = static_cast<std::uint32_t>(state_.objects.size()) - to.object;
        return std::all_of(state_.errors.begin() + static_cast<std::ptrdiff_t>(errors), state_.errors.end(),
                           [](const ResolverError& error) { return error.at == UINT32_MAX; });
    }

    void below(Column& column, const Plan::PlannedField& planned, Values& values) {
        column.token = values.token;
        column.object = values.object;
        if (values.objects == 0) return;
        if (planned.child != Plan::kNone) {
            column.run = add_run(planned.child, values.object, values.objects);
            return;
        }
        if (!values.is_sorted) sort(values);
        for (const auto& [type, copies] : values.by_type)
            column.by_type.emplace_back(type, add_run(plan_.child(column.field, *type), copies.first, copies.count));
    }

    void sort(Values& values) {
        values.is_sorted = true;
        std::vector<const Type*> types;
        for (std::uint32_t i = 0; i < values.objects; ++i) {
            const Type* type = state_.objects[values.object + i].type;
            if (std::ranges::find(types, type) == types.end()) types.push_back(type);
        }
        for (const Type* type : types) {
            const auto first = static_cast<std::uint32_t>(state_.objects.size());
            for (std::uint32_t i = 0; i < values.objects; ++i) {
                const ObjectRef each = state_.objects[values.object + i];
                if (each.type == type) state_.objects.push_back(each);
            }
            values.by_type.emplace_back(type, Range{first, static_cast<std::uint32_t>(state_.objects.size()) - first});
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
    std::map<Question, Values> known_;
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
            // Equal fields share their values, so the values in memory do not bound the answer.
            if (out_.size() > state_.limits.bytes) state_.stopped = "The answer is too large.";
            if (state_.stopped != nullptr) return;
        }
        if (any) {
            out_ += '}';
        } else {
            out_.resize(start);
            out_ += "null";
        }
        if (++rows_ % 1024 == 0) state_.stop_if_cancelled();
    }

    /// False when the field failed; then nothing was written.
    bool value(Column& column, const SelectionNode& node) {
        if (++values_ > state_.limits.nodes) state_.stopped = "The answer is too large.";
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
    std::size_t values_ = 0;
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
