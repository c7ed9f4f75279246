#include "api/endpoints/feeder_body.hpp"

#include "wire/headers.hpp"

namespace rues::api::contracts {
namespace {

constexpr std::size_t kPieceBytes = 32'768;

}  // namespace

void FeederBody::append(base::Bytes& to, base::Bytes item) {
    if (form_ != FeederForm::json)
        return base::append(to, wire::encode_raw(std::move(item), form_ == FeederForm::bytes));
    base::append(to, base::view(begun_ ? "," : "["));
    base::append(to, base::view(base::json::print(to_json_(item))));
}

net::Piece FeederBody::next(const std::stop_token& gone) {
    net::Piece out;
    while (out.bytes.size() < kPieceBytes && !gone.stop_requested()) {
        auto item = items_();
        if (!item) {
            if (form_ == FeederForm::json) base::append(out.bytes, base::view(begun_ ? "]" : "[]"));
            out.then = net::Piece::Then::end;
            return out;
        }
        append(out.bytes, std::move(*item));
        begun_ = true;
    }
    return out;
}

}  // namespace rues::api::contracts
