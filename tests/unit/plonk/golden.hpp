#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <sstream>
#include <stdexcept>

#include "base/encoding.hpp"
#include "ledger/circuits.hpp"
#include "plonk/verifier.hpp"
#include "support/recorded.hpp"

/// Recorded proofs (tests/data/plonk) and the circuits they are of.
namespace rues::plonk::golden {

/// A proof with its public inputs, as bytes.
struct Statement {
    base::Bytes proof;
    base::Bytes inputs;  ///< 32 bytes each

    std::vector<Fr> values() const {
        std::vector<Fr> out;
        for (std::size_t at = 0; at < inputs.size(); at += 32)
            out.push_back(*Fr::from_bytes(base::to_array<32>(base::ByteView(inputs).subspan(at, 32))));
        return out;
    }
};

/// A proof of a recorded transaction, which spends this number of notes.
struct Recorded : Statement {
    std::size_t notes = 0;
};

inline std::vector<Recorded> transactions() {
    std::istringstream lines(recorded::read_file(RUES_TEST_DATA "/plonk/transactions.txt"));
    std::vector<Recorded> out;
    std::size_t notes = 0;
    for (std::string proof, inputs; lines >> notes >> proof >> inputs;)
        out.push_back({{*base::from_hex(proof), *base::from_hex(inputs)}, notes});
    if (out.empty()) throw std::runtime_error("there are no recorded proofs");
    return out;
}

/// The verifier data of the circuit that spends this number of notes.
inline const VerifierData& circuit(std::size_t notes) {
    static const auto all = [] {
        std::vector<VerifierData> out;
        for (const auto& each : ledger::transaction_circuits())
            out.push_back(VerifierData::decode(each.verifier_data).value());
        return out;
    }();
    return all.at(notes - 1);
}

/// A circuit with gates of every kind and a reference string of its own, with a proof of each version.
struct SmallCircuit {
    VerifierData data;
    std::vector<std::pair<Version, Statement>> proofs;
};

inline const SmallCircuit& small_circuit() {
    static const auto all = [] {
        std::istringstream lines(recorded::read_file(RUES_TEST_DATA "/plonk/small_circuit.txt"));
        std::string data;
        lines >> data;
        SmallCircuit out{VerifierData::decode(*base::from_hex(data)).value(), {}};
        unsigned version = 0;
        for (std::string proof, inputs; lines >> version >> proof >> inputs;)
            out.proofs.push_back(
                {Version{static_cast<std::uint8_t>(version - 1)}, {*base::from_hex(proof), *base::from_hex(inputs)}});
        return out;
    }();
    return all;
}

inline bool holds(const VerifierData& data, const Statement& statement, Version version) {
    const auto proof = Proof::decode(statement.proof);
    return proof && verify(data, *proof, statement.values(), version);
}

inline base::ByteArray<32> seed() {
    base::ByteArray<32> out;
    out.fill(std::byte{7});
    return out;
}

/// Statements of any circuits that can go into one batch. Keeps what the items point to.
class Batch {
public:
    void add(const VerifierData& data, Proof proof, std::vector<Fr> inputs, Version version) {
        const Owned& owned = owned_.emplace_back(std::move(proof), std::move(inputs));
        items_.push_back({&data, &owned.proof, owned.inputs, version});
    }
    void add(const VerifierData& data, const Statement& statement, Version version) {
        add(data, Proof::decode(statement.proof).value(), statement.values(), version);
    }
    std::vector<bool> verify() const { return verify_batch(items_, seed()); }

private:
    struct Owned {
        Proof proof;
        std::vector<Fr> inputs;
    };
    std::deque<Owned> owned_;
    std::vector<ProofItem> items_;
};

}  // namespace rues::plonk::golden
