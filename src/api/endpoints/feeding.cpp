#include "api/endpoints/feeding.hpp"

#include "api/contract_state.hpp"
#include "api/endpoints/contract_id.hpp"
#include "api/stated_tip.hpp"
#include "base/endian.hpp"
#include "wire/headers.hpp"

namespace rues::api::contracts {
namespace {

constexpr std::size_t kPieceBytes = 32'768;

/// The answer's body. It is made while it is sent: at most `Feed::kMost` bytes are in memory.
class Body final : public net::BodySource {
public:
    explicit Body(std::shared_ptr<Feed> feed) noexcept : feed_(std::move(feed)) {}
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;
    ~Body() override { feed_->close(); }

    net::Piece next(const std::stop_token& gone) override {
        auto taken = feed_->take(kPieceBytes, gone);
        const auto then = !taken.ended     ? net::Piece::Then::more
                          : taken.complete ? net::Piece::Then::end
                                           : net::Piece::Then::failure;
        return {std::move(taken.bytes), then};
    }

private:
    const std::shared_ptr<Feed> feed_;
};

std::string_view content_type(FeederForm form) {
    return form == FeederForm::json ? "application/json" : "";
}

void append_apart(base::Bytes& to, base::ByteView item) {
    base::ByteArray<4> length;
    base::store_le(length.data(), static_cast<std::uint32_t>(item.size()));
    base::append(to, length);
    base::append(to, item);
}

}  // namespace

bool Feed::give(base::Bytes piece) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || waiting_.empty() || waiting_.size() + piece.size() <= kMost; });
    if (closed_) return false;
    if (waiting_.empty()) {
        waiting_ = std::move(piece);
    } else {
        base::append(waiting_, piece);
    }
    changed_.notify_all();
    return true;
}

void Feed::end(bool complete) {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    complete_ = complete;
    changed_.notify_all();
}

Feed::Taken Feed::take(std::size_t least, const std::stop_token& gone) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, gone, [&] { return ended_ || waiting_.size() >= least; });
    Taken out{std::exchange(waiting_, {}), ended_, complete_};
    changed_.notify_all();
    return out;
}

void Feed::close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
}

bool Feed::is_closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
}

void feed(const Context& context, Exchange exchange, const ledger::ContractId& contract, const std::string& function,
          const base::Bytes& argument, FeederForm form, const ItemToJson& to_json) {
    const auto items = std::make_shared<Feed>();
    base::Bytes piece;  // items that were not given yet: one wake-up for many small items
    bool answered = false;
    bool begun = false;
    const bool apart = exchange.is_message();  // each item after its length, and JSON items are no array
    // A piece of the answer waits for the contract's code, and deployed code may take long.
    const auto& executor = context.pool(is_genesis_contract(contract) ? Pool::read : Pool::call);
    const auto answer = [&] {
        if (std::exchange(answered, true)) return;
        std::move(exchange).answer(Streamed{content_type(form), std::make_unique<Body>(items), true, apart}, executor);
    };
    const auto flush = [&] {
        answer();
        return piece.empty() || items->give(std::exchange(piece, {}));
    };
    const auto take = [&](base::ByteView item) {
        base::Bytes encoded;
        if (form == FeederForm::json) {
            const auto json = to_json(item);
            if (!json) return false;
            encoded = base::to_bytes(*json);
        } else {
            encoded = wire::encode_raw(base::to_bytes(item), form == FeederForm::bytes);
        }
        if (apart) {
            append_apart(piece, encoded);
        } else {
            if (form == FeederForm::json) base::append(piece, base::view(begun ? "," : "["));
            base::append(piece, encoded);
        }
        begun = true;
        return piece.size() < kPieceBytes || flush();
    };
    const auto gone = [&] { return answered ? items->is_closed() : exchange.client_has_gone(); };

    const auto tip = context.view.state();
    state_tip(exchange.extra, tip_of(*tip));
    const auto fed = tip->feed(contract, function, argument, take, gone);
    // An error after the first item only cuts the answer short, as on the node (docs/reference/ledger.md 8.3).
    if (!fed && !begun)
        return std::move(exchange).answer(std::unexpected(failure_of(fed.error(), contract, function)), executor);
    if (!begun && form != FeederForm::json && !apart) return std::move(exchange).answer(Empty{}, executor);
    if (form == FeederForm::json && !apart && fed) base::append(piece, base::view(begun ? "]" : "[]"));
    if (flush()) items->end(fed.has_value());
}

}  // namespace rues::api::contracts
