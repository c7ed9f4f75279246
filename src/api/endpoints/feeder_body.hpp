#pragma once

#include "api/endpoints/contract_functions.hpp"
#include "net/body_source.hpp"

namespace rues::api::contracts {

/// The form of a feeder's items in the answer: their bytes, their hex text, or a JSON array.
enum class FeederForm : std::uint8_t { bytes, hex, json };

/// The body of a feeder's answer, made from its items while it is sent (docs/reference/protocol.md 5.5). A piece ends
/// once it has 32 KiB, so the body of a large feeder is never whole in memory.
class FeederBody final : public net::BodySource {
public:
    /// `to_json` makes the JSON value of an item. It is called for the JSON form only.
    FeederBody(Items items, FeederForm form, std::function<base::json::value(base::ByteView)> to_json) noexcept
        : items_(std::move(items)), form_(form), to_json_(std::move(to_json)) {}
    net::Piece next(const std::stop_token& gone) override;

private:
    void append(base::Bytes& to, base::Bytes item);

    Items items_;
    FeederForm form_;
    std::function<base::json::value(base::ByteView)> to_json_;
    bool begun_ = false;
};

}  // namespace rues::api::contracts
