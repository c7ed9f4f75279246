#include "app/transaction_log.hpp"

#include <fmt/format.h>

#include <set>

#include "base/json.hpp"
#include "wire/frame.hpp"
#include "wire/topics.hpp"

namespace rues::app {
namespace {

/// The id and the topic of an event of a transaction; the views point into the message.
struct Happened {
    std::string_view id;
    std::string_view topic;
};

std::optional<Happened> happened(base::ByteView message) {
    constexpr std::string_view kBegin = "/on/transactions:";
    auto location = wire::content_location(message);
    if (!location.starts_with(kBegin)) return std::nullopt;
    location.remove_prefix(kBegin.size());
    const auto slash = location.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    return Happened{location.substr(0, slash), location.substr(slash + 1)};
}

std::string text_in(const base::json::value& payload, std::string_view key) {
    const auto* object = payload.if_object();
    const auto* found = object == nullptr ? nullptr : object->if_contains(key);
    if (found == nullptr || found->is_null()) return {};
    return found->is_string() ? std::string(found->get_string()) : base::json::print(*found);
}

}  // namespace

std::optional<std::string> transaction_line(base::ByteView message) {
    const auto what = happened(message);
    if (!what) return std::nullopt;
    if (what->topic == wire::topic::kRemoved)
        return fmt::format("transaction {} left the mempool without being executed", what->id);
    if (what->topic != wire::topic::kExecuted && what->topic != wire::topic::kDropped) return std::nullopt;
    boost::system::error_code problem;
    const auto payload = boost::json::parse(base::text(wire::parts_of(message).payload), problem);
    if (problem) return std::nullopt;
    if (what->topic == wire::topic::kDropped)
        return fmt::format("transaction {} dropped: {}", what->id, text_in(payload, "reason"));
    const auto error = text_in(payload, "err");
    return fmt::format("transaction {} executed in block {}, {} gas spent{}{}", what->id,
                       text_in(payload, "block_height"), text_in(payload, "gas_spent"),
                       error.empty() ? "" : ", with an error: ", error);
}

void TransactionLog::committed(const store::LogBatch& batch) {
    const auto concerns_people = [](const store::LogRecord& record) {
        return record.filter.component == wire::Component::transactions && record.filter.tie != store::Tie::retraction;
    };
    if (std::ranges::none_of(*batch, concerns_people)) return;
    writer_.add([batch](const base::Log& log) {
        // `removed` follows the `executed` of the same block. Without it, `removed` is the end of the transaction.
        std::set<std::string_view> executed;
        for (const auto& record : *batch) {
            if (record.filter.tie == store::Tie::retraction) continue;
            const auto what = happened(record.message);
            if (!what) continue;
            if (what->topic == wire::topic::kExecuted || what->topic == wire::topic::kDropped)
                executed.insert(what->id);
            if (what->topic == wire::topic::kRemoved && executed.contains(what->id)) continue;
            if (const auto line = transaction_line(record.message)) log(base::LogLevel::info, *line);
        }
    });
}

void TransactionLog::refused(const chain::Rejection& rejection) {
    writer_.add(
        [text = rejection.text](const base::Log& log) { log(base::LogLevel::info, "transaction refused: " + text); });
}

namespace {

class Watched final : public chain::Submission {
public:
    Watched(chain::Submission& submission, TransactionLog& log) : submission_(submission), log_(log) {}

    void preverify(base::Bytes transaction, chain::OnVerdict done, chain::Wanted wanted) override {
        submission_.preverify(std::move(transaction), std::move(done), std::move(wanted));
    }
    void propagate(base::Bytes transaction, chain::OnVerdict done, chain::Wanted wanted) override {
        submission_.propagate(
            std::move(transaction),
            [this, done = std::move(done)](chain::Verdict verdict) mutable {
                if (!verdict) log_.refused(verdict.error());
                done(std::move(verdict));
            },
            std::move(wanted));
    }
    void simulate(base::Bytes transaction, chain::Traced traced, chain::Wanted wanted,
                  chain::OnSimulated done) override {
        submission_.simulate(std::move(transaction), traced, std::move(wanted), std::move(done));
    }

private:
    chain::Submission& submission_;
    TransactionLog& log_;
};

}  // namespace

std::unique_ptr<chain::Submission> with_refusals_logged(chain::Submission& submission, TransactionLog& log) {
    return std::make_unique<Watched>(submission, log);
}

}  // namespace rues::app
