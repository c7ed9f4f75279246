#include "phoenix/circuits/building.hpp"

#include <fmt/format.h>

#include "crypto/schnorr.hpp"
#include "phoenix/circuits/opening.hpp"

namespace rues::phoenix {
namespace {

using base::Error;

std::unexpected<Error> wrong_order(std::string text) {
    return base::failure(Error::Kind::invalid, std::move(text));
}

/// Draws secret numbers. A source that fails makes `failed` true for good.
class Drawing {
public:
    explicit Drawing(const base::RandomSource& source) : source_(source) {}

    crypto::Secret<Fl> scalar() {
        crypto::Secret<ByteArray<64>> wide;
        draw(*wide);
        return crypto::Secret(Fl::from_wide(*wide));
    }
    ByteArray<12> nonce() {
        ByteArray<12> out{};
        draw(out);
        return out;
    }
    bool failed() const noexcept { return failed_; }

private:
    void draw(std::span<std::byte> out) { failed_ = failed_ || !source_(out); }

    const base::RandomSource& source_;
    bool failed_ = false;
};

/// A note that the transaction makes, and its values for the circuit.
struct Made {
    Note note;
    crypto::Secret<CircuitOutput> output;
};

Made make_note(const PublicKey& receiver, const PublicKey& sender, std::uint64_t value, NoteType type, Drawing& draw) {
    const auto random = draw.scalar();
    const auto blinder = type == NoteType::obfuscated ? draw.scalar() : crypto::Secret<Fl>();
    const auto random_a = draw.scalar();
    const auto random_b = draw.scalar();
    const auto address = receiver.stealth_address(*random);
    CircuitOutput output;
    output.sender = encrypt_sender(sender, address.note_key, *random_a, *random_b);
    Made out;
    out.note = type == NoteType::obfuscated
                   ? obfuscated_note(receiver, *random, value, *blinder, draw.nonce(), output.sender)
                   : transparent_note(address, value, output.sender);
    output.value_commitment = out.note.value_commitment;
    output.note_key = address.note_key;
    *out.output = output;
    out.output->value = value;
    out.output->value_blinder = *blinder;
    out.output->sender_blinder_a = *random_a;
    out.output->sender_blinder_b = *random_b;
    return out;
}

/// The amounts of an order, none of which overflows.
struct Amounts {
    std::uint64_t max_fee = 0;
    std::uint64_t change = 0;
};

std::expected<Amounts, Error> amounts_of(const Order& order, std::span<const Opened> opened) {
    const auto add = [](std::uint64_t& sum, std::uint64_t more) { return !__builtin_add_overflow(sum, more, &sum); };
    Amounts out;
    std::uint64_t held = 0;
    bool fits = !__builtin_mul_overflow(order.gas_limit, order.gas_price, &out.max_fee);
    for (const Opened& input : opened) fits = fits && add(held, input.value);
    std::uint64_t needed = order.value;
    fits = fits && add(needed, order.deposit) && add(needed, out.max_fee);
    if (!fits) return wrong_order("the amounts are too large");
    if (held < needed) return wrong_order(fmt::format("the notes have {} LUX, and {} are needed", held, needed));
    out.change = held - needed;
    return out;
}

/// Opens the notes of the order, and checks that they can be spent together.
std::expected<std::vector<Opened>, Error> opened_inputs(const SecretKey& key, const Order& order) {
    const std::size_t count = order.inputs.size();
    if (count < 1 || count > kMaxInputs)
        return wrong_order(fmt::format("a transaction spends 1 to {} notes, not {}", kMaxInputs, count));
    const ViewKey view = key.view_key();
    std::vector<Opened> out;
    for (const auto& [note, opening] : order.inputs) {
        const auto opened = view.owns(note.stealth_address) ? open(note, view) : std::nullopt;
        if (!opened) return wrong_order(fmt::format("note {} does not belong to the key", note.pos));
        if (!leads_to_root(opening, note) || opening.root != order.inputs[0].opening.root)
            return wrong_order(fmt::format("note {} is not in the tree of the others", note.pos));
        out.push_back(*opened);
    }
    return out;
}

/// The values of an input, without its signature.
void put_values(CircuitInput& out, const SpendableNote& from, const Opened& opened, const Fl& note_secret) {
    out.opening = from.opening;
    out.note = from.note;
    out.note_key_nums = (crypto::jubjub_nums_multiples() * note_secret).affine();
    out.value = opened.value;
    out.value_blinder = opened.blinder;
    out.nullifier = nullifier(note_secret, from.note.pos);
}

/// The values that a transaction publishes as the circuit has them.
void put_values(ledger::Phoenix& out, const TransactionWitness& witness) {
    out.root = witness.root.bytes();
    for (const CircuitInput& input : witness.inputs) out.nullifiers.push_back(input.nullifier.bytes());
    out.max_fee = witness.max_fee;
    out.deposit = witness.deposit;
}

void sign(TransactionWitness& witness, const SecretKey& key, Drawing& draw) {
    for (CircuitInput& input : witness.inputs) {
        const auto note_secret = key.note_secret(input.note.stealth_address);
        const auto signature = crypto::schnorr_sign_double(*note_secret, witness.payload_hash, *draw.scalar());
        input.signature = signature.u;
        input.nonce = signature.nonce.affine();
        input.nonce_nums = signature.nonce_nums.affine();
    }
    const auto random_a = draw.scalar();
    const auto random_b = draw.scalar();
    const auto [a, b] = key.sign(witness.payload_hash, *random_a, *random_b);
    witness.signature_a = {a.u, a.nonce.affine()};
    witness.signature_b = {b.u, b.nonce.affine()};
}

}  // namespace

ledger::Transaction Unproven::with(base::Bytes proof) && {
    body.proof = std::move(proof);
    return ledger::Transaction(std::move(body));
}

base::Result<Unproven> build(const SecretKey& key, Order order, const base::RandomSource& random) {
    const auto opened = opened_inputs(key, order);
    if (!opened) return std::unexpected(opened.error());
    const auto amounts = amounts_of(order, *opened);
    if (!amounts) return std::unexpected(amounts.error());
    Drawing draw(random);
    const PublicKey own = key.public_key();
    const Made transfer = make_note(order.receiver, own, order.value, order.type, draw);
    const Made change = make_note(own, own, amounts->change, NoteType::obfuscated, draw);

    Unproven out{{}, TransactionWitness::blank(order.inputs.size())};
    TransactionWitness& witness = out.witness;
    for (std::size_t i = 0; i < order.inputs.size(); ++i)
        put_values(witness.inputs[i], order.inputs[i], (*opened)[i],
                   *key.note_secret(order.inputs[i].note.stealth_address));
    witness.outputs = {*transfer.output, *change.output};
    witness.root = order.inputs[0].opening.root;
    witness.deposit = order.deposit;
    witness.max_fee = amounts->max_fee;
    witness.sender = own;

    put_values(out.body, witness);
    out.body.chain_id = order.chain_id;
    out.body.outputs[0] = transfer.note.bytes();
    out.body.outputs[1] = change.note.bytes();
    out.body.gas_limit = order.gas_limit;
    out.body.gas_price = order.gas_price;
    // The network refuses another refund address than that of the change (docs/reference/phoenix-and-plonk.md 3.8).
    out.body.fee_stealth_address = change.note.stealth_address.bytes();
    const auto random_a = draw.scalar();
    const auto random_b = draw.scalar();
    out.body.fee_sender = encode_sender(encrypt_sender(own, change.output->note_key, *random_a, *random_b));
    out.body.data = std::move(order.data);
    witness.payload_hash = payload_hash(ledger::Transaction(out.body));
    sign(witness, key, draw);
    if (draw.failed()) return base::failure(Error::Kind::io, "the system has no random numbers");
    return out;
}

std::vector<Fr> nullifiers_of(const SecretKey& key, std::span<const SpendableNote> inputs) {
    std::vector<Fr> out;
    out.reserve(inputs.size());
    for (const auto& [note, opening] : inputs)
        out.push_back(nullifier(*key.note_secret(note.stealth_address), note.pos));
    return out;
}

}  // namespace rues::phoenix
