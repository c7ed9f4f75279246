#include "client/propagation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>

#include "base/encoding.hpp"
#include "client/answer_json.hpp"
#include "client/client.hpp"
#include "ledger/transaction.hpp"
#include "wire/topics.hpp"

namespace rues::client {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = Outcome::Kind;

constexpr std::array<std::string_view, 7> kKinds{"included", "executed", "finalized", "failed",
                                                 "removed",  "dropped",  "pending"};
constexpr std::array<std::string_view, 3> kGoals{"included", "executed", "finalized"};
constexpr seconds kLongestWait{300};  // longest `Rues-Wait-Seconds` that a server grants (docs/delivery.md)
constexpr seconds kRequestTimeout{30};
/// A late `executed` may follow a late `removed`, because each comes with its own subscription.
constexpr milliseconds kExecutedBehindRemoved{2'000};

Headers propagate_headers() {
    return {{"Content-Type", "application/octet-stream"}};
}

milliseconds left_until(Deadline deadline) {
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(deadline - Clock::now()));
}

/// A server with positions shows one in `/status`; a Rusk node has no such path.
Result<bool> has_positions(const Url& url) {
    const auto answer = http(url, "GET", "/status", {}, {}, kRequestTimeout);
    if (!answer) return std::unexpected(answer.error());
    if (!answer->ok()) return false;
    const auto body = parse_object(answer->body, "/status");
    return body && text_in(*body, "position").has_value();
}

Result<Outcome> read_outcome(base::ByteView text) {
    const auto body = parse_object(text, "the outcome");
    if (!body) return std::unexpected(body.error());
    const auto kind = std::ranges::find(kKinds, text_in(*body, "outcome").value_or(""));
    if (kind == kKinds.end()) return failure(Error::Kind::malformed, "unknown outcome");
    Outcome out;
    out.id = text_in(*body, "id").value_or("");
    out.kind = static_cast<Kind>(kind - kKinds.begin());
    out.error = text_in(*body, "error");
    out.block_height = number_in(*body, "block_height");
    out.block_hash = text_in(*body, "block_hash").value_or("");
    out.gas_spent = number_in(*body, "gas_spent");
    out.replaced_by = text_in(*body, "replaced_by").value_or("");
    return out;
}

/// Follows one transaction through its events.
class Watch {
public:
    static Result<Watch> open(const Url& url, std::string id, Goal goal) {
        auto client = Client::connect(url);
        if (!client) return std::unexpected(client.error());
        Watch watch(std::move(*client), std::move(id), goal);
        // `executed` is subscribed before `removed`, which follows it; late events then come in this order too.
        for (const auto topic : {wire::topic::kExecuted, wire::topic::kRemoved, wire::topic::kDropped}) {
            if (auto done = watch.subscribe(topic); !done) return std::unexpected(done.error());
        }
        if (goal == Goal::included) {
            if (auto done = watch.subscribe(wire::topic::kIncluded); !done) return std::unexpected(done.error());
        }
        return watch;
    }

    Result<Outcome> wait(Deadline deadline) {
        for (;;) {
            const auto until = removed_ ? std::min(deadline, *removed_) : deadline;
            const auto happening = client_.next(until);
            if (happening) {
                const auto* delivery = std::get_if<Client::Delivery>(&*happening);
                if (delivery != nullptr) {
                    auto ended = take(delivery->frame);
                    if (!ended) return std::unexpected(ended.error());
                    if (*ended) return outcome_;
                }
            }
            if (removed_ && Clock::now() >= *removed_) {
                outcome_.kind = Kind::removed;
                return outcome_;
            }
            if (!happening && Clock::now() >= deadline) return outcome_;
        }
    }

private:
    Watch(Client client, std::string id, Goal goal) : client_(std::move(client)), goal_(goal) {
        outcome_.id = std::move(id);
    }

    Result<void> subscribe(std::string_view topic) {
        return client_.subscribe(fmt::format("/on/transactions:{}/{}", outcome_.id, topic));
    }

    /// Takes one event of the transaction. True: the outcome is complete.
    Result<bool> take(const wire::Frame& frame) {
        const auto location = frame.header("Content-Location").value_or("");
        const auto topic = location.substr(location.rfind('/') + 1);
        if (topic == wire::topic::kIncluded) return end(Kind::included);
        outcome_.replaced_by = frame.header("Rues-Replaced-By").value_or("");
        if (topic == wire::topic::kRemoved) {
            // It follows `executed`; the wait is for the block to become final.
            if (outcome_.block_height) return false;
            if (frame.header("Rues-Replay") != "true") return end(Kind::removed);
            removed_ = Clock::now() + kExecutedBehindRemoved;
            return false;
        }
        const auto body = parse_object(frame.payload, topic);
        if (!body) return std::unexpected(body.error());
        if (topic == wire::topic::kDropped) {
            outcome_.error = text_in(*body, "reason");
            return end(Kind::dropped);
        }
        if (topic == wire::topic::kStatechange) {
            return text_in(*body, "state") == "finalized" ? end(Kind::finalized) : Result<bool>(false);
        }
        removed_.reset();
        outcome_.error = text_in(*body, "err");
        outcome_.block_height = number_in(*body, "block_height");
        outcome_.gas_spent = number_in(*body, "gas_spent");
        outcome_.block_hash = frame.header("Rues-Block-Hash").value_or("");
        if (outcome_.error) return end(Kind::failed);
        if (goal_ != Goal::finalized || outcome_.block_hash.empty()) return end(Kind::executed);
        outcome_.kind = Kind::pending;
        const auto done = client_.subscribe(fmt::format("/on/blocks:{}/statechange", outcome_.block_hash));
        if (!done) return std::unexpected(done.error());
        return false;
    }
    Result<bool> end(Kind kind) {
        outcome_.kind = kind;
        return true;
    }

    Client client_;
    Goal goal_;
    Outcome outcome_;
    std::optional<Deadline> removed_;  ///< how long to wait for an `executed` after a late `removed`
};

}  // namespace

std::string_view name(Outcome::Kind kind) noexcept {
    return kKinds[static_cast<std::size_t>(kind)];
}

Result<void> propagate(const Url& url, base::ByteView transaction) {
    const auto answer = http(url, "POST", "/on/transactions/propagate", propagate_headers(), transaction);
    if (!answer) return std::unexpected(answer.error());
    if (answer->ok()) return {};
    return failure(Error::Kind::refused, error_text(*answer));
}

Result<Outcome> propagate(const Url& url, base::ByteView transaction, Goal goal, milliseconds timeout) {
    const Deadline deadline = Clock::now() + timeout;
    const auto decoded = ledger::Transaction::decode(transaction);
    if (!decoded) return failure(Error::Kind::invalid, "not a transaction: " + decoded.error().text);
    const std::string id = base::to_hex(decoded->id());
    const auto waits = has_positions(url);
    if (!waits) return std::unexpected(waits.error());
    if (!*waits && goal == Goal::finalized)
        return failure(Error::Kind::refused, "this server does not report finality");

    const auto whole = std::chrono::floor<seconds>(timeout);
    if (!*waits || whole < seconds(1)) {
        auto watch = Watch::open(url, id, goal);
        if (!watch) return std::unexpected(watch.error());
        if (auto sent = propagate(url, transaction); !sent) return std::unexpected(sent.error());
        return watch->wait(deadline);
    }
    auto headers = propagate_headers();
    headers.emplace_back("Rues-Wait", kGoals[static_cast<std::size_t>(goal)]);
    headers.emplace_back("Rues-Wait-Seconds", std::to_string(std::min(whole, kLongestWait).count()));
    const auto answer =
        http(url, "POST", "/on/transactions/propagate", headers, transaction, left_until(deadline) + kRequestTimeout);
    if (answer && !answer->ok()) return failure(Error::Kind::refused, error_text(*answer));
    if (answer && answer->status == 200) {
        auto outcome = read_outcome(answer->body);
        if (!outcome || outcome->kind != Kind::pending || Clock::now() >= deadline) return outcome;
    }
    // The transaction was sent without an outcome, or it is unknown whether it arrived. A subscription that is made now
    // also gets its past events.
    Backoff backoff;
    for (;;) {
        auto watch = Watch::open(url, id, goal);
        if (watch) return watch->wait(deadline);
        const auto pause = backoff.next(0.5);
        if (left_until(deadline) <= pause) {
            if (!answer) return std::unexpected(answer.error());
            Outcome out;  // the node took the transaction, so it is not an error that nobody says what became of it
            out.id = id;
            out.kind = Kind::pending;
            return out;
        }
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace rues::client
