#include <algorithm>
#include <limits>
#include <map>

#include "api/endpoints/contract_id.hpp"
#include "api/endpoints/paging.hpp"
#include "api/routes.hpp"
#include "api/stated_tip.hpp"

/// Contracts and their calls, for pages that show them. Rusk has no such endpoints. docs/endpoints.md.
namespace rues::api::deployed {
namespace {

using base::json::object;
using base::json::value;

constexpr std::size_t kAccountBytes = 96;

/// The chain commits a block before it shows the state after it. So a snapshot that was made later than the state was
/// taken has the deployment of every contract of the state, and may have newer ones.
struct Moment {
    explicit Moment(const Context& context) : state(context.view.state()), snapshot(context.store.snapshot()) {}
    std::shared_ptr<const chain::TipState> state;
    std::unique_ptr<store::Snapshot> snapshot;
};

std::unexpected<Failure> failed_read(const base::Error& error) {
    return fail(ErrorCode::internal, error.text);
}

/// Times of blocks, by height. It has all of `heights`. Entries of one block stand together, and the block is read
/// once.
Result<std::map<std::uint64_t, std::uint64_t>> times_of(const store::Snapshot& at, std::vector<std::uint64_t> heights) {
    const auto again = std::ranges::unique(heights);
    heights.erase(again.begin(), again.end());
    const auto blocks = at.blocks(heights);
    if (!blocks) return failed_read(blocks.error());
    std::map<std::uint64_t, std::uint64_t> out;
    for (const auto& block : *blocks) {
        if (!block) return fail(ErrorCode::internal, "a block is missing");
        out[block->header.height] = block->header.timestamp;
    }
    return out;
}

/// `owner` is null unless the owner has the size of an account's key: it may be any bytes, and many of them.
object json_of(const ledger::ContractId& id, const chain::ContractProperties& contract) {
    const base::Bytes& owner = *contract.owner;
    return {{"code_bytes", contract.code_bytes},
            {"code_hash", base::json::hex(contract.code_hash)},
            {"deployment", nullptr},
            {"id", base::json::hex(id)},
            {"memory_pages", contract.memory_pages},
            {"owner", owner.size() == kAccountBytes ? base::json::base58(owner) : value(nullptr)}};
}

object json_of(const store::Deployment& deployment, std::uint64_t timestamp) {
    return {{"block_height", deployment.place.height},
            {"block_timestamp", timestamp},
            {"transaction", base::json::hex(deployment.transaction)}};
}

/// The entry of one call; nullopt when the stored bytes are no call.
std::optional<object> json_of(const store::ContractCall& call, const store::StoredTransaction& stored,
                              std::uint64_t timestamp) {
    const auto tx = ledger::UncheckedTransaction::decode(stored.raw);
    if (!tx || tx->call() == nullptr) return std::nullopt;
    const auto* moonlight = tx->moonlight();
    return object{{"block_height", call.place.height},
                  {"block_timestamp", timestamp},
                  {"err", stored.error ? value(*stored.error) : value(nullptr)},
                  {"fn_name", tx->call()->fn_name},
                  {"gas_spent", stored.gas_spent},
                  {"sender", moonlight != nullptr ? base::json::base58(moonlight->sender) : value(nullptr)},
                  {"transaction", base::json::hex(call.transaction)}};
}

/// The cursor of both lists is the place of the last entry: `<height>-<index in the block>`.
std::optional<store::BlockPlace> place_before(const PageRequest& what) {
    if (what.before.empty()) return store::kNewest;
    const auto numbers = parse_cursor(what.before);
    if (!numbers || numbers->second > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    return store::BlockPlace{numbers->first, static_cast<std::uint32_t>(numbers->second)};
}

value next_of(bool more, const auto& entries) {
    if (!more) return nullptr;
    const store::BlockPlace& last = entries.back().place;
    return value(cursor_text(last.height, last.index));
}

}  // namespace

Result<Answer> list(const Context& context, Exchange& exchange) {
    const auto what = page_request(exchange.request);
    if (!what) return std::unexpected(what.error());
    const auto before = place_before(*what);
    if (!before) return bad_cursor();
    const Moment now(context);
    state_tip(exchange.extra, tip_of(*now.state));
    const auto found = now.snapshot->deployments_before(*before, static_cast<std::size_t>(what->limit));
    if (!found) return failed_read(found.error());
    std::vector<std::uint64_t> heights;
    for (const auto& one : found->deployments) heights.push_back(one.place.height);
    const auto times = times_of(*now.snapshot, std::move(heights));
    if (!times) return std::unexpected(times.error());
    base::json::array contracts;
    for (const auto& one : found->deployments) {
        const auto contract = now.state->properties(one.contract);
        if (!contract) continue;  // it is newer than the state
        auto entry = json_of(one.contract, *contract);
        entry["deployment"] = json_of(one, times->at(one.place.height));
        contracts.push_back(std::move(entry));
    }
    return value(object{{"contracts", std::move(contracts)}, {"next", next_of(found->more, found->deployments)}});
}

Result<Answer> show(const Context& context, Exchange& exchange) {
    const auto id = contract_id(exchange.entity);
    if (!id) return fail(ErrorCode::invalid_input, "Invalid contract id");
    const Moment now(context);
    state_tip(exchange.extra, tip_of(*now.state));
    const auto contract = now.state->properties(*id);
    if (!contract) return fail(ErrorCode::not_found, "contract");
    const auto deployment = now.snapshot->deployment(*id);
    if (!deployment) return failed_read(deployment.error());
    auto out = json_of(*id, *contract);
    if (*deployment) {
        const auto height = (*deployment)->place.height;
        const auto times = times_of(*now.snapshot, {height});
        if (!times) return std::unexpected(times.error());
        out["deployment"] = json_of(**deployment, times->at(height));
    }
    return value(std::move(out));
}

Result<Answer> calls(const Context&, const Exchange& exchange, const store::Snapshot& state) {
    const auto what = page_request(exchange.request);
    if (!what) return std::unexpected(what.error());
    const auto id = contract_id(exchange.entity);
    if (!id) return fail(ErrorCode::invalid_input, "Invalid contract id");
    const auto before = place_before(*what);
    if (!before) return bad_cursor();
    const auto found = state.calls_before(*id, *before, static_cast<std::size_t>(what->limit));
    if (!found) return failed_read(found.error());
    std::vector<ledger::TxId> ids;
    std::vector<std::uint64_t> heights;
    for (const auto& call : found->calls) {
        ids.push_back(call.transaction);
        heights.push_back(call.place.height);
    }
    const auto transactions = state.transactions(ids);
    if (!transactions) return failed_read(transactions.error());
    const auto times = times_of(state, std::move(heights));
    if (!times) return std::unexpected(times.error());
    base::json::array calls;
    for (std::size_t i = 0; i < found->calls.size(); ++i) {
        const auto& call = found->calls[i];
        const auto& stored = (*transactions)[i];
        auto entry = stored ? json_of(call, *stored, times->at(call.place.height)) : std::nullopt;
        if (!entry) return fail(ErrorCode::internal, "the transaction of a call is missing");
        calls.push_back(std::move(*entry));
    }
    return value(object{{"calls", std::move(calls)}, {"next", next_of(found->more, found->calls)}});
}

}  // namespace rues::api::deployed
