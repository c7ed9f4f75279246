#pragma once

#include <vector>

#include "base/error.hpp"
#include "phoenix/note.hpp"
#include "phoenix/transaction.hpp"
#include "plonk/composer/composer.hpp"

/// The circuits of Phoenix transactions (docs/reference/phoenix-and-plonk.md 4): one for each number of inputs from 1
/// to 4, always with two outputs.
namespace rues::phoenix {

inline constexpr std::size_t kOutputs = 2;
inline constexpr std::size_t kTreeDepth = 17;

/// The path to a note in the tree of notes: the children of each node on the path, the root's first.
struct CircuitOpening {
    Fr root;
    std::array<std::array<Fr, 4>, kTreeDepth> branch{};
    std::array<std::uint32_t, kTreeDepth> positions{};  ///< the child on the path, 0 to 3
};

/// A note that is spent. The circuit uses only the type, the position and the key of `note`.
struct CircuitInput {
    CircuitOpening opening;
    Note note;
    JubJubAffine note_key_nums;  ///< note_pk', the note's secret times G'
    std::uint64_t value = 0;
    Fl value_blinder;
    Fr nullifier;
    Fl signature;                    ///< u of the double signature
    JubJubAffine nonce, nonce_nums;  ///< its R and R'
};

/// A note that is made, and the sender's address encrypted for its owner.
struct CircuitOutput {
    std::uint64_t value = 0;
    JubJubAffine value_commitment;
    Fl value_blinder;
    JubJubAffine note_key;
    EncryptedSender sender;
    Fl sender_blinder_a, sender_blinder_b;  ///< k of each half
};

/// All values of a transaction that its proof needs: the network's `TxCircuitVec`. Holds secrets, and wipes them when
/// it is dropped.
struct TransactionWitness {
    std::vector<CircuitInput> inputs;
    std::array<CircuitOutput, kOutputs> outputs;
    Fr payload_hash;
    Fr root;
    std::uint64_t deposit = 0;
    std::uint64_t max_fee = 0;
    PublicKey sender;
    struct Signature {
        Fl u;
        JubJubAffine nonce;
    };
    Signature signature_a, signature_b;

    TransactionWitness() = default;
    TransactionWitness(TransactionWitness&&) noexcept = default;
    TransactionWitness& operator=(TransactionWitness&&) = delete;
    TransactionWitness(const TransactionWitness&) = delete;
    TransactionWitness& operator=(const TransactionWitness&) = delete;
    ~TransactionWitness();

    /// A witness of zeros with so many inputs. It satisfies no circuit; it serves to compose a circuit without values.
    static TransactionWitness blank(std::size_t inputs);
    /// The bytes that wallets post to a prover (docs/reference/phoenix-and-plonk.md 4.5). Bytes after the last field
    /// are ignored, as the network does. The text of the error is the network's: `BadLength(found, expected)` or
    /// `InvalidData`. All points are in the prime subgroup, all scalars canonical.
    static base::Result<TransactionWitness> decode(base::ByteView bytes);
    /// The same bytes. They are secret, and the caller wipes them.
    base::Bytes encode() const;
};

/// Builds the circuit of a transaction, and its values. REQUIRES: the witness has 1 to 4 inputs.
plonk::Composer::Built compose(const TransactionWitness& witness,
                               plonk::Composer::Record record = plonk::Composer::Record::gates_and_values);

/// The circuit alone. REQUIRES: inputs is 1 to 4.
plonk::Circuit transaction_circuit(std::size_t inputs);

}  // namespace rues::phoenix
