#pragma once

#include "api/endpoints/contract_functions.hpp"

namespace rues::api::contracts {

/// How the items of a feed go out: as they are, each in hex, or as a JSON array.
enum class FeedForm : std::uint8_t { bytes, hex, json };

/// Items of a feed as a body (RP 5.5).
class FeedBody final : public net::BodySource {
public:
    /// `to_json` for the JSON form only.
    FeedBody(Items items, FeedForm form, std::function<base::json::value(base::ByteView)> to_json) noexcept
        : items_(std::move(items)), form_(form), to_json_(std::move(to_json)) {}
    net::Piece next(const std::stop_token& gone) override;

private:
    void append(base::Bytes& to, base::Bytes item);

    Items items_;
    FeedForm form_;
    std::function<base::json::value(base::ByteView)> to_json_;
    bool begun_ = false;
};

}  // namespace rues::api::contracts
