#include "api/wanted_tip.hpp"

#include <fmt/format.h>

#include "api/elsewhere.hpp"
#include "api/routes.hpp"
#include "base/encoding.hpp"
#include "wire/topics.hpp"

namespace rues::api {
namespace {

using Then = std::move_only_function<void(Exchange)>;
using MakeSnapshot = std::unique_ptr<store::Snapshot> (store::Store::*)() const;

/// Where a wanted block is.
enum class Found : std::uint8_t {
    here,
    missing,     ///< the chain here has not got it
    no_node,     ///< the chain here has it, and no node that would be asked
    taken_back,  ///< the chain here had it
    unread,      ///< the store could not tell without waiting for the disk, or not at all
};

/// A block counts when the tip that everybody sees has reached it: the store has it a moment earlier.
Found look_for(const Context& context, const WantedTip& wanted, bool needs_node, MakeSnapshot make) {
    std::optional<std::uint64_t> height_of_hash;
    if (wanted.hash) {
        const auto snapshot = (context.store.*make)();
        const auto found = snapshot->height_of(*wanted.hash);
        if (!found) return Found::unread;
        height_of_hash = *found;
    }
    const auto tip = context.view.tip();
    if (wanted.hash && !height_of_hash) return Found::missing;
    const auto height = std::max(wanted.height.value_or(0), height_of_hash.value_or(0));
    if (tip.height < height) return Found::missing;
    return needs_node && !context.elsewhere->has_node_at(height) ? Found::no_node : Found::here;
}

/// Whether the log says that this block was taken back. Waits for the disk.
bool was_taken_back(const store::Store& store, const base::Hash32& block) {
    const store::EventFilter of{wire::Component::blocks, wire::text_hash(wire::topic::kReverted),
                                wire::text_hash(base::to_hex(block)), 0};
    const auto found = store.past_events(of, 1, store::Store::Reads::disk);
    return found && !found->empty();
}

/// The same with the disk, on a pool. The block may be on the chain again, so the log is asked first.
Found look_on_disk(const Context& context, const WantedTip& wanted, bool needs_node) {
    const bool was_here = was_taken_back(context.store, *wanted.hash);
    const auto found = look_for(context, wanted, needs_node, &store::Store::snapshot);
    if (!was_here || found != Found::missing) return found;
    // It may be there, below a height that is not reached.
    const auto height = context.store.snapshot()->height_of(*wanted.hash);
    return height && !*height ? Found::taken_back : found;
}

/// A request that waits for a block. The timer or the task that looks for the block owns it. On the exchange's loop.
class TipWait final : public std::enable_shared_from_this<TipWait> {
public:
    TipWait(const Context& context, Exchange exchange, const WantedTip& wanted, bool needs_node, Then then)
        : context_(context),
          wanted_(wanted),
          needs_node_(needs_node),
          loop_(exchange.loop),
          client_(exchange.request.client),
          until_(std::chrono::steady_clock::now() + context.tip_wait),
          exchange_(std::move(exchange)),
          then_(std::move(then)) {}

    void begin() {
        auto place = context_.places.take(Work::block_wait, client_.get());
        auto body = context_.bodies_of_waiting.take(exchange_->request.body.size());
        if (!place || !body || !context_.start_timer) {
            const bool is_own = !place && place.error() == base::Taken::client_is_full;
            const std::string_view full = class_of(Work::block_wait).full;
            context_.places.counts(Work::block_wait).refused.add();
            if (is_own) return fail({ErrorCode::client_limit, fmt::format("for your address, {}", full)});
            return fail({ErrorCode::overloaded, std::string(full)});
        }
        place_ = std::move(*place);
        body_ = std::move(*body);
        exchange_->watch_client([weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->give_up();
        });
        if (wanted_.hash) return look_with_disk();
        look_later();
    }

private:
    void look_later() {
        timer_ = context_.start_timer(loop_, kLookForTip, [self = shared_from_this()] { self->look(); });
    }

    void look() {
        if (!exchange_) return;
        const bool is_over = std::chrono::steady_clock::now() >= until_;
        const auto tip = context_.view.tip().hash;
        // A hash that the chain did not have at this tip needs no further look-up.
        const bool is_missing = missing_at_ == tip;
        const auto found =
            is_missing ? Found::missing : look_for(context_, wanted_, needs_node_, &store::Store::snapshot_in_memory);
        if (found == Found::here) return go_on();
        if (found == Found::missing && wanted_.hash) missing_at_ = tip;
        if (wanted_.hash && (found == Found::unread || is_over)) return look_with_disk();
        if (is_over) return give_up(found);
        look_later();
    }

    void look_with_disk() {
        const base::ActingFor scope(client_.get());
        const bool queued = context_.read_pool([self = shared_from_this()] {
            const auto found = look_on_disk(self->context_, self->wanted_, self->needs_node_);
            self->context_.in_turn(self->loop_, [self, found] { self->looked(found); });
        });
        if (!queued) fail({ErrorCode::overloaded, std::string(class_of(Work::read).full)});
    }

    void looked(Found found) {
        if (!exchange_) return;
        if (found == Found::here) return go_on();
        if (found == Found::taken_back || std::chrono::steady_clock::now() >= until_) return give_up(found);
        look_later();
    }

    void go_on() {
        auto exchange = take();
        exchange.arrived = std::chrono::steady_clock::now();  // its own time begins now
        const base::ActingFor scope(client_.get());
        then_(std::move(exchange));
    }

    void give_up(Found found = Found::missing) {
        if (!exchange_) return;
        if (found == Found::taken_back) return fail({ErrorCode::block_taken_back, base::to_hex(*wanted_.hash)});
        const auto height = context_.view.tip().height;
        fail({ErrorCode::block_not_reached, found == Found::no_node ? std::string("no node that answers has it")
                                                                    : fmt::format("the tip is block {}", height)});
    }

    void fail(const Failure& failure) { std::move(take()).fail(failure); }

    /// Ends the wait, and gives its place back.
    Exchange take() {
        Exchange out = std::move(*exchange_);
        exchange_.reset();
        place_ = Place();
        body_ = Place();
        timer_.reset();
        return out;
    }

    const Context& context_;
    const WantedTip wanted_;
    const bool needs_node_;
    const std::size_t loop_;
    const base::ClientPtr client_;
    const std::chrono::steady_clock::time_point until_;
    Place place_;
    Place body_;
    std::optional<Exchange> exchange_;  ///< until the wait is over
    Then then_;
    std::optional<base::Hash32> missing_at_{};  ///< the tip at which the chain had no block with the wanted hash
    net::Timer timer_;
};

}  // namespace

Result<WantedTip> WantedTip::of(const net::Request& request) {
    WantedTip out;
    if (const auto text = request.header("rues-min-height")) {
        out.height = base::parse_u64(*text);
        if (!out.height) return fail(ErrorCode::invalid_input, "Rues-Min-Height: a height is expected");
    }
    if (const auto text = request.header("rues-min-hash")) {
        out.hash = base::array_from_hex<32>(*text);
        if (!out.hash) return fail(ErrorCode::invalid_input, "Rues-Min-Hash: 64 hex digits are expected");
    }
    return out;
}

bool WantedTip::is_named(const net::Request& request) {
    return request.header("rues-min-height") || request.header("rues-min-hash");
}

void await_tip(const Context& context, const Route& row, Exchange exchange, const WantedTip& wanted, Then then) {
    const bool needs_node = context.elsewhere != nullptr && context.elsewhere->needs_node(row, exchange);
    if (look_for(context, wanted, needs_node, &store::Store::snapshot_in_memory) == Found::here)
        return then(std::move(exchange));
    std::make_shared<TipWait>(context, std::move(exchange), wanted, needs_node, std::move(then))->begin();
}

}  // namespace rues::api
