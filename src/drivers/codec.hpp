#pragma once

#include <fmt/format.h>

#include "drivers/driver.hpp"
#include "drivers/form.hpp"

/// Codecs for the tables. A codec joins a type's JSON form (`Form`) and its layout (`wire::rkyv::Layout`).
namespace rues::drivers {

std::unexpected<Failure> json_failure(std::string_view why);
std::unexpected<Failure> rkyv_failure(std::string_view why);
std::unexpected<Failure> unsupported(std::string_view what);

template <typename T>
Result<value> decode(ByteView archived) {
    const auto read = wire::rkyv::unarchive<T>(archived);
    if (!read) return rkyv_failure(read.error());
    auto form = Form<T>::write(*read);
    if (!form) return rkyv_failure(form.error());
    return std::move(*form);
}

template <typename T>
Result<Bytes> encode(const value& json) {
    const auto read = Form<T>::read(json);
    if (!read) return json_failure(read.error());
    return wire::rkyv::archive(*read);
}

template <typename T>
inline constexpr Codec kCodec{&decode<T>, &encode<T>};

/// `()`: no bytes. The driver of the transfer contract requires `null`; that of the stake contract ignores the value
/// (docs/reference/ledger.md 8.6).
inline constexpr Codec kUnit{[](ByteView) -> Result<value> { return value(nullptr); },
                             [](const value& json) -> Result<Bytes> {
                                 if (!json.is_null()) return json_failure(unexpected_type(json, "unit"));
                                 return Bytes{};
                             }};
inline constexpr Codec kIgnoredUnit{kUnit.decode, [](const value&) -> Result<Bytes> { return Bytes{}; }};

template <wire::rkyv::detail::Name What>
inline constexpr Codec kUnsupported{[](ByteView) -> Result<value> { return unsupported(What.view()); },
                                    [](const value&) -> Result<Bytes> { return unsupported(What.view()); }};

}  // namespace rues::drivers
