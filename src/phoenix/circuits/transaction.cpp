#include "phoenix/circuits/transaction.hpp"

#include "plonk/composer/hash.hpp"

namespace rues::phoenix {
namespace {

using plonk::Composer;
using plonk::FixedBase;
using plonk::Witness;
using plonk::WitnessPoint;

const FixedBase& generator() {
    static const FixedBase base(crypto::jubjub_generator());
    return base;
}

const FixedBase& nums_generator() {
    static const FixedBase base(crypto::jubjub_nums_generator());
    return base;
}

/// Converts a scalar to the element of Fr with the same integer.
Fr fr(const Fl& scalar) {
    return *Fr::from_bytes(scalar.bytes());  // l is below r
}

/// The gates of docs/reference/phoenix-and-plonk.md 4.4, in the order of the network's own circuit: the order is
/// part of the circuit's identity.
class Program {
public:
    Program(Composer& to, const TransactionWitness& witness) : to_(to), witness_(witness) {}

    void run() {
        payload_hash_ = to_.append_public(witness_.payload_hash);
        root_ = to_.append_public(witness_.root);
        for (const CircuitInput& input : witness_.inputs) append_input(input);
        for (const CircuitOutput& output : witness_.outputs) append_output(output);
        append_balance();
        append_sender();
    }

private:
    struct InputCells {
        Witness nullifier, type, position, value, blinder, signature;
        WitnessPoint key, key_nums, nonce, nonce_nums;
    };

    void append_input(const CircuitInput& input) {
        InputCells cells;
        cells.nullifier = to_.append_public(input.nullifier);
        cells.key = to_.append(input.note.stealth_address.note_key);
        cells.key_nums = to_.append(input.note_key_nums);
        cells.type = to_.append(Fr(static_cast<std::uint64_t>(input.note.type)));
        cells.position = to_.append(Fr(input.note.pos));
        cells.value = to_.append(Fr(input.value));
        cells.blinder = to_.append(fr(input.value_blinder));
        cells.signature = to_.append(fr(input.signature));
        cells.nonce = to_.append(input.nonce);
        cells.nonce_nums = to_.append(input.nonce_nums);

        assert_owner(cells);
        const Witness nullifier = append_hash(to_, std::array{cells.key_nums.u, cells.key_nums.v, cells.position});
        to_.assert_equal(nullifier, cells.nullifier);
        to_.assert_64_bits(cells.value);
        in_ = sum(in_, cells.value);
        const WitnessPoint commitment = commit(cells.value, cells.blinder);
        const Witness leaf = append_hash(
            to_, std::array{cells.type, commitment.u, commitment.v, cells.key.u, cells.key.v, cells.position});
        to_.assert_equal(append_opening(input.opening, leaf), root_);
    }

    /// Asserts the double signature of the payload: the signer knows the secret of both keys of the note.
    void assert_owner(const InputCells& cells) {
        const Witness challenge =
            append_truncated_hash(to_, std::array{cells.nonce.u, cells.nonce.v, cells.nonce_nums.u, cells.nonce_nums.v,
                                                  cells.key.u, cells.key.v, payload_hash_});
        const WitnessPoint signer = schnorr_sum(cells.signature, generator(), challenge, cells.key);
        const WitnessPoint signer_nums = schnorr_sum(cells.signature, nums_generator(), challenge, cells.key_nums);
        to_.assert_equal(cells.nonce, signer);
        to_.assert_equal(cells.nonce_nums, signer_nums);
    }

    WitnessPoint schnorr_sum(Witness signature, const FixedBase& base, Witness challenge, const WitnessPoint& key) {
        const WitnessPoint of_signature = to_.multiply(signature, base);
        return to_.add(of_signature, to_.multiply(challenge, key));
    }

    WitnessPoint commit(Witness value, Witness blinder) {
        const WitnessPoint of_value = to_.multiply(value, generator());
        return to_.add(of_value, to_.multiply(blinder, nums_generator()));
    }

    Witness sum(Witness a, Witness b) { return to_.add({.l = Fr(1), .r = Fr(1), .a = a, .b = b}); }

    struct Level {
        std::array<Witness, 4> on_the_way, children;
    };

    Level append_level(const std::array<Fr, 4>& children, std::uint32_t position) {
        Level out;
        for (std::size_t i = 0; i < children.size(); ++i) {
            out.on_the_way[i] = to_.append(Fr(i == position ? 1 : 0));
            out.children[i] = to_.append(children[i]);
            to_.assert_boolean(out.on_the_way[i]);
        }
        const auto& bits = out.on_the_way;
        const Witness three = to_.add({.l = Fr(1), .r = Fr(1), .f = Fr(1), .a = bits[0], .b = bits[1], .d = bits[2]});
        to_.assert_constant(sum(three, bits[3]), Fr(1));
        return out;
    }

    /// Computes the root from the leaf and its siblings.
    Witness append_opening(const CircuitOpening& opening, Witness leaf) {
        std::vector<Level> levels;  // the lowest first
        levels.reserve(kTreeDepth);
        for (std::size_t h = kTreeDepth; h-- > 0;)
            levels.push_back(append_level(opening.branch[h], opening.positions[h]));
        Witness node = leaf;
        for (const Level& level : levels) {
            for (std::size_t i = 0; i < level.children.size(); ++i) {
                const Witness child = to_.multiply(level.on_the_way[i], level.children[i]);
                to_.assert_equal(child, to_.multiply(level.on_the_way[i], node));
            }
            node = append_hash(to_, level.children, crypto::PoseidonDomain::merkle4);
        }
        return node;
    }

    void append_output(const CircuitOutput& output) {
        const Witness value = to_.append(Fr(output.value));
        const WitnessPoint commitment = to_.append_public(output.value_commitment);
        const Witness blinder = to_.append(fr(output.value_blinder));
        to_.assert_64_bits(value);
        out_ = sum(out_, value);
        to_.assert_equal(commitment, commit(value, blinder));
    }

    /// Asserts that the inputs are worth the outputs, the fee and the deposit together.
    void append_balance() {
        const Witness max_fee = to_.append_public(Fr(witness_.max_fee));
        const Witness deposit = to_.append_public(Fr(witness_.deposit));
        out_ = to_.add({.l = Fr(1), .r = Fr(1), .f = Fr(1), .a = out_, .b = max_fee, .d = deposit});
        to_.assert_equal(in_, out_);
    }

    struct SignatureCells {
        Witness u;
        WitnessPoint nonce;
    };

    SignatureCells append(const TransactionWitness::Signature& signature) {
        const Witness u = to_.append(fr(signature.u));
        return {u, to_.append(signature.nonce)};
    }

    void assert_signed(const WitnessPoint& key, const SignatureCells& signature) {
        const Witness challenge =
            append_truncated_hash(to_, std::array{signature.nonce.u, signature.nonce.v, key.u, key.v, payload_hash_});
        to_.assert_equal(signature.nonce, schnorr_sum(signature.u, generator(), challenge, key));
    }

    /// Asserts that the sender knows both secrets of the address that is encrypted for the owners of the outputs.
    void append_sender() {
        const WitnessPoint a = to_.append(witness_.sender.a);
        const WitnessPoint b = to_.append(witness_.sender.b);
        const SignatureCells signature_a = append(witness_.signature_a);
        const SignatureCells signature_b = append(witness_.signature_b);
        assert_signed(a, signature_a);
        assert_signed(b, signature_b);
        std::array<WitnessPoint, kOutputs> keys;
        for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = to_.append_public(witness_.outputs[i].note_key);
        std::array<std::array<Witness, 2>, kOutputs> blinders;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            blinders[i][0] = to_.append(fr(witness_.outputs[i].sender_blinder_a));
            blinders[i][1] = to_.append(fr(witness_.outputs[i].sender_blinder_b));
        }
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const CircuitOutput& output = witness_.outputs[i];
            const CipherCells of_a = encrypt(a, keys[i], blinders[i][0]);
            const CipherCells of_b = encrypt(b, keys[i], blinders[i][1]);
            assert_public(of_a, output.sender.a);
            assert_public(of_b, output.sender.b);
        }
    }

    struct CipherCells {
        WitnessPoint c1, c2;
    };

    CipherCells encrypt(const WitnessPoint& plain, const WitnessPoint& key, Witness blinder) {
        const WitnessPoint shared = to_.multiply(blinder, key);
        const WitnessPoint c1 = to_.multiply(blinder, generator());
        return {c1, to_.add(plain, shared)};
    }

    void assert_public(const CipherCells& cells, const EncryptedSender::Half& expected) {
        to_.assert_constant(cells.c1.u, Fr(), expected.nonce.u);
        to_.assert_constant(cells.c1.v, Fr(), expected.nonce.v);
        to_.assert_constant(cells.c2.u, Fr(), expected.masked.u);
        to_.assert_constant(cells.c2.v, Fr(), expected.masked.v);
    }

    Composer& to_;
    const TransactionWitness& witness_;
    Witness payload_hash_, root_;
    Witness in_ = Composer::kZero, out_ = Composer::kZero;
};

}  // namespace

plonk::Composer::Built compose(const TransactionWitness& witness, Composer::Record record) {
    Composer composer(record);
    Program(composer, witness).run();
    return std::move(composer).finish();
}

plonk::Circuit transaction_circuit(std::size_t inputs) {
    return compose(TransactionWitness::blank(inputs)).circuit;
}

}  // namespace rues::phoenix
