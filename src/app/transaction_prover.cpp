#include "app/transaction_prover.hpp"

#include "phoenix/circuits/transaction.hpp"
#include "plonk/prover/prover.hpp"

namespace rues::app {
namespace {

/// About the time that making the developers' keys takes. The network's take longer; then clients ask again.
constexpr unsigned kSecondsForKeys = 5;

struct DecodedCircuit final : api::Prover::Request {
    explicit DecodedCircuit(phoenix::TransactionWitness from) : witness(std::move(from)) {}
    phoenix::TransactionWitness witness;
};

/// `decode` makes every request that comes back.
const phoenix::TransactionWitness& witness_of(const api::Prover::Request& request) {
    return static_cast<const DecodedCircuit&>(request).witness;
}

}  // namespace

base::Result<std::unique_ptr<api::Prover::Request>> TransactionProver::decode(base::ByteView circuit) const {
    auto witness = phoenix::TransactionWitness::decode(circuit);
    if (!witness) return std::unexpected(witness.error());
    return std::make_unique<DecodedCircuit>(std::move(*witness));
}

std::optional<unsigned> TransactionProver::seconds_until_ready(const Request& request) {
    if (keys_->of(witness_of(request).inputs.size())) return std::nullopt;
    return kSecondsForKeys;
}

bool TransactionProver::wait_until_ready(const Request& request) {
    return keys_->wait_for(witness_of(request).inputs.size()) != nullptr;
}

base::Result<base::Bytes> TransactionProver::prove(const Request& request, const std::function<bool()>& go_on) {
    const auto& witness = witness_of(request);
    const auto key = keys_->of(witness.inputs.size());
    if (!key) return base::failure(base::Error::Kind::io, "the prover's keys are not ready");
    crypto::Secret<base::ByteArray<plonk::Blinders::kBytes>> random;
    if (!random_(*random)) return base::failure(base::Error::Kind::io, "the system has no random numbers");
    const auto built = phoenix::compose(witness, plonk::Composer::Record::values);
    const auto proof = plonk::prove(*key, built.assignment, plonk::Blinders(*random), plonk::Version::v3,
                                    {keys_->engine(), executor_, [&go_on](plonk::ProverStep) { return go_on(); }});
    if (!proof) return std::unexpected(proof.error());
    const auto bytes = proof->encode();
    return base::Bytes(bytes.begin(), bytes.end());
}

}  // namespace rues::app
