#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/json.hpp"

/// The data drivers of the genesis contracts. docs/reference/ledger.md 8.6; docs/reference/rusk-1.7.md 9.
namespace rues::drivers {

using base::Bytes;
using base::ByteView;

/// The reason why a driver could not convert a value. The text is the Debug form of the driver's error:
/// `Unsupported("fn_name x")`, `Json("…")`, `Rkyv("…")`. The text inside the last two may be our own wording
/// (docs/reference/differences.md 1).
struct Failure {
    std::string text;
};
template <typename T>
using Result = std::expected<T, Failure>;

/// Both directions of one type.
struct Codec {
    Result<base::json::value> (*decode)(ByteView archived);
    Result<Bytes> (*encode)(const base::json::value& json);
};

struct Function {
    std::string_view name;
    std::string_view input_type, output_type;  ///< as the schema names them
    Codec input, output;
};
struct EventType {
    std::string_view topic;
    std::string_view type;
    Result<base::json::value> (*decode)(ByteView archived);
};

/// The most bytes that an argument or an event of a contract can have (docs/reference/ledger.md 8.3). JSON text may be
/// longer.
inline constexpr std::size_t kMaxArchived = 65'536;
inline constexpr std::size_t kMaxJson = 262'144;

/// The table of one contract. Of the concatenated items of a feeder, the decoders read only the last one, because its
/// root ends the bytes (docs/reference/ledger.md 8.4). Any thread may call it; every failure is a `Failure`.
class Driver {
public:
    constexpr Driver(std::string_view name, std::span<const Function> functions, std::span<const EventType> events)
        : name_(name), functions_(functions), events_(events) {}

    /// `json` is JSON text. An unknown function or event is `Unsupported`, here and below.
    Result<Bytes> encode_input(std::string_view function, std::string_view json) const;
    /// The decoders give JSON with sorted keys.
    Result<base::json::value> decode_input(std::string_view function, ByteView archived) const;
    Result<base::json::value> decode_output(std::string_view function, ByteView archived) const;
    Result<base::json::value> decode_event(std::string_view topic, ByteView archived) const;
    /// The driver's schema: names, types and order of everything, as JSON text with the order of keys of the published
    /// drivers.
    std::string schema() const;
    static constexpr std::string_view kVersion = "0.1.0";

    std::span<const Function> functions() const { return functions_; }
    std::span<const EventType> events() const { return events_; }

private:
    Result<const Function*> find(std::string_view function) const;

    std::string_view name_;
    std::span<const Function> functions_;
    std::span<const EventType> events_;
};

/// The driver of a genesis contract; nullptr for any other contract.
const Driver* driver_of(const base::ByteArray<32>& contract);

}  // namespace rues::drivers
