#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "api/endpoints/driving.hpp"
#include "api/routes.hpp"
#include "api/sessions/event_json.hpp"
#include "api/sessions/subscribing.hpp"
#include "feed/decoded_events.hpp"
#include "feed/topics.hpp"
#include "net/push_stream.hpp"
#include "net/timer.hpp"
#include "wire/websocket.hpp"

/// Events of the log over plain HTTP: Server-Sent Events and pages of history. docs/delivery.md.
namespace rues::api::events {
namespace {

constexpr std::size_t kMaxUris = 64;  // in one request
constexpr std::uint64_t kMaxPage = 10'000;
constexpr std::uint64_t kDefaultPage = 1'000;
constexpr std::size_t kMaxPageBytes = 4 << 20;  // of messages
constexpr std::size_t kScannedBytes = 8 << 20;  // of the log for one page: a few milliseconds on a thread of the pool
constexpr std::chrono::seconds kKeepAlive{15};
/// A page decodes no further event after this time: others wait for the thread. The client asks for the next page.
constexpr std::chrono::milliseconds kDecodingTime{200};

struct Asked {
    std::vector<wire::Uri> uris;
    std::optional<wire::Position> after;
    std::string last_event_id;  ///< from the query; empty: none
    std::uint64_t limit = kDefaultPage;
    bool decodes = false;
    wire::Certainty certainty{};
};

/// True for `lastEventId` and other spellings of Last-Event-ID. Clients that cannot set headers (EventSource polyfills,
/// Mercure) reconnect with such a parameter.
bool is_last_event_id(std::string_view name) {
    std::string plain = base::to_lower_ascii(name);
    std::erase_if(plain, [](char c) { return c == '-' || c == '_'; });
    return plain == "lasteventid";
}

enum class Door : std::uint8_t { stream, history };

Result<Asked> asked(const Context& context, const net::Request& request, Door door) {
    const auto query = query_in(request);
    if (!query) return std::unexpected(query.error());
    Asked out;
    for (const auto& [name, value] : *query) {
        if (name == "on") {
            auto uri = subscription_at(context, value);
            if (!uri) return std::unexpected(uri.error());
            out.uris.push_back(std::move(*uri));
        } else if (name == "limit") {
            const auto number = base::parse_u64(value);
            if (!number || *number == 0 || *number > kMaxPage)
                return fail(ErrorCode::invalid_input, fmt::format("limit must be a number from 1 to {}", kMaxPage));
            out.limit = *number;
        } else if (door == Door::stream && is_last_event_id(name)) {
            out.last_event_id = value;
        } else if (name != "after" && name != "decode" && name != "finality" && name != "retractions") {
            return fail(ErrorCode::invalid_input, "unknown parameter " + name);
        }
    }
    if (out.uris.empty() || out.uris.size() > kMaxUris)
        return fail(ErrorCode::invalid_input, fmt::format("expected 1 to {} parameters on=…", kMaxUris));
    const auto after = position_in(*query, "after");
    if (!after) return std::unexpected(after.error());
    out.after = *after;
    const auto decodes = decode_in(request, &*query);
    if (!decodes) return std::unexpected(decodes.error());
    out.decodes = decodes->value_or(false);
    const auto certainty = certainty_in(request, &*query);
    if (!certainty) return std::unexpected(certainty.error());
    out.certainty = certainty->or_default();
    return out;
}

/// A session whose client reads Server-Sent Events. Like other sessions it has no queue: above the high water it takes
/// no events, and `feed` continues from the log when there is room. Loop thread only.
class EventStream final : public net::PushHandler, public feed::Sink {
public:
    EventStream(const Context& context, std::size_t loop, Asked asked)
        : context_(context), loop_(loop), asked_(std::move(asked)) {}

    void on_open(net::PushStream& stream) override {
        stream_ = &stream;
        client_ = stream.client();
        feed::Opening opening;
        opening.is_announced = false;
        opening.decodes = asked_.decodes;
        opening.certainty = asked_.certainty;
        const wire::Position head{context_.store.epoch(), context_.store.last_seq()};
        const auto [from, recovered] = asked_.after ? context_.hub.resolve(*asked_.after) : std::pair(head, true);
        say(fmt::format("id: {0}\nevent: hello\ndata: {{\"recovered\":{1},\"from\":\"{0}\"}}\n\n", from.to_string(),
                        recovered));
        if (asked_.after) {
            opening.restored = feed::Restored{{}, from, recovered};
            for (auto& uri : asked_.uris)
                opening.restored->subscriptions.push_back(
                    {std::move(uri), from.seq, {}, asked_.decodes, asked_.certainty});
        }
        id_ = context_.hub.open(loop_, *this, std::move(opening));
        if (!id_) {
            say(fmt::format("event: error\ndata: {{\"error\":\"{}\"}}\n\n", no_session(client_.get()).reason));
            return stream.end();
        }
        // The hub delivers the replays of these subscriptions after this turn of the loop.
        if (!asked_.after) {
            for (const auto& uri : asked_.uris) {
                const auto done = context_.hub.subscribe_here(loop_, *id_, uri, {});
                if (const auto failure = failure_of(done.result)) {
                    say(fmt::format("event: error\ndata: {{\"error\":\"{}\"}}\n\n", failure->text()));
                    return stream.end();
                }
            }
        }
        keep_alive();
    }
    void on_writable() override {
        if (id_) context_.hub.writable(loop_, *id_);
    }
    void on_drain() override {
        if (id_) context_.hub.drain(loop_, *id_);
    }
    void on_give_way(std::string_view reason) override { close(wire::websocket::close_code::kPolicy, reason); }
    void on_closed() override {
        stream_ = nullptr;
        silence_.reset();
        if (id_) context_.hub.closed(loop_, *id_, true);
    }

    void send_text(std::string_view) override {}
    /// Takes whole messages only, so a message is never sent in part.
    std::size_t write(std::span<const base::ByteView> buffers, bool) override {
        std::size_t taken = 0;
        for (base::ByteView rest : buffers) {
            while (!rest.empty()) {
                if (stream_->unsent() > net::kPushHighWater) return taken;
                const auto message = wire::first_message(rest);
                say(event_of_stream(message));
                taken += message.size();
                rest = rest.subspan(message.size());
            }
        }
        return taken;
    }
    base::Client* client() const noexcept override { return client_.get(); }
    void close(std::uint16_t code, std::string_view reason) override {
        say(fmt::format("event: bye\ndata: {{\"code\":{},\"reason\":\"{}\"}}\n\n", code, reason));
        stream_->end();
    }

private:
    void say(std::string_view text) {
        if (stream_ != nullptr) stream_->write(base::view(text));
    }
    /// Proxies close a connection that is silent, so a comment is sent from time to time.
    void keep_alive() {
        silence_ = context_.start_timer(loop_, kKeepAlive, [this] {
            if (stream_->unsent() == 0) say(":\n\n");
            keep_alive();
        });
    }

    const Context& context_;
    const std::size_t loop_;
    Asked asked_;
    net::PushStream* stream_ = nullptr;
    base::ClientPtr client_;
    std::optional<wire::SessionId> id_;
    net::Timer silence_;
};

net::Headers position_headers(const wire::Position& position, const wire::Position& head, bool recovered) {
    return {{"rues-position", position.to_string()},
            {"rues-head", head.to_string()},
            {"rues-recovered", recovered ? "true" : "false"}};
}

}  // namespace

void stream(const Context& context, Exchange exchange) {
    auto what = asked(context, exchange.request, Door::stream);
    if (!what) return std::move(exchange).fail(what.error());
    // A client that reconnects uses the URL of its first request, so its last event id counts more than `after`. Empty:
    // the client has seen no event.
    const auto header = exchange.request.header("last-event-id");
    const std::string_view last = header && !header->empty() ? *header : std::string_view(what->last_event_id);
    if (!last.empty()) {
        const auto position = position_from(last);
        if (!position) return std::move(exchange).fail(position.error());
        what->after = *position;
    }
    net::Response head;
    head.fixed_headers = common_header_lines(exchange.cross_origin);
    head.headers = {{"content-type", "text/event-stream"}};
    forbid_buffering(head.headers);
    auto handler = std::make_unique<EventStream>(context, exchange.loop, std::move(*what));
    std::move(exchange).take_responder().push(std::move(head), std::move(handler));
}

Work history_work(const Exchange& exchange) {
    const auto query = query_in(exchange.request);
    const Result<std::optional<bool>> decodes = query ? decode_in(exchange.request, &*query) : std::nullopt;
    return decodes && decodes->value_or(false) ? Work::decoded_history : Work::history;
}

namespace {

/// The contract of an event whose data driver must be compiled before the event can be decoded; nullopt: none.
std::optional<ledger::ContractId> must_compile(const Context& context, const store::LogRecord& record) {
    if (!feed::is_decodable(record)) return std::nullopt;
    const auto uri = feed::uri_of(record);
    const auto contract = uri ? base::array_from_hex<32>(*uri->entity) : std::nullopt;
    return contract && context.drivers->must_compile(*contract) ? contract : std::nullopt;
}

/// A page; or the contract whose driver must be compiled for its first event, which `compiles` allows to do here. A
/// page ends before any later event that needs a compilation.
struct Page {
    Result<Answer> answer;
    std::optional<ledger::ContractId> must_compile{};
};

Page page_of(const Context& context, Exchange& exchange, bool compiles) {
    const auto what = asked(context, exchange.request, Door::history);
    if (!what) return {std::unexpected(what.error())};
    feed::Matcher matcher;
    for (const auto& uri : what->uris) matcher.add(uri, 0, false, what->certainty.retractions);
    const store::Store& store = context.store;
    const auto finality = what->certainty.finality;
    wire::Position head{store.epoch(), 0};
    bool recovered = true;
    const auto read = [&] {
        wire::Position from{store.epoch(), store.first_seq() - 1};
        if (what->after) std::tie(from, recovered) = context.hub.resolve(*what->after);
        std::uint64_t end = store.last_seq();
        if (finality != wire::Finality::accepted) {
            auto [settled, taken_back] = context.hub.settled(finality);
            end = settled;
            matcher.demand(finality, std::move(taken_back));
        }
        head.seq = std::max(end, from.seq);
        return store.scan_log(from.seq + 1, head.seq, {kMaxPageBytes, kScannedBytes, what->limit}, matcher);
    };
    auto scan = read();
    // Retention may delete these records between `resolve` and `scan_log`. The second try begins where the log
    // begins now.
    if (!scan && scan.error().kind == base::Error::Kind::not_found) scan = read();
    if (!scan) return {fail(ErrorCode::internal, scan.error().text)};
    std::string page;
    std::uint64_t next = scan->next;
    const auto until = std::chrono::steady_clock::now() + kDecodingTime;
    for (const auto& record : scan->records) {
        if (!what->decodes) {
            page += event_json(record.message) + '\n';
            continue;
        }
        const bool is_enough = page.size() >= kMaxPageBytes || std::chrono::steady_clock::now() >= until;
        const auto contract = must_compile(context, record);
        if ((is_enough || contract) && !page.empty()) {
            next = record.seq;
            break;
        }
        if (contract && !compiles) return {Answer(Text{}), contract};
        page += event_json(context.hub.decoded(record)) + '\n';
    }
    for (auto& header : position_headers({store.epoch(), next - 1}, head, recovered))
        exchange.extra.push_back(std::move(header));
    return {Typed{"application/x-ndjson", base::to_bytes(page)}};
}

void answer_page(const Context& context, Exchange exchange, bool compiles) {
    auto page = page_of(context, exchange, compiles);
    if (!page.must_compile) return std::move(exchange).answer(std::move(page.answer), context.read_pool);
    with_driver(context, Work::decoded_history, std::move(exchange), *page.must_compile,
                [&context](Exchange again) { answer_page(context, std::move(again), true); });
}

}  // namespace

void history(const Context& context, Exchange exchange) {
    const Work work = history_work(exchange);
    exchange.watch_client();
    on_pool(context, work, std::move(exchange),
            [&context](Exchange asked) { answer_page(context, std::move(asked), false); });
}

}  // namespace rues::api::events
