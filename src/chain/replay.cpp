#include "chain/replay.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "chain/given_block.hpp"
#include "ledger/recording.hpp"

namespace rues::chain {
namespace {

using base::json::object;
using base::json::value;

class Comparison {
public:
    void compare(std::string_view kind, bool equal, std::string_view where) {
        auto at = std::ranges::find(report_.kinds, kind, &ReplayReport::Kind::name);
        if (at == report_.kinds.end()) {
            report_.kinds.push_back({std::string(kind), 0, 0, {}});
            at = std::prev(report_.kinds.end());
        }
        if (equal) {
            ++at->equal;
        } else if (at->different++ == 0) {
            at->first_difference = where;
        }
    }
    ReplayReport report_;
};

struct RecordedTransaction {
    ledger::Transaction tx;
    std::uint64_t gas_spent = 0;
    std::optional<std::string> error;
    value json;
};

std::expected<RecordedTransaction, std::string> read_transaction(const value& from, std::uint64_t height) {
    const auto wrong = [&](std::string_view what) {
        return std::unexpected(fmt::format("block {}: {}", height, what));
    };
    const auto* json = from.if_object();
    const auto* raw = json != nullptr ? json->if_contains("raw") : nullptr;
    const auto* gas = json != nullptr ? json->if_contains("gasSpent") : nullptr;
    const auto* inner = json != nullptr ? json->if_contains("json") : nullptr;
    const auto bytes = raw != nullptr && raw->is_string() ? base::from_hex(raw->as_string()) : std::nullopt;
    if (!bytes || gas == nullptr || !gas->is_number() || inner == nullptr)
        return wrong("a transaction lacks raw, json or gasSpent");
    auto tx = ledger::Transaction::decode(*bytes);
    if (!tx) return wrong("a transaction cannot be decoded: " + tx.error().text);
    boost::system::error_code error;
    value parsed = inner->is_string() ? boost::json::parse(inner->as_string(), error) : *inner;
    if (error) return wrong("the JSON of a transaction cannot be read");
    RecordedTransaction out{std::move(*tx), gas->to_number<std::uint64_t>(), std::nullopt, base::json::sorted(parsed)};
    if (const auto* err = json->if_contains("err"); err != nullptr && err->is_string())
        out.error = std::string(err->as_string());
    return out;
}

class Replay {
public:
    Replay(const ledger::Recording& recording, vm::Machine& machine, SharedState genesis)
        : recording_(recording), machine_(machine), state_(std::move(genesis)) {}

    std::expected<void, std::string> first_block();

    std::expected<void, std::string> block(std::uint64_t height);
    Comparison comparison;
    std::function<void(const ReplayedBlock&)> on_block;

private:
    std::expected<void, std::string> events(std::uint64_t height, const ledger::Header& header,
                                            const BlockExecution::Outcome& outcome);

    void compare(const RecordedTransaction& recorded, const ledger::SpentTransaction& spent, std::string_view where);

    const ledger::Recording& recording_;
    vm::Machine& machine_;
    SharedState state_;
};

void Replay::compare(const RecordedTransaction& recorded, const ledger::SpentTransaction& spent,
                     std::string_view where) {
    comparison.compare("gas", spent.gas_spent == recorded.gas_spent,
                       fmt::format("{}: {}, recorded {}", where, spent.gas_spent, recorded.gas_spent));
    const auto told = [](const std::optional<std::string>& error) { return error.value_or("none"); };
    if (spent.error != recorded.error && is_same_error(spent.error, recorded.error)) {
        comparison.report_.other_deployment_texts.push_back(
            fmt::format("{}: {}, recorded {}", where, told(spent.error), told(recorded.error)));
    } else {
        comparison.compare("error", is_same_error(spent.error, recorded.error),
                           fmt::format("{}: {}, recorded {}", where, told(spent.error), told(recorded.error)));
    }
    comparison.compare("transaction JSON", spent.inner.to_json() == recorded.json, where);
}

std::expected<void, std::string> Replay::first_block() {
    const auto header = recording_.header(0);
    if (!header) return std::unexpected(header.error());
    comparison.compare("state hash", state_->root() == header->state_hash, "block 0");
    return {};
}

std::expected<void, std::string> Replay::block(std::uint64_t height) {
    const auto header = recording_.header(height);
    if (!header) return std::unexpected(header.error());
    const auto* list = recording_.block(height).if_contains("transactions");
    if (list == nullptr || !list->is_array()) return std::unexpected(fmt::format("block {}: no transactions", height));

    std::vector<RecordedTransaction> transactions;
    for (const value& item : list->as_array()) {
        auto tx = read_transaction(item, height);
        if (!tx) return std::unexpected(tx.error());
        transactions.push_back(std::move(*tx));
    }
    GivenBlock given{*header, {}};
    for (const auto& recorded : transactions) given.transactions.push_back(&recorded.tx);
    auto execution = begin_given(machine_, state_, given);
    if (!execution) return std::unexpected(execution.error().text);
    for (const auto& recorded : transactions) {
        const auto added = execution->add(recorded.tx);
        comparison.compare("executable", added.has_value(),
                           fmt::format("block {} transaction {}: {}", height, base::to_hex(recorded.tx.id()),
                                       added ? "" : added.error().text));
    }
    const auto finished = std::move(*execution).finish();
    if (!finished) return std::unexpected(finished.error().text);
    const auto& outcome = *finished;
    state_ = outcome.commit.state;

    for (std::size_t i = 0; i < outcome.transactions.size() && i < transactions.size(); ++i) {
        const auto& spent = outcome.transactions[i];
        compare(transactions[i], spent, fmt::format("block {} transaction {}", height, base::to_hex(spent.inner.id())));
    }
    comparison.compare("state hash", state_->root() == header->state_hash, fmt::format("block {}", height));
    comparison.compare("txroot", ledger::txroot_of(outcome.transactions) == header->txroot,
                       fmt::format("block {}", height));
    comparison.compare("header hash", header->compute_hash() == header->hash, fmt::format("block {}", height));
    const auto number = [&](std::string_view key) {
        const auto* v = recording_.block(height).if_contains(key);
        return v != nullptr && v->is_number() ? v->to_number<std::uint64_t>() : 0;
    };
    comparison.compare("fees", outcome.fees == number("fees"), fmt::format("block {}: {}", height, outcome.fees));
    comparison.compare("emission", ledger::emission(height) == number("reward"), fmt::format("block {}", height));
    if (auto done = events(height, *header, outcome); !done) return done;
    if (on_block) on_block({*header, outcome, state_});
    return {};
}

/// The recording lists events by origin in ascending order, and within an origin in the order of emission (recorded
/// data's README, surprise 5).
std::expected<void, std::string> Replay::events(std::uint64_t height, const ledger::Header& header,
                                                const BlockExecution::Outcome& outcome) {
    auto events = outcome.events(header.hash);
    base::ByteArray<256> bloom{};
    for (const auto& event : events) ledger::bloom_insert(bloom, event.contract, event.topic, event.data);
    comparison.compare("event bloom", bloom == header.event_bloom, fmt::format("block {}", height));
    std::ranges::stable_sort(events, {}, &ledger::ContractEvent::origin);
    const auto* list = recording_.block(height).if_contains("contractEvents");
    const std::size_t count = list != nullptr && list->is_array() ? list->as_array().size() : 0;
    comparison.compare("event count", count == events.size(),
                       fmt::format("block {}: {}, recorded {}", height, events.size(), count));
    for (std::size_t i = 0; i < std::min(count, events.size()); ++i) {
        const auto data = recording_.event_data(height, i);
        if (!data) return std::unexpected(data.error());
        const object& json = list->as_array()[i].as_object();
        const bool equal = *data == events[i].data && json.at("topic") == value(boost::json::string(events[i].topic)) &&
                           json.at("origin") == base::json::hex(events[i].origin) &&
                           json.at("source") == base::json::hex(events[i].contract);
        comparison.compare("contract events", equal, fmt::format("block {} event {} ({})", height, i, events[i].topic));
    }
    return {};
}

}  // namespace

bool ReplayReport::all_equal() const {
    return std::ranges::all_of(kinds, [](const Kind& kind) { return kind.different == 0; });
}

std::expected<ReplayReport, std::string> replay(const value& recorded, vm::Machine& machine,
                                                const GenesisParts& genesis, std::uint64_t until,
                                                const std::function<void(const ReplayedBlock&)>& on_block) {
    const value joined = ledger::joined(recorded);
    const auto recording = ledger::Recording::read(joined);
    if (!recording) return std::unexpected(recording.error());
    auto state = genesis_state(machine, genesis);
    if (!state) return std::unexpected(state.error().text);
    Replay run(*recording, machine, std::move(*state));
    run.on_block = on_block;
    if (const auto done = run.first_block(); !done) return std::unexpected(done.error());
    for (std::uint64_t height = 1; height < recording->size() && height <= until; ++height) {
        if (const auto done = run.block(height); !done) return std::unexpected(done.error());
        run.comparison.report_.last_height = height;
    }
    return std::move(run.comparison.report_);
}

}  // namespace rues::chain
