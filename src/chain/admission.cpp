#include "chain/admission.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "chain/blobs.hpp"
#include "chain/checked.hpp"
#include "chain/execution.hpp"
#include "phoenix/transaction.hpp"

namespace rues::chain {
namespace {

std::string gas_too_low(std::uint64_t least) {
    return fmt::format("gas limit lower than minimum {}", least);
}

std::optional<std::string> check_form(const ledger::Transaction& tx, Sidecars sidecars) {
    if (const auto size = tx.size(); size > kMaxTransactionBytes)
        return fmt::format("Maximum transaction size exceeded {}", size);
    if (tx.archived_size() > kMaxArchived) return "this transaction is too large to be serialized";
    if (tx.gas_price() < 1) return "gas price lower than minimum 1";
    if (const auto* phoenix = tx.phoenix()) {
        if (const auto error = phoenix_fee_error(*phoenix))
            return fmt::format("this transaction is invalid {}", *error);
    }
    if (const auto* deploy = tx.deploy()) {
        if (tx.gas_price() < kMinDeployPrice) return fmt::format("gas price lower than minimum {}", kMinDeployPrice);
        const auto least = deploy_charge(*deploy);
        if (tx.gas_limit() < least) return gas_too_low(least);
    }
    if (const auto* blobs = tx.blobs()) {
        const std::size_t count = blobs->list.size();
        if (count == 0) return "No blobs provided";
        if (count > kMaxBlobs) return fmt::format("Transaction has too many blobs: {}", count);
        if (tx.gas_limit() < blob_charge(*blobs)) return gas_too_low(blob_charge(*blobs));
        if (sidecars == Sidecars::check) return sidecar_error(*blobs);
    }
    return std::nullopt;
}

/// As Rust prints a list of scalars: the highest digit first.
std::string listed(std::span<const base::Hash32> scalars) {
    std::vector<std::string> out;
    for (base::Hash32 each : scalars) {
        std::ranges::reverse(each);
        out.push_back("0x" + base::to_hex(each));
    }
    return fmt::format("[{}]", fmt::join(out, ", "));
}

std::optional<std::string> check_nullifiers(const ledger::Phoenix& body, const AdmissionRules& rules,
                                            const AdmissionState& state) {
    if (!rules.phoenix) return "this transaction is invalid phoenix is not enabled in the VM";
    if (const auto spent = state.spent_nullifiers(body.nullifiers); !spent.empty())
        return "this transaction is invalid Nullifiers already spent: " + listed(spent);
    const std::set<base::Hash32> distinct(body.nullifiers.begin(), body.nullifiers.end());
    if (distinct.size() != body.nullifiers.size()) return "this transaction is invalid Double nullifiers";
    return std::nullopt;
}

std::optional<std::string> check_spend(const ledger::Transaction& tx, const AdmissionRules& rules,
                                       const AdmissionState& state) {
    if (const auto* notes = tx.phoenix()) return check_nullifiers(*notes, rules, state);
    const auto* body = tx.moonlight();
    const auto account = state.account(body->sender);
    const auto spent = added(added(multiplied(body->gas_limit, body->gas_price), body->value), body->deposit);
    if (!spent) return "this transaction is invalid Value spent will overflow";
    if (*spent > account.balance) return "this transaction is invalid Value spent larger than account holds";
    if (body->nonce <= account.nonce) {
        return fmt::format("this transaction is invalid Nonce repeat: {} {}", base::to_base58(body->sender.bytes()),
                           body->nonce);
    }
    return std::nullopt;
}

Rejection refused(const ledger::Transaction& tx, std::string_view why,
                  Rejection::Kind kind = Rejection::Kind::refused) {
    return {kind, fmt::format("Tx {} not accepted: {}", base::to_hex(tx.id()), why)};
}

}  // namespace

bool is_full(std::size_t transactions, std::size_t bytes, const AdmissionRules& rules) {
    return transactions >= rules.mempool_capacity || bytes >= rules.mempool_bytes;
}

PoolFacts pool_facts(const ledger::Transaction& tx, const AdmissionRules& rules, const Mempool& pool) {
    PoolFacts out;
    out.has_id = pool.find(tx.id()) != nullptr;
    for (const auto& rival : pool.rivals(tx))
        out.rival_price = std::max(out.rival_price.value_or(0), pool.find(rival)->tx.gas_price());
    if (is_full(pool.size(), pool.bytes(), rules)) out.lowest_price = pool.lowest_price();
    return out;
}

namespace {

std::optional<Rejection> check_all(const ledger::Transaction& tx, const AdmissionRules& rules, const PoolFacts& pool,
                                   const AdmissionState& state, Sidecars sidecars) {
    if (const auto why = check_form(tx, sidecars)) return refused(tx, *why);
    if (tx.gas_limit() < rules.min_gas_limit) return refused(tx, gas_too_low(rules.min_gas_limit));
    if (pool.has_id) return refused(tx, "this transaction exists in the mempool");
    if (state.transaction_exists(tx.id())) return refused(tx, "this transaction exists in the ledger");
    if (pool.rival_price && tx.gas_price() <= *pool.rival_price) {
        return refused(tx, "this transaction's spendId exists in the mempool");
    }
    if (pool.lowest_price && tx.gas_price() <= *pool.lowest_price) return mempool_full(tx, rules);
    if (const auto why = check_spend(tx, rules, state)) return refused(tx, *why);
    return std::nullopt;
}

}  // namespace

std::optional<Rejection> check_before_signature(const ledger::Transaction& tx, const AdmissionRules& rules,
                                                const PoolFacts& pool, const AdmissionState& state, Sidecars sidecars) {
    auto out = check_all(tx, rules, pool, state, sidecars);
    // A result that was read from a failing disk says nothing about the transaction.
    if (state.failed()) return Rejection{Rejection::Kind::failed, kUnreadable};
    return out;
}

std::optional<Rejection> check_nonce_gap(const ledger::Transaction& tx, std::uint64_t next) {
    if (tx.moonlight() == nullptr || tx.moonlight()->nonce <= next) return std::nullopt;
    return refused(tx, fmt::format("Missing intermediate nonce {}", next));
}

std::uint64_t account_nonce(const ledger::Transaction& tx, const AdmissionState& state) {
    return state.account(tx.moonlight()->sender).nonce;
}

Rejection too_little_gas(const ledger::Transaction& tx, std::uint64_t least) {
    return refused(tx, gas_too_low(least));
}

Rejection mempool_full(const ledger::Transaction& tx, const AdmissionRules& rules) {
    return refused(tx, fmt::format("Maximum count of transactions exceeded {}", rules.mempool_capacity),
                   Rejection::Kind::full);
}

Rejection prequeue_full(const ledger::Transaction& tx, std::size_t capacity) {
    return refused(tx, fmt::format("Maximum future nonce retry queue size exceeded {}", capacity));
}

Rejection prequeue_account_full(const ledger::Transaction& tx, std::size_t per_account) {
    return refused(tx,
                   fmt::format("Maximum queued future Moonlight transactions per account exceeded {}", per_account));
}

Rejection invalid_signature(const ledger::Transaction& tx) {
    const auto* notes = tx.phoenix();
    if (notes == nullptr) return refused(tx, "this transaction is invalid Invalid signature");
    const std::size_t inputs = notes->nullifiers.size();
    if (inputs == 0 || inputs > phoenix::kMaxInputs) {
        return refused(tx,
                       fmt::format("this transaction is invalid Cannot verify the proof: Expected: 0 < (inputs: {}) "
                                   "< 5, 0 \u2264 (outputs: 2) < 3",
                                   inputs));
    }
    return refused(tx, "this transaction is invalid Invalid proof");
}

Rejection undecodable(const ledger::DecodeError& error) {
    return {Rejection::Kind::undecodable, "Data: " + error.text};
}

}  // namespace rues::chain
