#pragma once

#include <expected>
#include <string>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "wire/note_layouts.hpp"

/// The JSON forms of archived types (docs/reference/ledger.md 8.6, 9.3). Keys of objects come out sorted.
namespace rues::drivers {

using base::json::array;
using base::json::object;
using base::json::value;

/// The result of a conversion in either direction. The error says what was expected.
template <typename T>
using Formed = std::expected<T, std::string>;

template <typename T>
struct Form;

/// The text `invalid type: …, expected …`, in the words of serde.
std::string unexpected_type(const value& from, std::string_view expected);

namespace detail {
Formed<std::uint64_t> read_number(const value& from, std::uint64_t most, std::string_view type);
Formed<base::Bytes> read_hex(const value& from);
/// Base 58 of `size` bytes.
Formed<base::Bytes> read_base58(const value& from, std::size_t size);
Formed<value> write_key(const base::ByteArray<193>& raw);
value write_unchecked_key(const base::ByteArray<193>& raw);
Formed<base::ByteArray<193>> read_key(const value& from);
}  // namespace detail

/// Written as text, because JavaScript's numbers are exact only up to 2^53. Reading accepts a number too.
template <>
struct Form<std::uint64_t> {
    static Formed<value> write(std::uint64_t number) { return value(boost::json::string(std::to_string(number))); }
    static Formed<std::uint64_t> read(const value& from) { return detail::read_number(from, UINT64_MAX, "u64"); }
};

template <>
struct Form<std::uint8_t> {
    static Formed<value> write(std::uint8_t number) { return value(number); }
    static Formed<std::uint8_t> read(const value& from) {
        const auto number = detail::read_number(from, 255, "u8");
        if (!number) return std::unexpected(number.error());
        return static_cast<std::uint8_t>(*number);
    }
};

template <>
struct Form<std::string> {
    static Formed<value> write(const std::string& text) { return value(boost::json::string(text)); }
    static Formed<std::string> read(const value& from) {
        if (!from.is_string()) return std::unexpected(unexpected_type(from, "a string"));
        return std::string(from.get_string());
    }
};

/// Hex of fixed size: ids, encrypted values.
template <std::size_t N>
struct Form<base::ByteArray<N>> {
    static Formed<value> write(const base::ByteArray<N>& bytes) { return base::json::hex(bytes); }
    static Formed<base::ByteArray<N>> read(const value& from) {
        const auto bytes = detail::read_hex(from);
        if (!bytes) return std::unexpected(bytes.error());
        if (bytes->size() != N)
            return std::unexpected("invalid length " + std::to_string(bytes->size()) + ", expected " +
                                   std::to_string(N));
        return base::to_array<N>(*bytes);
    }
};

/// An account: base 58 of the compressed key. Only the items of sync_accounts hold the raw bytes without padding, and
/// only there the published driver checks the point (docs/reference/rusk-1.7.md 9).
template <>
struct Form<base::ByteArray<193>> {
    static Formed<value> write(const base::ByteArray<193>& raw) { return detail::write_key(raw); }
    static Formed<base::ByteArray<193>> read(const value& from) { return detail::read_key(from); }
};
template <>
struct Form<wire::layouts::Key> {
    static Formed<value> write(const wire::layouts::Key& key) { return detail::write_unchecked_key(key.bytes); }
    static Formed<wire::layouts::Key> read(const value& from) {
        const auto raw = detail::read_key(from);
        if (!raw) return std::unexpected(raw.error());
        return wire::layouts::Key{*raw};
    }
};

// Types whose JSON form does not follow from their bytes; form.cpp describes each.
#define RUES_DRIVER_FORM(Type)                   \
    template <>                                  \
    struct Form<Type> {                          \
        static Formed<value> write(const Type&); \
        static Formed<Type> read(const value&);  \
    }
RUES_DRIVER_FORM(wire::layouts::BlsSignature);
RUES_DRIVER_FORM(wire::layouts::SchnorrSignature);
RUES_DRIVER_FORM(wire::layouts::Scalar);
RUES_DRIVER_FORM(wire::layouts::StealthAddress);
RUES_DRIVER_FORM(wire::layouts::AffinePoint);
RUES_DRIVER_FORM(wire::layouts::EncryptedSender);
RUES_DRIVER_FORM(wire::layouts::NoteType);
RUES_DRIVER_FORM(wire::layouts::RewardReason);
RUES_DRIVER_FORM(wire::layouts::Bytes);
#undef RUES_DRIVER_FORM

template <typename T>
struct Form<std::optional<T>> {
    static Formed<value> write(const std::optional<T>& one) { return one ? Form<T>::write(*one) : value(nullptr); }
    static Formed<std::optional<T>> read(const value& from) {
        if (from.is_null()) return std::optional<T>();
        auto one = Form<T>::read(from);
        if (!one) return std::unexpected(one.error());
        return std::optional<T>(std::move(*one));
    }
};

template <typename T>
struct Form<std::vector<T>> {
    static Formed<value> write(const std::vector<T>& list) {
        array out;
        for (const T& one : list) {
            auto form = Form<T>::write(one);
            if (!form) return form;
            out.push_back(std::move(*form));
        }
        return out;
    }
    static Formed<std::vector<T>> read(const value& from) {
        if (!from.is_array()) return std::unexpected(unexpected_type(from, "a sequence"));
        std::vector<T> out;
        for (const value& item : from.get_array()) {
            auto one = Form<T>::read(item);
            if (!one) return std::unexpected(one.error());
            out.push_back(std::move(*one));
        }
        return out;
    }
};

/// `{"Account": …}`: the alternative's name, then its form.
template <typename... Ts>
struct Form<std::variant<Ts...>> {
    using Variant = std::variant<Ts...>;
    static constexpr auto& names = wire::rkyv::Layout<Variant>::names;

    static Formed<value> write(const Variant& one) {
        auto form = std::visit([]<typename T>(const T& inner) { return Form<T>::write(inner); }, one);
        if (!form) return form;
        return object{{names[one.index()], std::move(*form)}};
    }
    static Formed<Variant> read(const value& from) {
        if (!from.is_object() || from.get_object().size() != 1)
            return std::unexpected(unexpected_type(from, "an object with one key"));
        const auto& [name, inner] = *from.get_object().begin();
        return read_alternative<0>(name, inner);
    }

private:
    template <std::size_t I>
    static Formed<Variant> read_alternative(std::string_view name, const value& inner) {
        if constexpr (I == sizeof...(Ts)) {
            return std::unexpected("unknown variant `" + std::string(name) + "`");
        } else {
            if (name != names[I]) return read_alternative<I + 1>(name, inner);
            auto one = Form<std::variant_alternative_t<I, Variant>>::read(inner);
            if (!one) return std::unexpected(one.error());
            return Variant(std::in_place_index<I>, std::move(*one));
        }
    }
};

/// A struct is an object with the names of its fields. A tuple, whose fields are named by numbers, is an array.
template <typename T>
    requires requires { typename T::Archived; }
struct Form<T> {
    static constexpr std::size_t fields = [] {
        std::size_t count = 0;
        T::Archived::for_each_field([&]<typename F>() { ++count; });
        return count;
    }();
    static constexpr bool is_tuple = [] {
        bool numbered = false;
        T::Archived::for_each_field([&]<typename F>() { numbered = numbered || F::name == "0"; });
        return numbered;
    }();

    static Formed<value> write(const T& from) {
        array list;
        object named;
        std::string problem;
        T::Archived::for_each_field([&]<typename F>() {
            if (!problem.empty()) return;
            auto form = Form<typename F::Value>::write(F::of(from));
            if (!form) {
                problem = form.error();
            } else if constexpr (is_tuple) {
                list.push_back(std::move(*form));
            } else {
                named[F::name] = std::move(*form);
            }
        });
        if (!problem.empty()) return std::unexpected(problem);
        return is_tuple ? value(std::move(list)) : value(std::move(named));
    }
    static Formed<T> read(const value& from) {
        if (is_tuple && (!from.is_array() || from.get_array().size() != fields))
            return std::unexpected(unexpected_type(from, "a tuple of size " + std::to_string(fields)));
        if (!is_tuple && !from.is_object()) return std::unexpected(unexpected_type(from, "an object"));
        T out{};
        std::string problem;
        std::size_t index = 0;
        T::Archived::for_each_field([&]<typename F>() {
            if (!problem.empty()) return;
            const value* item = is_tuple ? &from.get_array()[index++] : from.get_object().if_contains(F::name);
            if (item == nullptr) {
                problem = "missing field `" + std::string(F::name) + "`";
                return;
            }
            auto one = Form<typename F::Value>::read(*item);
            if (one) {
                F::of(out) = std::move(*one);
            } else {
                problem = one.error();
            }
        });
        if (!problem.empty()) return std::unexpected(problem);
        return out;
    }
};

}  // namespace rues::drivers
