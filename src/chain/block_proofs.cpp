#include "chain/block_proofs.hpp"

#include "phoenix/transaction.hpp"
#include "phoenix/verification.hpp"

namespace rues::chain {

void check_proofs_ahead(const vm::Machine& machine, const BlockContext& context,
                        std::span<const ledger::Transaction* const> transactions) {
    const auto version = vm::plonk_version({.chain_id = context.chain_id, .height = context.height});
    std::vector<vm::ProofQuestion> questions;
    for (const auto* tx : transactions) {
        const auto* body = tx->phoenix();
        if (body == nullptr) continue;
        const auto verifier = phoenix::verifier_data(body->nullifiers.size());
        auto inputs = phoenix::public_inputs(*tx);
        if (verifier.empty() || !inputs) continue;  // the contract does not ask
        questions.push_back({verifier, body->proof, std::move(*inputs), version});
    }
    machine.host_queries().proofs().check_ahead(questions);
}

}  // namespace rues::chain
