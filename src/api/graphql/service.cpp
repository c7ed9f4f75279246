#include "api/graphql/service.hpp"

#include "api/routes.hpp"
#include "query/query.hpp"
#include "query/subscriptions.hpp"

namespace rues::api::graphql_http {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kResponse = "application/graphql-response+json";

/// A query checks the clock each time, but only every 32nd time whether its clients are still there, which needs a
/// lock.
constexpr unsigned kAskEvery = 32;

std::uint64_t generation_of(const store::Store& store) {
    return store.fates() != nullptr ? store.fates()->generation() : 0;
}

/// A snapshot, and the line of blocks that it shows.
struct Seen {
    Seen(const store::Store& store, std::unique_ptr<store::Snapshot> (store::Store::*make)() const)
        : before(generation_of(store)), snapshot((store.*make)()), after(generation_of(store)) {}
    /// False: blocks were being taken back at this moment, so nothing may be kept.
    bool has_line() const noexcept { return before == after && before % 2 == 0; }

    const std::uint64_t before;
    const std::unique_ptr<store::Snapshot> snapshot;
    const std::uint64_t after;
};

/// The hash of the tip and its line in one; the hash is zeros before the first block, and when it could not be read
/// (then the snapshot has failed or missed). A block that becomes the tip again, because those above it were taken
/// back, may be final by now.
base::ByteArray<32> tip_of(const Seen& seen) {
    const auto block = seen.snapshot->block(seen.snapshot->height());
    auto out = block && *block ? (*block)->header.hash : base::ByteArray<32>{};
    for (std::size_t i = 0; i < 8; ++i) out[i] ^= static_cast<std::byte>(seen.after >> 8 * i);
    return out;
}

/// Whether If-None-Match names the tag, by weak comparison (RFC 9110 13.1.2).
bool is_among(std::string_view list, std::string_view tag) {
    while (!list.empty()) {
        auto one = base::trimmed(list.substr(0, list.find(',')));
        list.remove_prefix(std::min(list.size(), list.find(',') == list.npos ? list.size() : list.find(',') + 1));
        if (one.starts_with("W/")) one.remove_prefix(2);
        if (one == tag || one == "*") return true;
    }
    return false;
}

}  // namespace

/// A question that is being answered, and the clients that wait for the answer. Guarded by the service's lock.
struct Service::Flight {
    Question question;
    Time deadline;
    std::vector<Reply> replies;
    std::optional<Place> place{};
    std::optional<std::uint64_t> seq{};  ///< end of the log when the snapshot was taken; nullopt: not taken yet
};

Service::Service() : Service(Limits()) {}

Service::Service(Limits limits)
    : limits_(limits),
      schema_(query::schema()),
      subscription_schema_(query::subscription_schema()),
      sdl_(schema_.sdl()),
      cache_(limits.cache_bytes),
      reads_(std::make_shared<query::ReadCache>(limits.read_bytes)) {}

/// The cache of blocks and transactions for a snapshot of this generation of the chain (`store::Fates::generation`).
std::shared_ptr<query::ReadCache> Service::reads_of(std::uint64_t generation) {
    const std::lock_guard lock(reads_mutex_);
    if (generation != reads_generation_) {
        reads_ = std::make_shared<query::ReadCache>(limits_.read_bytes);
        reads_generation_ = generation;
    }
    return reads_;
}

void Service::ask(const Context& context, Question question, Reply reply) {
    const std::string key = question.key();
    const std::uint64_t seq = context.store.last_seq();
    if (const auto tip = tip_at(seq, context.store)) {
        if (const auto known = cache_.find(key, {*tip, seq})) return send(std::move(reply), known);
    }
    reply.exchange.watch_client();
    std::shared_ptr<Flight> flight;
    {
        const std::lock_guard lock(mutex_);
        if (join(key, seq, reply)) return;
        flight = std::make_shared<Flight>(std::move(question), reply.exchange.arrived + limits_.deadline);
        flight->place = context.places.take(Work::query);
        flight->replies.push_back(std::move(reply));
        if (flight->place) flights_[key] = flight;
    }
    if (!flight->place) {
        context.places.counts(Work::query).refused.add();
        return std::move(flight->replies.front().exchange)
            .fail({ErrorCode::overloaded, std::string(class_of(Work::query).full)});
    }
    if (context.pool(Pool::query)([this, &context, key, flight] { run(context, key, flight); })) return;
    context.places.counts(Work::query).refused.add();
    for (auto& each : end(key, flight))
        std::move(each.exchange).fail({ErrorCode::overloaded, std::string(class_of(Work::query).full)});
}

/// The hash of the tip when the log ended at `seq`. Every block appends to the log, so the tip is read again only after
/// the log grew. nullopt: the tip is not in memory.
std::optional<base::ByteArray<32>> Service::tip_at(std::uint64_t seq, const store::Store& store) {
    {
        const std::lock_guard lock(mutex_);
        if (last_tip_ && last_tip_->seq == seq) return last_tip_->tip;
    }
    const Seen now(store, &store::Store::snapshot_in_memory);
    const Moment found{tip_of(now), seq};
    if (now.snapshot->missed() || now.snapshot->failed() || !now.has_line()) return std::nullopt;
    const std::lock_guard lock(mutex_);
    last_tip_ = found;
    return found.tip;
}

/// Adds the client to a computation of the same question, unless its snapshot is older than the events that this client
/// may have seen. REQUIRES: the lock is held.
bool Service::join(const std::string& key, std::uint64_t seq, Reply& reply) {
    const auto found = flights_.find(key);
    if (found == flights_.end()) return false;
    Flight& flight = *found->second;
    if ((flight.seq && *flight.seq < seq) || flight.replies.size() >= limits_.waiting) return false;
    flight.replies.push_back(std::move(reply));
    return true;
}

std::vector<Reply> Service::end(const std::string& key, const std::shared_ptr<Flight>& flight) {
    const std::lock_guard lock(mutex_);
    if (const auto found = flights_.find(key); found != flights_.end() && found->second == flight)
        flights_.erase(found);
    return std::exchange(flight->replies, {});
}

void Service::run(const Context& context, const std::string& key, const std::shared_ptr<Flight>& flight) {
    const std::uint64_t seq = context.store.last_seq();
    {
        const std::lock_guard lock(mutex_);
        flight->seq = seq;
    }
    const Seen seen(context.store, &store::Store::snapshot);
    const Moment at{tip_of(seen), seq};
    const auto reads = seen.has_line() ? reads_of(seen.after) : nullptr;
    AnswerPtr answer = reads ? cache_.find(key, at) : nullptr;
    if (!answer) {
        const auto cancelled = [this, &flight, asked = 0U]() mutable {
            if (is_past(flight->deadline)) return true;
            if (++asked % kAskEvery != 0) return false;
            const std::lock_guard lock(mutex_);
            return std::ranges::all_of(flight->replies,
                                       [](const Reply& each) { return each.exchange.client_has_gone(); });
        };
        answer =
            compute(flight->question, *seen.snapshot, reads.get(), at, cancelled, graphql::ExecutionLimits().bytes);
        if (answer && answer->keep) cache_.put(key, answer);
    }
    if (!answer) context.log(base::LogLevel::error, "a GraphQL query failed: the store could not be read");
    for (auto& reply : end(key, flight)) send(std::move(reply), answer);
}

void Service::ask_all(const Context& context, const Questions& questions, Reply reply) {
    const Time deadline = reply.exchange.arrived + limits_.deadline;
    const std::uint64_t seq = context.store.last_seq();
    const Seen seen(context.store, &store::Store::snapshot);
    const Moment at{tip_of(seen), seq};
    const auto reads = seen.has_line() ? reads_of(seen.after) : nullptr;
    const auto cancelled = [&] { return is_past(deadline) || reply.exchange.client_has_gone(); };
    std::size_t left = graphql::ExecutionLimits().bytes;  // one limit for all answers of a batch together
    std::vector<AnswerPtr> answers;
    for (const Question& question : questions.list) {
        const std::string key = question.key();
        AnswerPtr answer = reads ? cache_.find(key, at) : nullptr;
        if (!answer) {
            answer = compute(question, *seen.snapshot, reads.get(), at, cancelled, left);
            if (!answer) break;
            if (answer->keep && left == graphql::ExecutionLimits().bytes) cache_.put(key, answer);
        }
        left -= std::min(left, answer->data.size());
        answers.push_back(std::move(answer));
    }
    if (answers.size() < questions.list.size()) return send(std::move(reply), nullptr);
    if (questions.is_batch && !answers.empty()) state_tip(reply.exchange.extra, answers.front()->tip);
    if (!questions.is_batch) return send(std::move(reply), answers.front());
    std::string text = "[";
    for (const auto& answer : answers) text.append(text.size() > 1 ? "," : "").append(answer->envelope());
    send_text(std::move(reply), text + "]");
}

AnswerPtr Service::compute(const Question& question, const store::Snapshot& snapshot, query::ReadCache* reads,
                           Moment at, const std::function<bool()>& cancelled, std::size_t max_bytes) {
    query::Context read(snapshot, reads);
    auto options = query::engine_options();
    options.limits.execution.bytes = max_bytes;
    bool cut = cancelled();  // cancelled while it waited for the pool: then it is not even parsed
    const auto asked = [&] { return cut = cut || cancelled(); };
    auto answer = std::make_shared<Answered>(cut ? graphql::Response{"null", {graphql::Error{kCancelled, {}, {}}}}
                                                 : query::answer(schema_, question.request(), read, asked, options));
    if (snapshot.failed()) return nullptr;
    answer->at = at;
    answer->tip = api::tip_of(snapshot);
    answer->of_mempool = read.has_read_mempool();
    answer->keep = !cut && reads != nullptr;
    return answer;
}

void Service::send(Reply reply, const AnswerPtr& answer) {
    if (!answer) return std::move(reply.exchange).fail({ErrorCode::internal, {}});
    state_tip(reply.exchange.extra, answer->tip);
    if (reply.exchange.has_old_errors && !answer->errors.empty()) {
        constexpr std::string_view kKey = "\"errors\":";
        return std::move(reply.exchange).fail({ErrorCode::bad_request, answer->errors.substr(kKey.size())});
    }
    if (reply.conditional) {
        const std::string tag = answer->tag();
        reply.exchange.extra.emplace_back("etag", tag);
        reply.exchange.extra.emplace_back("cache-control", "no-cache");
        reply.exchange.extra.emplace_back("vary", "accept");
        if (is_among(reply.exchange.request.header("if-none-match").value_or(""), tag))
            return std::move(reply.exchange).empty(304);
    }
    const bool bare = reply.form == Reply::Form::bare && answer->errors.empty();
    send_text(std::move(reply), bare ? answer->data : answer->envelope());
}

void Service::send_text(Reply reply, std::string_view text) {
    if (text.size() > limits_.small_bytes) {
        // The answers of clients that do not read stay in memory, so large ones are bounded in total.
        if (large_->fetch_add(text.size()) + text.size() > limits_.large_bytes) {
            large_->fetch_sub(text.size());
            return std::move(reply.exchange).fail({ErrorCode::overloaded, "too many large answers are being sent"});
        }
        reply.exchange.until_sent =
            std::shared_ptr<void>(nullptr, [large = large_, size = text.size()](void*) { large->fetch_sub(size); });
    }
    std::move(reply.exchange).send(200, reply.response_type ? kResponse : kJson, base::to_bytes(text));
}

}  // namespace rues::api::graphql_http
