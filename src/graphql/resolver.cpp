#include "graphql/resolver.hpp"

#include <charconv>
#include <cmath>

namespace rues::graphql {

bool ExecutionState::stop_if_cancelled() {
    if (stopped == nullptr && cancelled && cancelled()) stopped = "The request was cancelled.";
    return stopped != nullptr;
}

bool Call::spend(std::size_t rows) const {
    state_.rows += rows;
    if (state_.rows > state_.limits.rows && state_.stopped == nullptr) state_.stopped = "Query is too complex.";
    return !state_.stop_if_cancelled();
}

void Out::push(Token token) {
    if (depth_ != 0) {
        ++state_.tokens[open_[depth_ - 1]].first;
    } else {
        ++written_;
        if (written_ > parents_) return;  // more values than parents: the rest is dropped
    }
    state_.tokens.push_back(token);
    if (state_.tokens.size() > state_.limits.nodes || state_.text.size() > state_.limits.bytes)
        state_.stopped = "The answer is too large.";
    else if (state_.tokens.size() % 1024 == 0)
        state_.stop_if_cancelled();
}

/// True when a leaf of this shape is allowed here. Otherwise the value fails. A failed item of a list becomes null in
/// its place, so that the other items keep their indexes.
bool Out::accept(std::uint8_t shape) {
    if (state_.stopped != nullptr) return false;
    const Type& type = *field_.type.named;
    const std::uint8_t wanted = type.kind == Type::Kind::enumeration ? std::uint8_t{kString} : type.outputs;
    const bool leaf = type.kind == Type::Kind::scalar || type.kind == Type::Kind::enumeration;
    if (leaf && depth_ == field_.type.wrapping.lists && (wanted == 0 || (wanted & shape) != 0)) return true;
    fail("Field \"" + field_.name + "\" gave a value that is not of type \"" + type_text(field_.type) + "\"");
    return false;
}

void Out::null() {
    if (state_.stopped != nullptr) return;
    if ((field_.type.wrapping.non_null >> depth_ & 1U) != 0)
        return fail("Field \"" + field_.name + "\" of type \"" + type_text(field_.type) + "\" has no value");
    push({Token::Kind::null, 0, 0});
}

void Out::fail(ResolverError error) {
    if (state_.stopped != nullptr) return;
    // The same error for many objects is kept once.
    if (state_.errors.empty() || state_.errors.back().message != error.message || state_.errors.back().at != error.at)
        state_.errors.push_back(std::move(error));
    push({Token::Kind::error, static_cast<std::uint32_t>(state_.errors.size() - 1), 0});
    if (state_.errors.size() > kMaxErrors) state_.stopped = "Too many fields failed.";
}

void Out::fail_rest(const ResolverError& error) {
    while (written_ < parents_ && state_.stopped == nullptr) fail(error);
}

void Out::leaf(std::size_t from) {
    push({Token::Kind::leaf, static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(state_.text.size() - from)});
}

void Out::boolean(bool value) {
    if (!accept(kBoolean)) return;
    const std::size_t from = state_.text.size();
    state_.text += value ? "true" : "false";
    leaf(from);
}

namespace {

template <typename T>
void append_number(std::string& to, T value) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    to.append(buffer, end);
}

}  // namespace

void Out::integer(std::int64_t value) {
    if (!accept(kInteger)) return;
    const std::size_t from = state_.text.size();
    append_number(state_.text, value);
    leaf(from);
}

void Out::unsigned_integer(std::uint64_t value) {
    if (!accept(kInteger)) return;
    const std::size_t from = state_.text.size();
    append_number(state_.text, value);
    leaf(from);
}

void Out::number(double value) {
    if (!std::isfinite(value)) return fail("Field \"" + field_.name + "\" is not a finite number");
    if (!accept(kNumber)) return;
    const std::size_t from = state_.text.size();
    append_number(state_.text, value);
    leaf(from);
}

void Out::string(std::string_view value) {
    if (!accept(kString)) return;
    const std::size_t from = state_.text.size();
    append_quoted(state_.text, value);
    leaf(from);
}

void Out::json(std::string_view text) {
    if (!accept(kJson)) return;
    const std::size_t from = state_.text.size();
    state_.text += text;
    leaf(from);
}

void Out::object(const void* object, const Type* type) {
    if (state_.stopped != nullptr) return;
    const Type& declared = *field_.type.named;
    if (!declared.is_composite() || type->kind != Type::Kind::object || !declared.can_be(*type) ||
        depth_ != field_.type.wrapping.lists)
        return fail("Field \"" + field_.name + "\" gave an object that is not of type \"" + type_text(field_.type) +
                    "\"");
    if (depth_ != 0 || written_ < parents_) state_.objects.push_back({object, type});
    push({Token::Kind::object, 0, 0});
}

void Out::begin_list() {
    if (state_.stopped != nullptr) return;
    if (depth_ >= field_.type.wrapping.lists) {
        // The type has no list at this depth. Nothing more is resolved.
        state_.stopped = "A resolver wrote a list where its field's type has none.";
        return;
    }
    const bool dropped = depth_ == 0 && written_ >= parents_;
    push({Token::Kind::list, 0, 0});
    if (dropped) {
        state_.stopped = "A resolver wrote more values than it has parents.";
        return;
    }
    open_[depth_++] = static_cast<std::uint32_t>(state_.tokens.size() - 1);
}

void Out::end_list() {
    if (depth_ != 0) --depth_;
}

void Out::finish() {
    depth_ = 0;
    if (written_ < parents_) fail_rest({"Field \"" + field_.name + "\" has no value"});
}

}  // namespace rues::graphql
