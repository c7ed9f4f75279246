#include "phoenix/verification.hpp"

#include <cstdlib>

#include "ledger/circuits.hpp"
#include "plonk/verifier.hpp"

namespace rues::phoenix {
namespace {

std::vector<plonk::VerifierData> decoded(std::span<const ByteView> all) {
    std::vector<plonk::VerifierData> out;
    for (const ByteView each : all) {
        auto data = plonk::VerifierData::decode(each);
        if (!data) std::abort();  // the bytes are a part of the program
        out.push_back(std::move(*data));
    }
    return out;
}

std::vector<ByteView> data_of_network() {
    std::vector<ByteView> out;
    for (const auto& each : ledger::transaction_circuits()) out.push_back(each.verifier_data);
    return out;
}

/// The circuit for this many nullifiers, decoded once; null: there is none.
const plonk::VerifierData* circuit(std::size_t nullifiers, Keys keys) {
    const auto& all = [keys]() -> const std::vector<plonk::VerifierData>& {
        if (keys == Keys::network) {
            static const auto kNetwork = decoded(data_of_network());
            return kNetwork;
        }
        static const auto kDeveloper = decoded(ledger::developer_verifier_data());
        return kDeveloper;
    }();
    return nullifiers >= 1 && nullifiers <= all.size() ? &all[nullifiers - 1] : nullptr;
}

/// A decoded proof, which is still to be checked.
struct Claim {
    std::size_t index = 0;
    const plonk::VerifierData* data = nullptr;
    plonk::Proof proof;
    std::vector<Fr> inputs;
};

}  // namespace

ByteView verifier_data(std::size_t nullifiers) noexcept {
    const auto all = ledger::transaction_circuits();
    return nullifiers >= 1 && nullifiers <= all.size() ? all[nullifiers - 1].verifier_data : ByteView();
}

std::vector<bool> verify_proofs(std::span<const ledger::Transaction* const> transactions, plonk::Version version,
                                const std::optional<ByteArray<32>>& seed, Keys keys) {
    std::vector<bool> out(transactions.size(), false);
    std::vector<Claim> claims;
    claims.reserve(transactions.size());
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        const ledger::Phoenix& body = *transactions[i]->phoenix();
        const auto* data = circuit(body.nullifiers.size(), keys);
        if (data == nullptr) continue;
        auto inputs = public_inputs(*transactions[i]);
        auto proof = plonk::Proof::decode(body.proof);
        if (inputs && proof) claims.push_back({i, data, *proof, std::move(*inputs)});
    }
    if (!seed || claims.size() < 2) {
        for (const Claim& claim : claims)
            out[claim.index] = plonk::verify(*claim.data, claim.proof, claim.inputs, version);
        return out;
    }
    std::vector<plonk::ProofItem> items;
    items.reserve(claims.size());
    for (const Claim& claim : claims) items.push_back({claim.data, &claim.proof, claim.inputs, version});
    const auto good = plonk::verify_batch(items, *seed);
    for (std::size_t i = 0; i < claims.size(); ++i) out[claims[i].index] = good[i];
    return out;
}

}  // namespace rues::phoenix
