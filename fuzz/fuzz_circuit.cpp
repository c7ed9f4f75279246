#include <cstdlib>

#include "phoenix/circuits/transaction.hpp"

/// Inputs of the transaction circuits from foreign bytes: nothing crashes, and an input that decodes gives as many
/// values as the circuit has witnesses.
namespace {

using namespace rues;

constexpr std::size_t kWitnesses[] = {62'253, 94'037, 125'821, 157'605};  // docs/reference/phoenix-and-plonk.md 4.6

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto decoded = phoenix::TransactionWitness::decode(std::as_bytes(std::span(data, size)));
    if (!decoded) {
        require(decoded.error().text == "InvalidData" || decoded.error().text.starts_with("BadLength("));
        return 0;
    }
    const std::size_t inputs = decoded->inputs.size();
    require(inputs >= 1 && inputs <= phoenix::kMaxInputs);
    const auto built = phoenix::compose(*decoded, plonk::Composer::Record::values);
    require(built.assignment.witnesses.size() == kWitnesses[inputs - 1] &&
            built.assignment.inputs.size() == 28 + inputs);
    return 0;
}
