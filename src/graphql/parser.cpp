#include "graphql/parser.hpp"

#include <algorithm>
#include <optional>

#include "base/encoding.hpp"
#include "graphql/lexer.hpp"
#include "graphql/syntax_error.hpp"

namespace rues::graphql {
namespace {

using Kind = Token::Kind;

/// Recursive descent with one token of look-ahead; the first error stays in `error_` and every caller returns. Children
/// of a node are gathered on a stack (`pending`) and moved side by side into the document when the node ends.
class Parser {
public:
    Parser(Document& out, const ParseLimits& limits) : out_(out), limits_(limits), lexer_(*out.source) {}

    std::optional<Error> run() {
        if (!base::is_utf8(*out_.source)) return Error{"The document is not UTF-8.", {}, {}};
        advance();
        while (token_.kind != Kind::end && definition()) {
        }
        if (!error_ && out_.operations.empty() && out_.fragments.empty()) fail("expected executable_definition");
        return std::move(error_);
    }

private:
    void advance() {
        token_ = lexer_.next();
        if (token_.kind != Kind::end && ++tokens_ > limits_.tokens && !error_) {
            error_ = Error{"The document has more than " + std::to_string(limits_.tokens) + " tokens.",
                           {Locator(*out_.source)(token_.at)},
                           {}};
        }
    }
    bool fail(std::string_view cause) { return fail_at(token_.at, cause); }
    bool fail_at(std::uint32_t at, std::string_view cause) {
        if (!error_) error_ = syntax_error(*out_.source, at, cause);
        return false;
    }
    bool too_deep() {
        if (!error_) error_ = Error{"recursion limit exceeded.", {}, {}};
        return false;
    }
    bool is(Kind kind) const noexcept { return token_.kind == kind; }
    bool is_word(std::string_view word) const noexcept { return is(Kind::name) && token_.text == word; }
    bool take(Kind kind) {
        if (!is(kind)) return false;
        advance();
        return !error_;
    }
    bool name(Name& to, std::string_view cause = "expected name") {
        if (!is(Kind::name)) return fail(cause);
        to = {token_.text, token_.at};
        advance();
        return !error_;
    }
    template <typename T>
    static Range moved(std::vector<T>& pending, std::size_t from, std::vector<T>& to) {
        const Range out{static_cast<std::uint32_t>(to.size()), static_cast<std::uint32_t>(pending.size() - from)};
        const auto begin = pending.begin() + static_cast<std::ptrdiff_t>(from);
        to.insert(to.end(), std::make_move_iterator(begin), std::make_move_iterator(pending.end()));
        pending.erase(begin, pending.end());
        return out;
    }

    bool definition() {
        const std::string_view cause = out_.operations.empty() && out_.fragments.empty()
                                           ? "expected executable_definition"
                                           : "expected EOI or executable_definition";
        if (is(Kind::open_brace)) {
            OperationNode node;
            node.at = token_.at;
            return selection_set(node.set, node.selections, "expected selection_set", 1) &&
                   (out_.operations.push_back(node), true);
        }
        if (is_word("query")) return operation(OperationNode::Kind::query);
        if (is_word("mutation")) return operation(OperationNode::Kind::mutation);
        if (is_word("subscription")) return operation(OperationNode::Kind::subscription);
        if (is_word("fragment")) return fragment();
        return fail(cause);
    }

    bool operation(OperationNode::Kind kind) {
        OperationNode node;
        node.kind = kind;
        node.at = token_.at;
        advance();
        std::string_view cause = "expected variable_definitions, selection_set, directive, or name";
        if (is(Kind::name)) {
            if (!name(node.name)) return false;
            cause = "expected variable_definitions, selection_set, or directive";
        }
        if (is(Kind::open_paren)) {
            if (!variables(node.variables)) return false;
            cause = "expected selection_set or directive";
        }
        if (is(Kind::at_sign)) cause = "expected selection_set or directive";
        if (!directives(node.directives, false)) return false;
        if (!selection_set(node.set, node.selections, cause, 1)) return false;
        out_.operations.push_back(node);
        return true;
    }

    bool fragment() {
        FragmentNode node;
        node.at = token_.at;
        advance();
        if (is_word("on")) return fail("expected name");
        if (!name(node.name)) return false;
        if (!is_word("on")) return fail("expected type_condition");
        advance();
        if (!name(node.condition) || !directives(node.directives, false)) return false;
        if (!selection_set(node.set, node.selections, "expected selection_set or directive", 1)) return false;
        out_.fragments.push_back(node);
        return true;
    }

    bool variables(Range& to) {
        if (!take(Kind::open_paren)) return false;
        const std::size_t from = out_.variables.size();
        while (!is(Kind::close_paren)) {
            const std::uint32_t at = token_.at;
            VariableNode node;
            if (!is(Kind::dollar)) return fail("expected variable_definition");
            if (!take(Kind::dollar) || !name(node.name)) return false;
            node.name.at = at;
            if (!is(Kind::colon)) return fail_at(at, "expected variable_definition");
            if (!take(Kind::colon) || !type(node.type) || !directives(node.directives, true)) return false;
            if (is(Kind::equals)) {
                node.has_default = true;
                if (!take(Kind::equals) || !value(node.default_value, true, 0)) return false;
                if (node.directives.count == 0 && !directives(node.directives, true)) return false;
            }
            out_.variables.push_back(node);
        }
        to = {static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(out_.variables.size() - from)};
        return take(Kind::close_paren);
    }

    bool type(TypeNode& to) {
        to.at = token_.at;
        const auto too_many = [&] { return to.wrapping.lists == Wrapping::kMaxLists; };
        while (is(Kind::open_bracket)) {
            if (too_many()) return too_deep();
            ++to.wrapping.lists;
            if (!take(Kind::open_bracket)) return false;
        }
        if (!name(to.name, "expected type_")) return false;
        for (unsigned level = to.wrapping.lists;; --level) {
            if (is(Kind::bang)) {
                to.wrapping.non_null |= 1U << level;
                if (!take(Kind::bang)) return false;
            }
            if (level == 0) return true;
            if (!is(Kind::close_bracket)) return fail_at(to.at, "expected type_");
            if (!take(Kind::close_bracket)) return false;
        }
    }

    bool directives(Range& to, bool constant) {
        const std::size_t from = pending_directives_.size();
        while (is(Kind::at_sign)) {
            DirectiveNode node;
            const std::uint32_t at = token_.at;
            if (!take(Kind::at_sign) || !name(node.name)) return false;
            node.name.at = at;
            if (is(Kind::open_paren) && !arguments(node.arguments, constant)) return false;
            pending_directives_.push_back(node);
        }
        to = moved(pending_directives_, from, out_.directives);
        return true;
    }

    bool arguments(Range& to, bool constant) {
        if (!take(Kind::open_paren)) return false;
        const std::size_t from = pending_arguments_.size();
        do {
            ArgumentNode node;
            if (!name(node.name)) return false;
            if (!is(Kind::colon)) return fail_at(node.name.at, "expected argument");
            if (!take(Kind::colon) || !value(node.value, constant, 0)) return false;
            pending_arguments_.push_back(node);
        } while (!is(Kind::close_paren));
        to = moved(pending_arguments_, from, out_.arguments);
        return take(Kind::close_paren);
    }

    /// `cause` is the text of the error when there is no set at all.
    bool selection_set(std::uint32_t& at, Range& to, std::string_view cause, std::uint32_t depth) {
        if (!is(Kind::open_brace)) return fail(cause);
        if (depth > limits_.selection_depth) return too_deep();
        at = token_.at;
        if (!take(Kind::open_brace)) return false;
        const std::size_t from = pending_selections_.size();
        std::string_view next = "expected selection";
        do {
            SelectionNode node;
            if (!selection(node, next, depth)) return false;
            pending_selections_.push_back(node);
        } while (!is(Kind::close_brace));
        to = moved(pending_selections_, from, out_.selections);
        return take(Kind::close_brace);
    }

    /// `cause` is the text of the error when there is no selection. Afterwards it names the tokens that could continue
    /// this one.
    bool selection(SelectionNode& node, std::string_view& cause, std::uint32_t depth) {
        node.at = token_.at;
        if (is(Kind::spread)) {
            cause = "expected selection";
            return take(Kind::spread) && fragment_use(node, depth);
        }
        Name first;
        if (!name(first, cause)) return false;
        node.key = node.name = first.text;
        if (is(Kind::colon)) {
            Name real;
            if (!take(Kind::colon) || !name(real)) return false;
            node.name = real.text;
        }
        cause = "expected selection_set, selection, directive, or arguments";
        if (is(Kind::open_paren)) {
            if (!arguments(node.arguments, false)) return false;
            cause = "expected selection_set, selection, or directive";
        }
        if (is(Kind::at_sign)) cause = "expected selection_set, selection, or directive";
        if (!directives(node.directives, false)) return false;
        if (!is(Kind::open_brace)) return true;
        cause = "expected selection";
        node.has_set = true;
        return selection_set(node.set, node.selections, cause, depth + 1);
    }

    bool fragment_use(SelectionNode& node, std::uint32_t depth) {
        if (is(Kind::name) && token_.text != "on") {
            node.kind = SelectionNode::Kind::spread;
            node.name = token_.text;
            advance();
            return directives(node.directives, false);
        }
        node.kind = SelectionNode::Kind::inline_fragment;
        node.has_set = true;
        std::string_view cause = "expected type_condition, selection_set, directive, or name";
        if (is_word("on")) {
            advance();
            Name condition;
            if (!name(condition)) return false;
            node.name = condition.text;
            cause = "expected selection_set or directive";
        }
        return directives(node.directives, false) && selection_set(node.set, node.selections, cause, depth + 1);
    }

    bool scalar(ValueNode& to, ValueNode::Kind kind) {
        to.kind = kind;
        to.text = token_.text;
        advance();
        return !error_;
    }

    bool value(ValueNode& to, bool constant, std::uint32_t depth) {
        to.at = token_.at;
        switch (token_.kind) {
        case Kind::integer:
            return scalar(to, ValueNode::Kind::integer);
        case Kind::decimal:
            return scalar(to, ValueNode::Kind::decimal);
        case Kind::name:
            if (token_.text == "null") return scalar(to, ValueNode::Kind::null);
            if (token_.text == "true" || token_.text == "false") return scalar(to, ValueNode::Kind::boolean);
            return scalar(to, ValueNode::Kind::enumerator);
        case Kind::string:
            if (token_.escaped) token_.text = out_.strings.emplace_back(unescaped(token_.text));
            return scalar(to, ValueNode::Kind::string);
        case Kind::block_string:
            token_.text = out_.strings.emplace_back(block_string_value(token_.text));
            return scalar(to, ValueNode::Kind::string);
        case Kind::dollar: {
            if (constant) return fail("expected const_value");
            Name variable;
            to.kind = ValueNode::Kind::variable;
            if (!take(Kind::dollar) || !name(variable)) return false;
            to.text = variable.text;
            return true;
        }
        case Kind::open_bracket:
            return depth < limits_.value_depth ? list(to, constant, depth) : too_deep();
        case Kind::open_brace:
            return depth < limits_.value_depth ? object(to, constant, depth) : too_deep();
        default:
            return fail(constant ? "expected const_value" : "expected value");
        }
    }

    bool list(ValueNode& to, bool constant, std::uint32_t depth) {
        to.kind = ValueNode::Kind::list;
        if (!take(Kind::open_bracket)) return false;
        const std::size_t from = pending_values_.size();
        while (!is(Kind::close_bracket)) {
            ValueNode item;
            if (!value(item, constant, depth + 1)) return false;
            pending_values_.push_back(item);
        }
        to.items = moved(pending_values_, from, out_.values);
        return take(Kind::close_bracket);
    }

    bool object(ValueNode& to, bool constant, std::uint32_t depth) {
        to.kind = ValueNode::Kind::object;
        if (!take(Kind::open_brace)) return false;
        const std::size_t from = pending_fields_.size();
        while (!is(Kind::close_brace)) {
            ObjectFieldNode field;
            if (!name(field.name)) return false;
            if (!is(Kind::colon)) return fail_at(field.name.at, constant ? "expected const_value" : "expected value");
            if (!take(Kind::colon) || !value(field.value, constant, depth + 1)) return false;
            pending_fields_.push_back(field);
        }
        to.items = moved(pending_fields_, from, out_.object_fields);
        return take(Kind::close_brace);
    }

    Document& out_;
    const ParseLimits& limits_;
    Lexer lexer_;
    Token token_;
    std::size_t tokens_ = 0;
    std::optional<Error> error_;
    std::vector<SelectionNode> pending_selections_;
    std::vector<DirectiveNode> pending_directives_;
    std::vector<ArgumentNode> pending_arguments_;
    std::vector<ValueNode> pending_values_;
    std::vector<ObjectFieldNode> pending_fields_;
};

}  // namespace

std::string type_text(std::string_view name, Wrapping wrapping) {
    std::string out(wrapping.lists, '[');
    out += name;
    for (unsigned level = wrapping.lists;; --level) {
        if ((wrapping.non_null >> level & 1U) != 0) out += '!';
        if (level == 0) return out;
        out += ']';
    }
}

std::expected<Document, Error> parse(std::string_view source, const ParseLimits& limits) {
    if (source.size() > limits.bytes)
        return std::unexpected(
            Error{"The document is longer than " + std::to_string(limits.bytes) + " bytes.", {}, {}});
    Document out;
    out.source = std::make_unique<const std::string>(source);
    if (auto error = Parser(out, limits).run()) return std::unexpected(std::move(*error));
    return out;
}

}  // namespace rues::graphql
