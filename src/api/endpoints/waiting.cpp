#include "api/endpoints/waiting.hpp"

#include <fmt/format.h>

#include "api/endpoints/transactions.hpp"
#include "api/sessions/subscribing.hpp"
#include "wire/frame.hpp"
#include "wire/topics.hpp"

namespace rues::api::waiting {
namespace {

using base::json::object;
using base::json::value;

constexpr std::uint64_t kMostSeconds = 300;

/// The traces of a refused transaction in the store: it may be pooled or executed already.
struct Known {
    bool is_pooled = false;
    std::optional<store::StoredTransaction> executed{};
    std::string block_hash{};
    bool is_final = false;
    value position{};     ///< of its `executed` event; null: the log does not keep it any more
    bool failed = false;  ///< the store could not be read
};

/// A transaction is executed again when its block was taken back.
constexpr std::size_t kMostExecutions = 64;

/// The position of the last `executed` event of a transaction; null: the log does not keep it any more.
value position_of(const store::Store& store, const ledger::TxId& id) {
    const store::EventFilter of{wire::Component::transactions, wire::text_hash(wire::topic::kExecuted),
                                wire::text_hash(base::to_hex(id)), 0};
    const auto found = store.past_events(of, kMostExecutions, store::Store::Reads::disk);
    if (!found || found->empty()) return nullptr;
    return value(wire::Position{store.epoch(), found->back()}.to_string());
}

/// Reads from the store, so call it on a pool.
Known look_up(const store::Store& store, const ledger::TxId& id) {
    Known out;
    const auto snapshot = store.snapshot();
    if (auto executed = snapshot->transaction(id)) out.executed = std::move(*executed);
    if (out.executed) {
        const auto block = snapshot->block(out.executed->height);
        if (block && *block) {
            out.block_hash = base::to_hex((*block)->header.hash);
            out.is_final = (*block)->label.kind == ledger::Label::Kind::final;
        }
        out.position = position_of(store, id);
    } else if (const auto pooled = snapshot->pooled(id)) {
        out.is_pooled = pooled->has_value();
    }
    out.failed = snapshot->failed();
    return out;
}

/// One answer that waits. It has a session of its own in `feed`, on the loop of the request, whose id nobody learns.
/// The callbacks that it waits for own it: the chain's verdict, and the timer until the answer. Its place counts until
/// its memory is freed.
class Wait final : public feed::Sink, public std::enable_shared_from_this<Wait> {
public:
    Wait(const Context& context, Exchange exchange, const ledger::TxId& id, const Wish& wish,
         std::move_only_function<void()> on_nothing_more)
        : context_(context),
          loop_(exchange.loop),
          client_(exchange.request.client),
          exchange_(std::move(exchange)),
          id_(id),
          wish_(wish),
          on_nothing_more_(std::move(on_nothing_more)),
          place_(context.places.take(Work::wait)) {}

    void begin(base::Bytes transaction) {
        if (!place_) {
            context_.places.counts(Work::wait).refused.add();
            return refuse({ErrorCode::overloaded, std::string(class_of(Work::wait).full)});
        }
        feed::Opening opening;
        opening.is_announced = false;
        session_ = context_.hub.open(loop_, *this, std::move(opening));
        if (!session_) return refuse(no_session(client_.get()).failure);
        using wire::Component;
        const std::string entity = base::to_hex(id_);
        for (const auto topic :
             {wire::topic::kIncluded, wire::topic::kExecuted, wire::topic::kRemoved, wire::topic::kDropped})
            subscribe({Component::transactions, entity, std::string(topic)});
        if (wish_.until == Until::finalized) {
            subscribe({Component::blocks, std::nullopt, std::string(wire::topic::kStatechange)});
            subscribe({Component::blocks, std::nullopt, std::string(wire::topic::kReverted)});
        }
        timer_ = context_.start_timer(loop_, wish_.most, [self = shared_from_this()] { self->answer("pending"); });
        exchange_->watch_client([weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->stop_waiting();
        });
        const chain::Wanted wanted{exchange_->arrived + class_of(Work::verify).patience};
        context_.submission.propagate(
            std::move(transaction),
            [self = shared_from_this()](chain::Verdict verdict) {
                const Context& known = self->context_;
                known.on_loop(self->loop_, [self, verdict = std::move(verdict)]() mutable {
                    if (verdict) {
                        self->is_taken_ = true;
                    } else {
                        self->not_taken(std::move(verdict.error()));
                    }
                });
            },
            wanted);
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
    void close(std::uint16_t, std::string_view) override { stop_waiting(); }
    base::Client* client() const noexcept override { return client_.get(); }

private:
    void subscribe(const wire::Uri& uri) { context_.hub.subscribe_here(loop_, *session_, uri, {.late_replay = false}); }

    void take(base::ByteView message) {
        const auto [headers, payload] = wire::parts_of(message);
        const auto uri = wire::Uri::of_location(wire::header_of(headers, "Content-Location"));
        if (!uri || !exchange_) return;
        boost::system::error_code error;
        const value body = payload.empty() ? value(object{}) : boost::json::parse(base::text(payload), error);
        if (error || !body.is_object()) return;
        const object& said = body.get_object();
        if (uri->component == wire::Component::blocks && uri->topic == wire::topic::kReverted) {
            if (block_hash_.is_string() && uri->entity == std::string_view(block_hash_.get_string())) is_taken_back();
            return;
        }
        if (uri->component == wire::Component::blocks) {
            const auto* state = said.if_contains("state");
            if (state == nullptr || *state != "finalized") return;
            saw_final_block_ = true;
            if (block_hash_.is_string() && uri->entity == std::string_view(block_hash_.get_string()))
                answer(failed() ? "failed" : "finalized");
            return;
        }
        is_taken_ = true;
        position_ = wire::header_of(headers, "Rues-Position");
        if (const auto other = wire::header_of(headers, "Rues-Replaced-By"); !other.empty()) replaced_by_ = other;
        if (uri->topic == wire::topic::kIncluded && wish_.until == Until::included) return answer("included");
        if (uri->topic == wire::topic::kExecuted) {
            was_executed_ = true;
            if (const auto* err = said.if_contains("err")) error_ = *err;
            if (const auto* height = said.if_contains("block_height")) block_height_ = *height;
            if (const auto* gas = said.if_contains("gas_spent")) gas_spent_ = *gas;
            block_hash_ = value(wire::header_of(headers, "Rues-Block-Hash"));
            if (wish_.until != Until::finalized) answer(failed() ? "failed" : "executed");
        } else if (uri->topic == wire::topic::kDropped) {
            if (const auto* reason = said.if_contains("reason")) error_ = *reason;
            answer("dropped");
        } else if (uri->topic == wire::topic::kRemoved && !was_executed_) {
            answer("removed");
        }
    }

    /// The block of the transaction was taken back: what comes next decides.
    void is_taken_back() {
        was_executed_ = false;
        for (auto* of_block : {&error_, &block_height_, &block_hash_, &gas_spent_}) *of_block = nullptr;
    }

    bool failed() const { return !error_.is_null(); }

    /// The chain also refuses a transaction that it already has or had. Then the answer is what became of that one.
    void not_taken(chain::Rejection rejection) {
        // Events of the transaction have arrived, so the chain has it from another request.
        if (is_taken_) return;
        const bool may_be_known = exchange_ && rejection.kind == chain::Rejection::Kind::refused;
        auto failure = transactions::failure_of(std::move(rejection));
        if (!may_be_known) return refuse(failure);
        look(std::move(failure));
    }

    void look(Failure failure) {
        saw_final_block_ = false;
        const bool queued = context_.read_pool([self = shared_from_this(), failure]() mutable {
            auto known = look_up(self->context_.store, self->id_);
            const Context& context = self->context_;
            context.on_loop(self->loop_, [self, failure = std::move(failure), known = std::move(known)]() mutable {
                self->found(std::move(failure), std::move(known));
            });
        });
        if (!queued) refuse({ErrorCode::overloaded, "too many queries wait"});
    }

    void found(Failure failure, Known known) {
        if (!exchange_) return;
        if (known.failed) return refuse({ErrorCode::internal, "the store could not be read"});
        if (!known.executed && !known.is_pooled) return refuse(failure);
        is_taken_ = true;
        // The subscriptions are older than the look-up. So `executed` may have arrived meanwhile, and then its event
        // counts.
        if (was_executed_) return;
        if (known.is_pooled) {
            if (wish_.until == Until::included) answer("included");
            return;
        }
        on_nothing_more_();
        if (known.executed->error) error_ = *known.executed->error;
        block_height_ = known.executed->height;
        gas_spent_ = known.executed->gas_spent;
        block_hash_ = known.block_hash;
        position_ = std::move(known.position);
        if (wish_.until == Until::finalized && !known.is_final) {
            // A block became final during the look-up, when this did not know yet which block to wait for. Look again.
            if (std::exchange(saw_final_block_, false)) look(std::move(failure));
            return;
        }
        answer(failed() ? "failed" : wish_.until == Until::finalized ? "finalized" : "executed");
    }

    /// Answers with what is known, because the client ended its side or the server stops.
    void stop_waiting() {
        if (is_taken_) return answer("pending");
        if (!exchange_) return;
        // The verdict is not there yet, and may be a refusal. So nothing is known of the transaction.
        std::move(*exchange_).fail({ErrorCode::overloaded, "the chain has not checked the transaction yet"});
        finish();
    }

    void answer(std::string_view outcome) {
        if (!exchange_) return;
        const object out{{"id", base::to_hex(id_)},       {"outcome", outcome},         {"error", error_},
                         {"block_height", block_height_}, {"block_hash", block_hash_},  {"gas_spent", gas_spent_},
                         {"position", position_},         {"replaced_by", replaced_by_}};
        std::move(*exchange_).json(out);
        finish();
    }
    void refuse(const Failure& failure) {
        on_nothing_more_();
        if (!exchange_) return;
        std::move(*exchange_).fail(failure);
        finish();
    }
    /// Frees everything but the session, which closes in a later task, because this may run inside a call of `feed`.
    void finish() {
        const auto self = shared_from_this();
        exchange_.reset();
        timer_.reset();
        if (!session_) return;
        context_.on_loop(loop_, [self] { self->context_.hub.closed(self->loop_, *self->session_, true); });
    }

    const Context& context_;
    const std::size_t loop_;
    const base::ClientPtr client_;
    std::optional<Exchange> exchange_;  ///< until it is answered
    const ledger::TxId id_;
    const Wish wish_;
    std::move_only_function<void()> on_nothing_more_;
    const std::optional<Place> place_;  ///< held until this is freed; nullopt: there was none
    net::Timer timer_;
    std::optional<wire::SessionId> session_;
    bool is_taken_ = false;  ///< the chain has the transaction or had it
    bool was_executed_ = false;
    bool saw_final_block_ = false;  ///< a block became final since the last look-up began
    value error_;
    value block_height_;
    value block_hash_;
    value gas_spent_;
    value position_;
    value replaced_by_;
};

}  // namespace

Result<std::optional<Wish>> wish_of(const net::Request& request) {
    const auto until = request.header("rues-wait");
    if (!until) return std::nullopt;
    Wish out;
    if (*until == "included") {
        out.until = Until::included;
    } else if (*until == "finalized") {
        out.until = Until::finalized;
    } else if (*until != "executed") {
        return fail(ErrorCode::invalid_input, "Rues-Wait must be included, executed or finalized");
    }
    if (const auto seconds = request.header("rues-wait-seconds")) {
        const auto number = base::parse_u64(*seconds);
        if (!number || *number == 0 || *number > kMostSeconds)
            return fail(ErrorCode::invalid_input,
                        fmt::format("Rues-Wait-Seconds must be a number from 1 to {}", kMostSeconds));
        out.most = std::chrono::seconds(*number);
    }
    return out;
}

void propagate(const Context& context, Exchange exchange, const ledger::TxId& id, base::Bytes transaction,
               const Wish& wish, std::move_only_function<void()> on_nothing_more) {
    std::make_shared<Wait>(context, std::move(exchange), id, wish, std::move(on_nothing_more))
        ->begin(std::move(transaction));
}

}  // namespace rues::api::waiting
