#include "vm/host_functions.hpp"

#include <array>

namespace rues::vm {
namespace {

constexpr auto i32 = ValueType::i32;
constexpr auto i64 = ValueType::i64;

/// Pointers have the type of the contract's memory.
template <ValueType Pointer>
struct Parameters {
    static constexpr std::array kName = {Pointer, i32};
    static constexpr std::array kNameAndArgument = {Pointer, i32, i32};
    static constexpr std::array kCall = {Pointer, Pointer, i32, i32, i64};
    static constexpr std::array kPointer = {Pointer};
    static constexpr std::array kLength = {i32};
    static constexpr std::array<ValueType, 0> kNone = {};
};

template <ValueType Pointer>
constexpr std::array kFunctions = {
    HostFunction{"hq", Parameters<Pointer>::kNameAndArgument, i32},
    HostFunction{"hd", Parameters<Pointer>::kName, i32},
    HostFunction{"c", Parameters<Pointer>::kCall, i32},
    HostFunction{"emit", Parameters<Pointer>::kNameAndArgument, std::nullopt},
    HostFunction{"feed", Parameters<Pointer>::kLength, std::nullopt},
    HostFunction{"caller", Parameters<Pointer>::kNone, i32},
    HostFunction{"callstack", Parameters<Pointer>::kNone, i32},
    HostFunction{"limit", Parameters<Pointer>::kNone, i64},
    HostFunction{"spent", Parameters<Pointer>::kNone, i64},
    HostFunction{"panic", Parameters<Pointer>::kLength, std::nullopt},
    HostFunction{"owner", Parameters<Pointer>::kPointer, i32},
    HostFunction{"self_id", Parameters<Pointer>::kNone, std::nullopt},
    HostFunction{"hdebug", Parameters<Pointer>::kLength, std::nullopt},
};
static_assert(kFunctions<i32>.size() == static_cast<std::size_t>(Import::hdebug) + 1);

}  // namespace

std::span<const HostFunction> host_functions32() noexcept {
    return kFunctions<i32>;
}
std::span<const HostFunction> host_functions64() noexcept {
    return kFunctions<i64>;
}

std::span<const std::string_view> host_function_names(bool contract_log) noexcept {
    static constexpr auto kNames = [] {
        std::array<std::string_view, kFunctions<i32>.size()> names;
        for (std::size_t i = 0; i < names.size(); ++i) names[i] = kFunctions<i32>[i].name;
        return names;
    }();
    const std::span names(kNames);
    return contract_log ? names : names.first(static_cast<std::size_t>(Import::hdebug));
}

}  // namespace rues::vm
