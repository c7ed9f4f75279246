#pragma once

#include "crypto/hash.hpp"
#include "crypto/poseidon.hpp"
#include "crypto/schnorr.hpp"
#include "phoenix/circuits/transaction.hpp"

/// A transaction whose secrets the test knows, for numbers of inputs of which none is recorded.
namespace rues::phoenix::made {

using crypto::JubJubPoint;

inline Fl secret(std::string_view name, std::size_t index = 0) {
    return crypto::hash_to_fl(base::view(std::string(name) + std::to_string(index)));
}

inline CircuitInput input(std::size_t index, const Fr& payload_hash) {
    const Fl key = secret("note", index), nonce = secret("nonce", index);
    CircuitInput out;
    out.note.type = NoteType::obfuscated;
    out.note.pos = index;
    JubJubAffine& note_key = out.note.stealth_address.note_key;
    note_key = (crypto::jubjub_generator() * key).affine();
    out.note_key_nums = (crypto::jubjub_nums_generator() * key).affine();
    out.value = 1'000 + index;
    out.value_blinder = secret("blinder", index);
    out.nullifier = crypto::poseidon_hash(std::array{out.note_key_nums.u, out.note_key_nums.v, Fr(index)});
    out.nonce = (crypto::jubjub_generator() * nonce).affine();
    out.nonce_nums = (crypto::jubjub_nums_generator() * nonce).affine();
    const Fl challenge = crypto::poseidon_truncated(
        std::array{out.nonce.u, out.nonce.v, out.nonce_nums.u, out.nonce_nums.v, note_key.u, note_key.v, payload_hash});
    out.signature = nonce - challenge * key;
    return out;
}

inline CircuitOutput output(std::size_t index, std::uint64_t value, const TransactionWitness& of) {
    CircuitOutput out;
    out.value = value;
    out.value_blinder = secret("output blinder", index);
    out.value_commitment = value_commitment(value, out.value_blinder).affine();
    out.note_key = (crypto::jubjub_generator() * secret("receiver", index)).affine();
    out.sender_blinder_a = secret("k_A", index);
    out.sender_blinder_b = secret("k_B", index);
    out.sender = encrypt_sender(of.sender, out.note_key, out.sender_blinder_a, out.sender_blinder_b);
    return out;
}

/// The inputs are the first leaves of the tree.
inline void put_into_tree(TransactionWitness& witness) {
    CircuitOpening opening;
    for (std::size_t i = 0; i < witness.inputs.size(); ++i) {
        const CircuitInput& input = witness.inputs[i];
        const JubJubAffine& key = input.note.stealth_address.note_key;
        const JubJubAffine value = value_commitment(input.value, input.value_blinder).affine();
        opening.branch.back()[i] =
            crypto::poseidon_hash(std::array{Fr(1), value.u, value.v, key.u, key.v, Fr(input.note.pos)});
    }
    for (std::size_t h = kTreeDepth - 1; h > 0; --h)
        opening.branch[h - 1][0] = crypto::poseidon_node(opening.branch[h]);
    opening.root = crypto::poseidon_node(opening.branch[0]);
    witness.root = opening.root;
    for (std::size_t i = 0; i < witness.inputs.size(); ++i) {
        witness.inputs[i].opening = opening;
        witness.inputs[i].opening.positions.back() = static_cast<std::uint32_t>(i);
    }
}

inline TransactionWitness witness(std::size_t inputs) {
    TransactionWitness out = TransactionWitness::blank(inputs);
    out.payload_hash = Fr(77);
    const Fl a = secret("a"), b = secret("b");
    out.sender.a = (crypto::jubjub_generator() * a).affine();
    out.sender.b = (crypto::jubjub_generator() * b).affine();
    const auto sign = [&](const Fl& key, std::string_view nonce) {
        const auto signature = crypto::schnorr_sign(key, out.payload_hash, secret(nonce));
        return TransactionWitness::Signature{signature.u, signature.nonce.affine()};
    };
    out.signature_a = sign(a, "nonce of a");
    out.signature_b = sign(b, "nonce of b");
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < inputs; ++i) {
        out.inputs[i] = input(i, out.payload_hash);
        total += out.inputs[i].value;
    }
    put_into_tree(out);
    out.max_fee = 20;
    out.deposit = 3;
    out.outputs[0] = output(0, 400, out);
    out.outputs[1] = output(1, total - 400 - out.max_fee - out.deposit, out);
    return out;
}

}  // namespace rues::phoenix::made
