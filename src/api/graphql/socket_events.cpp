#include <fmt/format.h>

#include <tuple>

#include "api/graphql/operation.hpp"
#include "api/routes.hpp"
#include "api/sessions/subscribing.hpp"
#include "base/encoding.hpp"
#include "wire/websocket.hpp"

/// Events of a socket's subscriptions. A subscription takes a small batch of events from `feed`, the query pool answers
/// the batch from one snapshot, and the socket sends the answers. While the subscription takes nothing, `feed` keeps
/// its cursor.
namespace rues::api::graphql_ws {
namespace {

constexpr std::size_t kScannedBytes = 4 << 20;  // of the log in one read

}  // namespace

/// Answers events of one subscription until there is enough to send. Lives on the query pool for one task.
class Socket::Answers {
public:
    Answers(const Context& context, Operation::Work& work, const Limits& limits,
            std::chrono::steady_clock::time_point deadline)
        : store_(context.store),
          snapshot_(store_.snapshot()),
          read_(*snapshot_),
          work_(work),
          limits_(limits),
          deadline_(deadline) {}

    Made make() {
        while (work_.next < work_.messages.size() && !work_.is_gone && errors_.empty() && has_room()) {
            const auto event = query::Event::of(work_.messages[work_.next]);
            if (!event) {
                errors_ = one_error("an event in the log is malformed");
            } else if (!work_.source.contracts) {
                answer(*event);
                ++work_.next;
            } else if (scan_to(*event)) {
                ++work_.next;
            }
        }
        if (snapshot_->failed()) errors_ = one_error("The store could not be read.");
        return {std::move(frames_), std::move(errors_)};
    }

private:
    bool has_room() const { return frames_.size() < limits_.high_water; }

    /// Whether the block of the event was taken back by now: then no field of it could be read, and the client asked
    /// for blocks of the chain.
    bool is_taken_back(const query::Event& event) const {
        const auto hash = base::array_from_hex<32>(event.block_hash);
        if (!hash) return false;
        const auto height = snapshot_->height_of(*hash);
        return height && !*height;
    }

    void answer(const query::Event& event) {
        if (is_taken_back(event)) return;
        const auto cancelled = [this] { return work_.is_gone || std::chrono::steady_clock::now() >= deadline_; };
        const auto response = query::answer(*work_.prepared, event, read_, cancelled);
        wire::websocket::append_frame(frames_, wire::websocket::Opcode::text, next(work_.id, response.envelope()));
    }

    /// Answers the contract events that the log has before the event of their block. False: some are left for the next
    /// task.
    bool scan_to(const query::Event& block) {
        const auto position = wire::Position::parse(block.position);
        const std::uint64_t end = position ? position->seq : 0;
        const auto& contracts = *work_.source.contracts;
        while (work_.scanned < end) {
            if (!has_room() || work_.is_gone || !errors_.empty()) return false;
            const auto found =
                store_.scan_log(work_.scanned + 1, end, {limits_.batch_bytes, kScannedBytes},
                                [&](const store::LogRecord& record) { return contracts.may_want(record.filter); });
            if (!found) {
                errors_ = one_error(found.error().text);
                return false;
            }
            for (const auto& record : found->records) {
                const auto event = query::Event::of(record.message);
                if (event && contracts.wants(event->uri)) answer(*event);
            }
            work_.scanned = found->next - 1;
        }
        return true;
    }

    const store::Store& store_;
    const std::unique_ptr<store::Snapshot> snapshot_;
    query::Context read_;
    Operation::Work& work_;
    const Limits& limits_;
    const std::chrono::steady_clock::time_point deadline_;
    std::string frames_;
    std::vector<graphql::Error> errors_;
};

/// Takes whole messages only, so a message is never taken in part.
std::size_t Socket::Operation::write(std::span<const base::ByteView> buffers, bool) {
    std::size_t taken = 0;
    std::size_t given = 0;
    const bool is_free = !is_busy && !last_words && work->messages.empty() && socket_.may_make();
    for (base::ByteView rest : buffers) {
        given += rest.size();
        while (is_free && !rest.empty() && work->messages.size() < socket_.limits_.batch_messages &&
               taken < socket_.limits_.batch_bytes) {
            const auto message = wire::first_message(rest);
            work->messages.push_back(base::to_bytes(message));
            taken += message.size();
            rest = rest.subspan(message.size());
        }
    }
    has_more = has_more || taken < given;
    if (taken > 0) socket_.make(*this);
    return taken;
}

void Socket::Operation::close(std::uint16_t code, std::string_view reason) {
    last_words = fmt::format("the subscription ended ({}): {}", code, reason);
    // In a task of its own, because `feed` may not be called from inside its own call.
    socket_.context_.on_loop(socket_.loop_, [&socket = socket_, alive = socket_.alive_] {
        if (*alive) socket.go_on();
    });
}

/// Opens the session of a subscription. It begins where the log ended when the request came, however long the request
/// waited for the pool. So the client sees the effect of everything that it does after the request.
void Socket::begin(Operation& operation) {
    const query::Source& source = operation.work->source;
    if (feed::is_too_long(source.uri)) {
        return refuse(operation,
                      one_error(fmt::format("the topic is too long: the URI of a subscription has at most {} bytes",
                                            feed::kMaxUriBytes)));
    }
    wire::Position from{context_.store.epoch(), operation.asked_at};
    if (source.after) {
        bool recovered = false;
        std::tie(from, recovered) = context_.hub.resolve(*source.after);
        if (!recovered) {
            return refuse(operation, one_error(fmt::format("events after {} are no longer kept; events after {} are",
                                                           source.after->to_string(), from.to_string())));
        }
    }
    operation.work->scanned = from.seq;
    // A subscription to one transaction gets the events that were published before, as replay.
    const bool looks_back = !source.after && source.uri.entity && source.uri.component == wire::Component::transactions;
    feed::Opening opening;
    opening.is_announced = false;
    if (!looks_back) opening.restored = feed::Restored{{{source.uri, from.seq, {}}}, from, true};
    operation.session = context_.hub.open(loop_, operation, std::move(opening));
    if (!operation.session) return refuse(operation, one_error(no_session(client_.get()).reason));
    if (!looks_back) return;
    const auto done = context_.hub.subscribe_here(loop_, *operation.session, source.uri, {});
    if (const auto failure = failure_of(done.result)) refuse(operation, one_error(failure->text()));
}

void Socket::make(Operation& operation) {
    operation.is_busy = true;
    ++made_;
    const std::uint64_t number = operation.number;
    const base::ActingFor scope(client_.get());  // `feed` delivers for nobody
    const bool taken = context_.pool(Pool::query)(
        [&context = context_, work = operation.work, limits = limits_,
         deadline = std::chrono::steady_clock::now() + limits_.deadline,
         done = back_here([this, number](const Made& answers) { made(number, answers); })]() mutable {
            done(Answers(context, *work, limits, deadline).make());
        });
    if (taken) return;
    operation.retry = context_.start_timer(loop_, limits_.pool_retry, [this, &operation] {
        --made_;
        operation.retry.reset();
        make(operation);
    });
}

void Socket::made(std::uint64_t number, const Made& answers) {
    --made_;
    if (auto* operation = find(number)) {
        operation->is_busy = false;
        auto& work = *operation->work;
        if (work.next == work.messages.size()) {
            work.messages.clear();
            work.next = 0;
        }
        say_frames(answers.frames);
        if (!answers.errors.empty()) refuse(*operation, answers.errors);
    }
    go_on();
    pace();
}

void Socket::go_on(Operation& operation) {
    if (operation.is_busy) return;
    if (!operation.work->messages.empty()) return make(operation);
    if (operation.last_words) return refuse(operation, one_error(*operation.last_words));
    if (std::exchange(operation.has_more, false)) context_.hub.writable(loop_, *operation.session);
}

void Socket::go_on() {
    for (std::size_t left = operations_.size(); left > 0 && !operations_.empty() && may_make(); --left) {
        auto each = operations_.upper_bound(last_served_);
        if (each == operations_.end()) each = operations_.begin();
        last_served_ = each->first;
        go_on(*each->second);
    }
}

}  // namespace rues::api::graphql_ws
