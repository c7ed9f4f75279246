#include "api/waiting.hpp"

#include <fmt/format.h>

#include "api/transactions.hpp"
#include "wire/frame.hpp"

namespace rues::api::waiting {
namespace {

using base::json::object;
using base::json::value;

constexpr std::uint64_t kMostSeconds = 300;

/// A session of its own that nobody else knows, on the loop of the request. Owned by what it waits for: the verdict and
/// the time limit.
class Wait final : public feed::Sink, public std::enable_shared_from_this<Wait> {
public:
    Wait(const Context& context, Call call, const ledger::TxId& id, const Wish& wish,
         std::move_only_function<void()> on_refused)
        : context_(context),
          loop_(call.loop),
          call_(std::move(call)),
          id_(id),
          wish_(wish),
          on_refused_(std::move(on_refused)) {}
    ~Wait() override { leave(); }

    void begin(base::Bytes transaction) {
        counted_ = true;
        if (++*context_.waits > kMaxWaits) return refuse({ErrorCode::overloaded, "too many answers wait"});
        feed::Opening opening;
        opening.is_announced = false;
        session_ = context_.hub.open(loop_, *this, std::move(opening));
        if (!session_) return refuse({ErrorCode::overloaded, "too many sessions"});
        using wire::Component;
        const std::string entity = base::to_hex(id_);
        for (const char* topic : {"included", "executed", "removed", "dropped"})
            want({Component::transactions, entity, topic});
        if (wish_.until == Until::finalized) want({Component::blocks, std::nullopt, "statechange"});
        context_.after(loop_, wish_.most, [self = shared_from_this()] { self->answer("pending"); });
        context_.chain.propagate(std::move(transaction), [self = shared_from_this()](chain::Verdict verdict) {
            const Context& known = self->context_;
            known.on_loop(self->loop_, [self, verdict = std::move(verdict)]() mutable {
                if (!verdict) self->refuse(transactions::failure_of(std::move(verdict.error())));
            });
        });
    }

    void send_text(std::string_view) override {}
    std::size_t write(std::span<const base::ByteView> buffers, bool) override {
        std::size_t taken = 0;
        for (base::ByteView rest : buffers) {
            taken += rest.size();
            while (!rest.empty()) {
                const auto message = wire::first_message(rest);
                take(message);
                rest = rest.subspan(message.size());
            }
        }
        return taken;
    }
    void close(std::uint16_t, std::string_view) override { answer("pending"); }

private:
    void want(const wire::Uri& uri) { context_.hub.subscribe_here(loop_, *session_, uri, {.with_past = false}); }

    void take(base::ByteView message) {
        const auto [headers, payload] = wire::parts_of(message);
        const auto uri = wire::Uri::of_canonical(wire::header_of(headers, "Content-Location"));
        if (!uri || !call_) return;
        boost::system::error_code error;
        const value body = payload.empty() ? value(object{}) : boost::json::parse(base::text(payload), error);
        if (error || !body.is_object()) return;
        const object& said = body.get_object();
        if (uri->component == wire::Component::blocks) {
            const auto* state = said.if_contains("state");
            if (block_hash_.is_string() && uri->entity == std::string_view(block_hash_.get_string()) &&
                state != nullptr && *state == "finalized")
                answer(failed() ? "failed" : "finalized");
            return;
        }
        position_ = wire::header_of(headers, "Rues-Position");
        if (uri->topic == "included" && wish_.until == Until::included) return answer("included");
        if (uri->topic == "executed") {
            was_executed_ = true;
            if (const auto* err = said.if_contains("err")) error_ = *err;
            if (const auto* height = said.if_contains("block_height")) block_height_ = *height;
            if (const auto* gas = said.if_contains("gas_spent")) gas_spent_ = *gas;
            block_hash_ = value(wire::header_of(headers, "Rues-Block-Hash"));
            if (wish_.until != Until::finalized) answer(failed() ? "failed" : "executed");
        } else if (uri->topic == "dropped") {
            if (const auto* reason = said.if_contains("reason")) error_ = *reason;
            answer("dropped");
        } else if (uri->topic == "removed" && !was_executed_) {
            answer("removed");
        }
    }

    void leave() {
        if (std::exchange(counted_, false)) --*context_.waits;
    }

    bool failed() const { return !error_.is_null(); }

    void answer(std::string_view outcome) {
        if (!call_) return;
        const object out{{"id", base::to_hex(id_)},       {"outcome", outcome},        {"error", error_},
                         {"block_height", block_height_}, {"block_hash", block_hash_}, {"gas_spent", gas_spent_},
                         {"position", position_}};
        std::move(*call_).json(out);
        finish();
    }
    void refuse(const Failure& failure) {
        on_refused_();
        if (!call_) return;
        std::move(*call_).fail(failure);
        finish();
    }
    /// The session goes later: this can be a call of the feed.
    void finish() {
        call_.reset();
        leave();
        if (!session_) return;
        context_.on_loop(
            loop_, [self = shared_from_this()] { self->context_.hub.closed(self->loop_, *self->session_, true); });
    }

    const Context& context_;
    const std::size_t loop_;
    std::optional<Call> call_;  ///< until it is answered
    const ledger::TxId id_;
    const Wish wish_;
    std::move_only_function<void()> on_refused_;
    std::optional<wire::SessionId> session_;
    bool counted_ = false;
    bool was_executed_ = false;
    value error_;
    value block_height_;
    value block_hash_;
    value gas_spent_;
    value position_;
};

}  // namespace

Outcome<std::optional<Wish>> wish_of(const net::Request& request) {
    const auto until = request.header("rues-wait");
    if (!until) return std::nullopt;
    Wish out;
    if (*until == "included") {
        out.until = Until::included;
    } else if (*until == "finalized") {
        out.until = Until::finalized;
    } else if (*until != "executed") {
        return fail(ErrorCode::invalid_input, "Rues-Wait is included, executed or finalized");
    }
    if (const auto seconds = request.header("rues-wait-seconds")) {
        const auto number = base::parse_u64(*seconds);
        if (!number || *number == 0 || *number > kMostSeconds)
            return fail(ErrorCode::invalid_input,
                        fmt::format("Rues-Wait-Seconds is a number from 1 to {}", kMostSeconds));
        out.most = std::chrono::seconds(*number);
    }
    return out;
}

void propagate(const Context& context, Call call, const ledger::TxId& id, base::Bytes transaction, const Wish& wish,
               std::move_only_function<void()> on_refused) {
    std::make_shared<Wait>(context, std::move(call), id, wish, std::move(on_refused))->begin(std::move(transaction));
}

}  // namespace rues::api::waiting
