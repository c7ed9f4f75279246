#pragma once

#include <string>

#include "base/encoding.hpp"
#include "phoenix/circuits/transaction.hpp"
#include "support/recorded.hpp"

/// The two recorded inputs of circuits: a request to a node's prover, and Rusk's own test file (tests/data/README.md).
namespace rues::phoenix::recorded_inputs {

inline base::Bytes bytes(std::size_t inputs) {
    const std::string name = inputs == 1 ? "tx_circuit_one_input.hex" : "tx_circuit_four_inputs.hex";
    std::string hex = recorded::read_file(std::string(RUES_TEST_DATA) + "/prover/" + name);
    hex.erase(hex.find_last_not_of('\n') + 1);
    return base::from_hex(hex).value();
}

inline TransactionWitness witness(std::size_t inputs) {
    return TransactionWitness::decode(bytes(inputs)).value();
}

}  // namespace rues::phoenix::recorded_inputs
