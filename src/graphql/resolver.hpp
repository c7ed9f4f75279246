#pragma once

#include <any>
#include <concepts>
#include <optional>
#include <span>
#include <type_traits>

#include "graphql/schema.hpp"

/// The interface of resolvers. A field is resolved once for all its parent objects, so a field below a list can read
/// the data of all of them together.
namespace rues::graphql {

/// Limits of one execution. Passing a limit is an error of the whole request (docs/reference/graphql.md 9).
struct ExecutionLimits {
    std::size_t nodes = 2'000'000;   ///< values in the answer, list items included
    std::size_t bytes = 64U << 20U;  ///< of the answer
    std::size_t rows = 250'000;      ///< rows that resolvers read (Call::spend)
    std::size_t errors = 100;        ///< reported; more are left out
};

struct ResolverError {
    std::string message;
    std::uint32_t at = UINT32_MAX;  ///< position in the document; by default that of the field
};

struct ObjectRef {
    const void* object = nullptr;
    const Type* type = nullptr;
};

/// State of one execution: columns of values as resolvers write them. Owned by one thread.
struct ExecutionState {
    struct Token {
        enum class Kind : std::uint8_t { null, leaf, object, list, error };
        Kind kind = Kind::null;
        std::uint32_t first = 0;  ///< leaf: where in `text`; list: number of items; error: index
        std::uint32_t size = 0;   ///< leaf: bytes
    };
    ExecutionLimits limits;
    std::function<bool()> cancelled;  ///< called between fields and every 1,024 values; may be empty
    const Schema* schema = nullptr;
    void* context = nullptr;

    std::vector<Token> tokens;
    std::string text;  ///< JSON of all leaves
    std::vector<ObjectRef> objects;
    std::vector<ResolverError> errors;
    std::vector<std::any> kept;
    std::size_t rows = 0;
    const char* stopped = nullptr;  ///< the reason why execution stopped; nullptr while it goes on

    bool stop_if_cancelled();
};

/// The parent objects of a field, as their own resolver gave them. Indexes stay valid while more is written.
template <typename T>
class Parents {
public:
    Parents(const ExecutionState& state, std::uint32_t first, std::uint32_t count)
        : state_(&state), first_(first), count_(count) {}
    std::size_t size() const noexcept { return count_; }
    const T& operator[](std::size_t i) const noexcept {
        return *static_cast<const T*>(state_->objects[first_ + i].object);
    }

private:
    const ExecutionState* state_;
    std::uint32_t first_;
    std::uint32_t count_;
};

/// One call of a resolver: the field, its arguments, and its parent objects. Used by the thread that executes.
class Call {
public:
    Call(ExecutionState& state, const Field& of, std::span<const Input> inputs, std::uint32_t first,
         std::uint32_t count)
        : field(of), arguments(inputs), state_(state), first_(first), count_(count) {}

    const Field& field;
    std::span<const Input> arguments;  ///< one for each declared argument, in that order

    template <typename T>
    Parents<T> parents() const noexcept {
        return {state_, first_, count_};
    }
    std::size_t size() const noexcept { return count_; }
    const Schema& schema() const noexcept { return *state_.schema; }
    /// The context of the request (`Execute::context`). REQUIRES: it is a T.
    template <typename T>
    T& context() const noexcept {
        return *static_cast<T*>(state_.context);
    }
    /// Keeps an object, which child fields get as their parent, until the answer is written.
    template <typename T>
    const T& keep(T value) {
        auto owned = std::make_shared<const T>(std::move(value));
        const T& out = *owned;
        state_.kept.emplace_back(std::move(owned));
        return out;
    }
    /// An error about the value of an argument; its location is that value.
    ResolverError about(std::size_t argument, std::string message) const {
        return {std::move(message), arguments[argument].at};
    }
    /// True when a limit was reached or the request was cancelled. Values that are written after that are dropped.
    bool stopped() const noexcept { return state_.stopped != nullptr; }
    /// Call it before reading rows from a store; a scan calls it every few hundred rows. False when the request may
    /// read no more rows or was cancelled: the resolver must then return.
    bool spend(std::size_t rows) const;

private:
    ExecutionState& state_;
    std::uint32_t first_;
    std::uint32_t count_;
};

/// JSON that is ready to be put into an answer.
struct Json {
    std::string_view text;
};

/// Takes a field's values, one for each parent. A value that its type does not allow becomes an error of the field.
class Out {
public:
    enum Shape : std::uint8_t { kBoolean = 1, kInteger = 2, kNumber = 4, kString = 8, kJson = 16 };

    Out(ExecutionState& state, const Field& field, std::uint32_t parents) noexcept
        : state_(state), field_(field), parents_(parents) {}

    void null();
    void fail(ResolverError error);
    void fail(std::string message) { fail(ResolverError{std::move(message)}); }
    /// Writes the same error for every parent that has no value yet.
    void fail_rest(const ResolverError& error);

    void boolean(bool value);
    void integer(std::int64_t value);
    void unsigned_integer(std::uint64_t value);
    void number(double value);
    /// Writes a string or an enum value.
    void string(std::string_view value);
    void json(std::string_view text);
    /// Writes an object of an object type. The object must live until the answer is written (see `Call::keep`).
    void object(const void* object) { this->object(object, field_.type.named); }
    /// Writes an object of type `type`, for an interface or a union.
    void object(const void* object, const Type* type);
    void begin_list();
    void end_list();

    template <typename T>
    void value(const T& v) {
        if constexpr (std::same_as<T, bool>)
            boolean(v);
        else if constexpr (std::unsigned_integral<T>)
            unsigned_integer(v);
        else if constexpr (std::signed_integral<T>)
            integer(v);
        else if constexpr (std::floating_point<T>)
            number(v);
        else if constexpr (std::same_as<T, Json>)
            json(v.text);
        else if constexpr (std::convertible_to<const T&, std::string_view>)
            string(v);
        else if constexpr (std::is_pointer_v<T>)
            v == nullptr ? null() : object(v);
        else if constexpr (requires {
                               v.has_value();
                               *v;
                           })
            v.has_value() ? value(*v) : null();
        else {
            begin_list();
            for (const auto& item : v) value(item);
            end_list();
        }
    }

    std::uint32_t written() const noexcept { return written_; }
    /// Writes an error for every parent for which the resolver wrote nothing.
    void finish();

    static constexpr std::size_t kMaxErrors = 10'000;  ///< that differ, in one request

private:
    using Token = ExecutionState::Token;
    bool accept(std::uint8_t shape);
    void push(Token token);
    void leaf(std::size_t from);

    ExecutionState& state_;
    const Field& field_;
    std::uint32_t parents_;
    std::uint32_t written_ = 0;
    std::uint8_t depth_ = 0;
    std::uint32_t open_[Wrapping::kMaxLists]{};
};

}  // namespace rues::graphql
