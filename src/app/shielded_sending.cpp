#include "app/shielded_sending.hpp"

#include <fmt/format.h>

#include "app/ledger_reads.hpp"
#include "app/note_search.hpp"
#include "app/output.hpp"
#include "base/random.hpp"
#include "client/amount.hpp"
#include "client/contracts.hpp"
#include "client/simulation.hpp"
#include "crypto/secret.hpp"
#include "phoenix/circuits/building.hpp"
#include "phoenix/circuits/opening.hpp"
#include "phoenix/selection.hpp"
#include "phoenix/withdrawal.hpp"

namespace rues::app {
namespace {

using client::dusk;
using client::failure;

/// The most that a transaction takes from the notes.
struct Cost {
    std::uint64_t moved = 0;  ///< value and deposit
    std::uint64_t fee = 0;    ///< the most that the gas can cost
};

Result<Cost> cost_of(const ShieldedDraft& draft, std::uint64_t gas_limit, std::uint64_t gas_price) {
    Cost out;
    std::uint64_t all = 0;
    const bool overflows = __builtin_add_overflow(draft.value, draft.deposit, &out.moved) ||
                           __builtin_mul_overflow(gas_limit, gas_price, &out.fee) ||
                           __builtin_add_overflow(out.moved, out.fee, &all);
    if (overflows) return failure(Error::Kind::invalid, "amount and gas together are more than there can be");
    return out;
}

/// The check of the proof alone takes this much (docs/reference/rusk-1.7.md 7.3), and the hashes of the new notes come
/// to it. How much those are depends on the tree of notes, so only the node knows the whole.
constexpr std::uint64_t kLeastGas = 10'000'000;

/// Refuses gas with which no node takes the transaction (docs/reference/ledger.md 3.2 #3), before a proof is made for
/// it.
Result<void> check_gas(std::uint64_t gas_limit, std::uint64_t gas_price) {
    if (gas_price < 1) return failure(Error::Kind::invalid, "--gas-price: the network takes at least 1 LUX");
    if (gas_limit <= kLeastGas)
        return failure(
            Error::Kind::invalid,
            fmt::format("--gas-limit: {} is too little; the check of the proof alone takes {}", gas_limit, kLeastGas));
    return {};
}

/// Why the notes of an address cannot pay.
std::string too_little(const phoenix::TooLittle& notes, const Cost& cost, std::uint64_t from) {
    const auto needed = fmt::format("{} DUSK are needed ({} and at most {} for gas)", dusk(cost.moved + cost.fee),
                                    dusk(cost.moved), dusk(cost.fee));
    if (notes.notes == 0)
        return fmt::format("not enough funds: the unspent notes of account #{} have {} DUSK, and {}", from,
                           dusk(notes.all), needed);
    return fmt::format(
        "the {} largest notes of account #{} have {} DUSK, and {}; a transaction spends {} notes at "
        "most, so join notes first: `rues transfer --shielded --from {} --to '#{}'` with an amount that "
        "they can pay",
        phoenix::kMaxInputs, from, dusk(notes.most), needed, phoenix::kMaxInputs, from, from);
}

/// Notes that can be spent. A note that a transaction in the mempool spends is left out: the node would refuse a second
/// one.
struct Spendable {
    std::vector<const OwnNote*> notes;
    std::size_t pooled = 0;        ///< how many are left out
    std::uint64_t pooled_sum = 0;  ///< their LUX
};

Result<Spendable> spendable_of(const FoundNotes& found, const client::Url& url) {
    const auto pooled = pooled_nullifiers(url);
    if (!pooled) return std::unexpected(pooled.error());
    Spendable out;
    for (const OwnNote& own : found.notes) {
        if (!own.value || own.is_spent != false) continue;
        if (own.nullifier && pooled->contains(own.nullifier->bytes())) {
            ++out.pooled;
            out.pooled_sum += *own.value;
        } else {
            out.notes.push_back(&own);
        }
    }
    return out;
}

Result<std::vector<phoenix::Note>> choose_notes(const Spendable& spendable, const Cost& cost, std::uint64_t from) {
    std::vector<std::uint64_t> values;
    for (const OwnNote* own : spendable.notes) values.push_back(*own->value);
    const auto chosen = phoenix::select_notes(values, cost.moved + cost.fee);
    if (!chosen) {
        auto why = too_little(chosen.error(), cost, from);
        if (spendable.pooled > 0)
            why += fmt::format("; transactions in the mempool spend {} more with {} DUSK: wait for the next block",
                               spendable.pooled, dusk(spendable.pooled_sum));
        return failure(Error::Kind::refused, std::move(why));
    }
    std::vector<phoenix::Note> out;
    for (const std::size_t i : *chosen) out.push_back(spendable.notes[i]->note);
    return out;
}

/// The note's path at the tip.
Result<phoenix::CircuitOpening> opening_at_tip(const client::Url& url, const phoenix::Note& note) {
    using Answer = std::optional<wire::layouts::NoteOpening>;
    const auto bytes = client::query(url, ledger::kTransferContract, "opening", wire::rkyv::archive(note.pos), false);
    if (!bytes) return std::unexpected(bytes.error());
    const auto answer = wire::rkyv::unarchive<Answer>(*bytes);
    const auto opening = answer && *answer ? phoenix::opening_of(**answer) : std::nullopt;
    if (!opening || !phoenix::leads_to_root(*opening, note))
        return failure(Error::Kind::malformed, fmt::format("opening: the answer is no path to note {}", note.pos));
    return *opening;
}

/// The notes and their paths in one tree: a block between two questions changes it.
Result<std::vector<phoenix::SpendableNote>> with_paths(const client::Url& url,
                                                       const std::vector<phoenix::Note>& notes) {
    constexpr int kTries = 5;
    for (int tries = 0; tries < kTries; ++tries) {
        std::vector<phoenix::SpendableNote> out;
        for (const auto& note : notes) {
            const auto opening = opening_at_tip(url, note);
            if (!opening) return std::unexpected(opening.error());
            if (!out.empty() && opening->root != out[0].opening.root) break;
            out.push_back({note, *opening});
        }
        if (out.size() == notes.size()) return out;
    }
    return failure(Error::Kind::refused, "the chain makes blocks faster than it answers; try again");
}

/// `invalid` becomes `refused`: the user's input was checked before.
Error of_building(const base::Error& error) {
    return {Error::Kind::refused, error.text};
}

Result<phoenix::Unproven> make(const SendOptions& options, const ShieldedOptions& shielded, const Sender& sender,
                               const ShieldedDraft& draft) {
    const std::uint64_t gas_limit = options.gas_limit != 0 ? options.gas_limit : draft.gas_limit;
    if (const auto enough = check_gas(gas_limit, options.gas_price); !enough) return std::unexpected(enough.error());
    const auto cost = cost_of(draft, gas_limit, options.gas_price);
    if (!cost) return std::unexpected(cost.error());
    const auto key = sender.accounts.phoenix_key(options.from);
    const auto found = find_notes(sender.url, {key.view_key(), key}, shielded.state_file);
    if (!found) return std::unexpected(found.error());
    const auto spendable = spendable_of(*found, sender.url);
    if (!spendable) return std::unexpected(spendable.error());
    auto notes = choose_notes(*spendable, *cost, options.from);
    if (!notes) return std::unexpected(notes.error());
    auto inputs = with_paths(sender.url, *notes);
    if (!inputs) return std::unexpected(inputs.error());

    phoenix::Order order;
    order.chain_id = found->chain.id;
    order.receiver = draft.receiver.value_or(key.public_key());
    order.value = draft.value;
    order.type = !draft.receiver || draft.shows_value ? phoenix::NoteType::transparent : phoenix::NoteType::obfuscated;
    order.deposit = draft.deposit;
    order.gas_limit = gas_limit;
    order.gas_price = options.gas_price;
    if (draft.data) order.data = draft.data(order.chain_id, phoenix::token_of(phoenix::nullifiers_of(key, *inputs)));
    order.inputs = std::move(*inputs);
    auto built = phoenix::build(key, std::move(order), base::system_random);
    if (!built) return std::unexpected(of_building(built.error()));
    return std::move(*built);
}

Result<ledger::Transaction> proven(const ProofSource& source, phoenix::Unproven unproven) {
    auto circuit = unproven.witness.encode();
    auto proof = make_proof(source, circuit);
    crypto::wipe(circuit);
    if (!proof) return std::unexpected(proof.error());
    return std::move(unproven).with(std::move(*proof));
}

/// A call that fails would cost its whole limit, so it is not sent.
Result<void> check_call(const SendOptions& options, const Sender& sender, const ShieldedDraft& draft,
                        const ledger::Transaction& tx) {
    if (tx.call() == nullptr || options.gas_limit != 0) return {};
    const auto simulated = client::simulate(sender.url, tx.encode(ledger::Envelope::aegis));
    if (!simulated) return std::unexpected(simulated.error());
    if (!simulated->error) return {};
    std::optional<std::string> better;
    if (draft.explain) better = draft.explain(*simulated->error, tx);
    const auto why = better ? *better : "the simulation fails: " + *simulated->error;
    if (options.dry_run) {
        put_error("warning: " + why);
        return {};
    }
    return failure(Error::Kind::refused, why + "; nothing was sent (--gas-limit sends it all the same)");
}

}  // namespace

CLI::Option* add_shielded(CLI::App& command, ShieldedOptions& options, bool is_choice) {
    CLI::Option* const nonce = command.get_option("--nonce");
    CLI::Option* shielded = nullptr;
    if (is_choice) {
        shielded = command.add_flag("--shielded", options.is_on,
                                    "Pay from the notes of the sender's Phoenix address; change and unspent gas come "
                                    "back as notes");
        shielded->excludes(nonce);
    } else {
        command.remove_option(nonce);  // notes have none
    }
    auto flags = add_prover(command, options.prover, true);
    flags.push_back(add_state_file(command, options.state_file));
    if (shielded == nullptr) return nullptr;
    for (auto* flag : flags) flag->needs(shielded);
    return shielded;
}

int send_notes(const SendOptions& options, const ShieldedOptions& shielded, const Sender& sender,
               const ShieldedDraft& draft) {
    const auto failed = [](const Error& error) { return complain(exit_code_of(error), error.text); };
    const auto source = proof_source(shielded.prover, options.node);
    if (!source) return failed(source.error());
    auto unproven = make(options, shielded, sender, draft);
    if (!unproven) return failed(unproven.error());
    const auto tx = proven(*source, std::move(*unproven));
    if (!tx) return failed(tx.error());
    if (const auto checked = check_call(options, sender, draft, *tx); !checked) return failed(checked.error());
    return send(options, sender.url, *tx);
}

}  // namespace rues::app
