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
        return record.filter.component == wire::Component::transactions;
    };
    if (std::ranges::none_of(*batch, concerns_people)) return;
    write([this, batch] {
        // `removed` follows the `executed` of the same block. Without it, `removed` is the end of the transaction.
        std::set<std::string_view> executed;
        for (const auto& record : *batch) {
            const auto what = happened(record.message);
            if (!what) continue;
            if (what->topic == wire::topic::kExecuted || what->topic == wire::topic::kDropped)
                executed.insert(what->id);
            if (what->topic == wire::topic::kRemoved && executed.contains(what->id)) continue;
            if (const auto line = transaction_line(record.message)) log_(base::LogLevel::info, *line);
        }
    });
}

void TransactionLog::refused(const chain::Rejection& rejection) {
    write([this, text = rejection.text] { log_(base::LogLevel::info, "transaction refused: " + text); });
}

void TransactionLog::write(std::move_only_function<void()> lines) {
    const bool taken = writer_.add([this, lines = std::move(lines)]() mutable {
        if (const auto left_out = left_out_.exchange(0); left_out > 0)
            log_(base::LogLevel::warning,
                 fmt::format("the lines of {} blocks or refusals were left out: the log is written too slowly",
                             left_out));
        lines();
    });
    if (!taken) ++left_out_;
}

namespace {

class WatchedChain final : public chain::Chain {
public:
    WatchedChain(chain::Chain& chain, TransactionLog& log) : chain_(chain), log_(log) {}

    void start() override { chain_.start(); }
    void stop() override { chain_.stop(); }
    void preverify(base::Bytes transaction, chain::OnVerdict done) override {
        chain_.preverify(std::move(transaction), std::move(done));
    }
    void propagate(base::Bytes transaction, chain::OnVerdict done) override {
        chain_.propagate(std::move(transaction), [this, done = std::move(done)](chain::Verdict verdict) mutable {
            if (!verdict) log_.refused(verdict.error());
            done(std::move(verdict));
        });
    }
    void simulate(base::Bytes transaction, chain::OnSimulated done) override {
        chain_.simulate(std::move(transaction), std::move(done));
    }
    void mine(std::uint64_t count, OnNumber done) override { chain_.mine(count, std::move(done)); }
    void end_mining() override { chain_.end_mining(); }
    void advance_time(std::uint64_t seconds, OnNumber done) override { chain_.advance_time(seconds, std::move(done)); }
    chain::Tip tip() const override { return chain_.tip(); }
    std::uint64_t next_nonce(const ledger::AccountKey& account, std::uint64_t nonce) const override {
        return chain_.next_nonce(account, nonce);
    }
    chain::GasPrice gas_price(std::size_t max) const override { return chain_.gas_price(max); }
    std::size_t mempool_size() const override { return chain_.mempool_size(); }
    chain::ChainStats stats() const override { return chain_.stats(); }
    const chain::Options& options() const noexcept override { return chain_.options(); }

private:
    chain::Chain& chain_;
    TransactionLog& log_;
};

}  // namespace

std::unique_ptr<chain::Chain> with_refusals_logged(chain::Chain& chain, TransactionLog& log) {
    return std::make_unique<WatchedChain>(chain, log);
}

}  // namespace rues::app
